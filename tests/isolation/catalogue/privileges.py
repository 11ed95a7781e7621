"""What the logins are and may do. Policies bind only who neither owns a table nor stands above them."""

from __future__ import annotations

from collections.abc import Iterator

from isolation.catalogue.reading import FLOORS, OURS, TABLES, Catalogue, rule

# Tables that only grow. Those of `platform` also refuse by trigger, whoever asks.
APPEND_ONLY = {"platform.audit_entry", "tenants.return_event"}
ROW_PRIVILEGES = {"SELECT", "INSERT", "UPDATE", "DELETE"}
# Published releases are the only pooled rows the app may read, and it may only read them.
PUBLISHED: dict[str, str] = {}

GRANTS = f"""
SELECT t.name AS table, t.schema, coalesce(r.rolname, 'PUBLIC') AS grantee, g.privilege_type AS privilege,
       g.is_grantable AS may_pass_on
FROM ({TABLES}) t CROSS JOIN LATERAL aclexplode(coalesce(t.relacl, acldefault('r', t.relowner))) g
LEFT JOIN pg_roles r ON r.oid = g.grantee
UNION ALL
SELECT t.name || '.' || a.attname, t.schema, coalesce(r.rolname, 'PUBLIC'), g.privilege_type, g.is_grantable
FROM ({TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attacl IS NOT NULL
CROSS JOIN LATERAL aclexplode(a.attacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
"""
PUBLIC_GRANTS = f"""
SELECT 'schema ' || n.nspname AS name FROM pg_namespace n, aclexplode(n.nspacl) g WHERE g.grantee = 0 AND {OURS}
UNION SELECT 'relation ' || n.nspname || '.' || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) g WHERE g.grantee = 0 AND {OURS}
UNION SELECT 'column ' || n.nspname || '.' || c.relname || '.' || a.attname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
     aclexplode(a.attacl) g WHERE g.grantee = 0 AND {OURS}
UNION SELECT 'function ' || n.nspname || '.' || p.proname
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,
     aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g WHERE g.grantee = 0 AND {OURS}
UNION SELECT 'database ' || d.datname FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) g
WHERE g.grantee = 0 AND d.datname = current_database()
UNION SELECT 'what is made later' FROM pg_default_acl d, aclexplode(d.defaclacl) g
"""


@rule
def nothing_is_granted_to_everyone(catalogue: Catalogue) -> Iterator[str]:
    """No privilege of PUBLIC on schemas, relations, columns, functions or the database, and no default privileges."""
    yield from (f"{name}: is open to PUBLIC or granted by default" for name in catalogue.names(PUBLIC_GRANTS))


@rule
def logins_have_no_power(catalogue: Catalogue) -> Iterator[str]:
    """The app and the pool login: no superuser, no BYPASSRLS, making neither roles nor databases, in no other role."""
    query = """
    SELECT rolname FROM pg_roles WHERE rolname = ANY (CAST(:names AS text[]))
    AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
    """
    logins = [catalogue.app, catalogue.pool]
    yield from (f"{name}: has a power that passes policies by" for name in catalogue.names(query, names=logins))
    joined = """
    SELECT m.rolname || ': is a member of ' || r.rolname FROM pg_auth_members a
    JOIN pg_roles m ON m.oid = a.member JOIN pg_roles r ON r.oid = a.roleid
    WHERE m.rolname = ANY (CAST(:names AS text[]))
    """
    yield from catalogue.names(joined, names=logins)
    missing = set(logins) - set(
        catalogue.names("SELECT rolname FROM pg_roles WHERE rolname = ANY (CAST(:n AS text[]))", n=logins)
    )
    yield from (f"{name}: there is no such login" for name in missing)


@rule
def the_migrator_stands_above_policies_and_no_higher(catalogue: Catalogue) -> Iterator[str]:
    """BYPASSRLS, so that a foreign key added later is really validated; and no superuser."""
    row = catalogue.rows("SELECT rolbypassrls, rolsuper FROM pg_roles WHERE rolname = :n", n=catalogue.migrator)
    if [tuple(found) for found in row] != [(True, False)]:
        yield f"{catalogue.migrator}: must be BYPASSRLS and no superuser"


@rule
def logins_own_nothing(catalogue: Catalogue) -> Iterator[str]:
    """Everything belongs to the migrator: an owner could switch a policy off."""
    query = f"""
    SELECT n.nspname || '.' || c.relname AS name, pg_get_userbyid(c.relowner) AS owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS} AND c.relkind <> 'i'
    UNION ALL SELECT n.nspname || '.' || p.proname, pg_get_userbyid(p.proowner)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {OURS}
    UNION ALL SELECT n.nspname, pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE n.nspname = ANY (:floors)
    UNION ALL SELECT d.datname, pg_get_userbyid(d.datdba) FROM pg_database d WHERE d.datname = current_database()
    """
    for name, owner in catalogue.rows(query, floors=list(FLOORS)):
        if owner != catalogue.migrator:
            yield f"{name}: belongs to {owner}"


