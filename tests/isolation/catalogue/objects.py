"""What else could stand beside the tables and lead around their policies."""

from __future__ import annotations

from collections.abc import Iterator

from isolation.catalogue.reading import OURS, TABLES, Catalogue, rule

SCHEMAS = {"platform", "tenants", "pool", "public"}
IN_PUBLIC = {"schema_version"}
EXTENSIONS = {"plpgsql"}
# Functions that run with their owner's rights, each with the reason why nothing leaks through it.
DEFINERS: dict[str, str] = {}
FUNCTIONS = {
    "platform.new_id": "ids in order of time, made by the server",
    "platform.refuse_change": "the trigger of append-only tables",
}


@rule
def schemas_are_the_floors(catalogue: Catalogue) -> Iterator[str]:
    """One schema a floor; `public` holds the number of the migration and nothing else."""
    for name in catalogue.names(f"SELECT n.nspname FROM pg_namespace n WHERE {OURS}"):
        if name not in SCHEMAS:
            yield f"{name}: is a schema of no floor"
    query = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i'"
    yield from (f"public.{name}: nothing is kept in public" for name in set(catalogue.names(query)) - IN_PUBLIC)


@rule
def views_look_as_the_reader(catalogue: Catalogue) -> Iterator[str]:
    """A view has `security_invoker`; without it, it reads with its owner's rights and shows every shop."""
    query = f"""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {OURS} AND c.relkind = 'v'
    AND NOT coalesce('security_invoker=true' = ANY (c.reloptions) OR 'security_invoker=on' = ANY (c.reloptions), false)
    """
    yield from (f"{name}: is a view without security_invoker" for name in catalogue.names(query))


@rule
def rows_are_stored_only_in_tables(catalogue: Catalogue) -> Iterator[str]:
    """No materialised view (it has no policies), no foreign table, no inheritance outside partitions."""
    query = f"""
    SELECT n.nspname || '.' || c.relname || ': is a ' || CASE c.relkind WHEN 'm' THEN 'materialised view'
           ELSE 'foreign table' END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS} AND c.relkind IN ('m', 'f')
    UNION ALL SELECT i.inhrelid::regclass || ': inherits' FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind = 'r' AND NOT c.relispartition
    """
    yield from catalogue.names(query)


@rule
def functions_have_the_callers_rights(catalogue: Catalogue) -> Iterator[str]:
    """No SECURITY DEFINER function but the listed ones, and no function that is not known here at all."""
    query = f"""
    SELECT n.nspname || '.' || p.proname AS name, p.prosecdef AS definer, p.proconfig::text AS settings
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {OURS}
    """
    for row in catalogue.rows(query):
        if row.definer and row.name not in DEFINERS:
            yield f"{row.name}: runs with its owner's rights"
        if row.definer and "search_path" not in (row.settings or ""):
            yield f"{row.name}: runs with its owner's rights and the caller's search_path"
        if row.name not in FUNCTIONS and row.name not in DEFINERS:
            yield f"{row.name}: is not in the list of functions; add it there with its use"


@rule
def shops_have_no_triggers(catalogue: Catalogue) -> Iterator[str]:
    """Triggers cannot be distributed and would run on a shop's rows unseen; rewrite rules likewise."""
    query = f"""
    SELECT t.name || '.' || g.tgname || ': is a trigger' FROM ({TABLES}) t
    JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal WHERE t.schema <> 'platform'
    UNION ALL SELECT t.name || '.' || w.rulename || ': is a rewrite rule' FROM ({TABLES}) t
    JOIN pg_rewrite w ON w.ev_class = t.oid
    """
    yield from catalogue.names(query)
    yield from catalogue.names("SELECT evtname || ': is an event trigger' FROM pg_event_trigger")


@rule
def no_enum_types(catalogue: Catalogue) -> Iterator[str]:
    """Codes are text: an enum's `=` is not leakproof, and it cannot be changed in a transaction."""
    query = f"""
    SELECT n.nspname || '.' || t.typname || ': is ' || CASE t.typtype WHEN 'e' THEN 'an enum' ELSE 'a domain' END
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE {OURS} AND t.typtype IN ('e', 'd')
    """
    yield from catalogue.names(query)


@rule
def nothing_leads_out_of_the_database(catalogue: Catalogue) -> Iterator[str]:
    """No extension but the language of the triggers, no foreign server, publication or large object."""
    for name in catalogue.names("SELECT extname FROM pg_extension"):
        if name not in EXTENSIONS:
            yield f"{name}: is an extension that nothing here needs"
    yield from catalogue.names("SELECT srvname || ': is a foreign server' FROM pg_foreign_server")
    yield from catalogue.names("SELECT pubname || ': is a publication' FROM pg_publication")
    yield from catalogue.names("SELECT oid || ': is a large object' FROM pg_largeobject_metadata")