@rule
def logins_make_nothing_lasting(catalogue: Catalogue) -> Iterator[str]:
    """No CREATE on any schema or the database; the app alone makes temporary tables, to stage imports."""
    query = f"""
    SELECT r.name || ': may create in ' || n.nspname FROM pg_namespace n, unnest(CAST(:names AS text[])) AS r(name)
    WHERE ({OURS} OR n.nspname = 'public') AND has_schema_privilege(r.name, n.oid, 'CREATE')
    UNION ALL SELECT r.name || ': may create schemas' FROM unnest(CAST(:names AS text[])) AS r(name)
    WHERE has_database_privilege(r.name, current_database(), 'CREATE')
    UNION ALL SELECT p.name || ': may make temporary tables' FROM (SELECT CAST(:pool AS text)) AS p(name)
    WHERE has_database_privilege(p.name, current_database(), 'TEMP')
    """
    yield from catalogue.names(query, names=[catalogue.app, catalogue.pool], pool=catalogue.pool)


@rule
def tables_are_used_by_rows_only(catalogue: Catalogue) -> Iterator[str]:
    """The app selects, inserts, updates, deletes and no more: TRUNCATE and REFERENCES pass policies by. Nobody else."""
    for row in catalogue.rows(GRANTS):
        if row.grantee == catalogue.migrator:
            continue
        if row.grantee not in (catalogue.app, catalogue.pool):
            yield f"{row.table}: {row.privilege} is granted to {row.grantee}"
        if row.privilege not in ROW_PRIVILEGES:
            yield f"{row.table}: {row.grantee} may {row.privilege}"
        if row.may_pass_on:
            yield f"{row.table}: {row.grantee} may pass {row.privilege} on"


@rule
def partitions_are_reached_through_their_parent(catalogue: Catalogue) -> Iterator[str]:
    """No login has a privilege on a partition itself: it would be read without the parent's policy."""
    partitions = set(catalogue.names(f"SELECT name FROM ({TABLES}) t WHERE relispartition"))
    for row in catalogue.rows(GRANTS):
        if row.table in partitions and row.grantee != catalogue.migrator:
            yield f"{row.table}: a partition with {row.privilege} for {row.grantee}"


@rule
def the_pool_never_reads_shops(catalogue: Catalogue) -> Iterator[str]:
    """The pool login can neither enter `tenants` nor do anything with a table of it."""
    if catalogue.names("SELECT 1 WHERE has_schema_privilege(:pool, 'tenants', 'USAGE')", pool=catalogue.pool):
        yield f"{catalogue.pool}: may enter the schema tenants"
    for row in catalogue.rows(GRANTS):
        if row.schema == "tenants" and row.grantee == catalogue.pool:
            yield f"{row.table}: {catalogue.pool} may {row.privilege}"


@rule
def the_app_never_reads_the_pool(catalogue: Catalogue) -> Iterator[str]:
    """Of the pool's tables the app reads published releases and nothing else."""
    for row in catalogue.rows(GRANTS):
        published = row.table in PUBLISHED and row.privilege == "SELECT"
        if row.schema == "pool" and row.grantee == catalogue.app and not published:
            yield f"{row.table}: {catalogue.app} may {row.privilege}"


@rule
def what_only_grows_cannot_be_changed(catalogue: Catalogue) -> Iterator[str]:
    """Append-only tables: the app may add and read. The shared ones refuse every change by trigger as well."""
    granted = catalogue.rows(GRANTS)
    known = set(catalogue.names(f"SELECT name FROM ({TABLES}) t"))
    for name in sorted(APPEND_ONLY - known):
        yield f"{name}: is listed as append-only and is not there"
    for row in granted:
        base = ".".join(row.table.split(".")[:2])
        if base in APPEND_ONLY and row.grantee != catalogue.migrator and row.privilege not in ("SELECT", "INSERT"):
            yield f"{row.table}: {row.grantee} may {row.privilege}"
    query = (
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(:name) AND NOT tgisinternal AND tgenabled = 'O'"
    )
    for name in sorted(APPEND_ONLY & known):
        if name.startswith("platform.") and catalogue.names(query, name=name) != ["2"]:
            yield f"{name}: does not refuse changes by its two triggers"
