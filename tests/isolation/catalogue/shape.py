"""The shape of tables: keys that begin with the shop, types whose comparison leaks nothing, references that point down.

The same shape lets the tables be distributed by shop without being changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from isolation.catalogue.reading import TABLES, Catalogue, rule

# Equality and order of these are leakproof, or (jsonb) they are never compared: a policy costs none of their indexes.
PLAIN_TYPES = {
    "uuid",
    "text",
    "smallint",
    "integer",
    "bigint",
    "boolean",
    "timestamp with time zone",
    "date",
    "double precision",
    "bytea",
    "jsonb",
    "text[]",
    "uuid[]",
}
# A text column whose name ends like this holds a code of a closed list, so a CHECK must hold the list.
CODE_ENDINGS = (
    "state",
    "status",
    "grade",
    "disposition",
    "authorisation",
    "logistics",
    "inspection",
    "settlement",
    "wish",
    "resellability",
    "responsibility",
    "role",
    "scope_kind",
)
OPEN_CODES = {"tenants.returns.platform_status": "the sales platform's own words, shown as they came"}
# What may be in a unique key of the whole installation without saying something about another owner.
GLOBAL_KEYS = {
    "platform.licence_plate.pk_licence_plate": "plates are random, so a clash says nothing about a shop",
    "platform.login_session.uq_login_session_token_hash": "SHA-256 of a random token",
    "platform.known_device.uq_known_device_token_hash": "SHA-256 of a random token",
    "platform.file.uq_file_path": "paths are random",
    "platform.event_receipt.pk_event_receipt": "the made id of an event, and a handler",
}
OWNER_COLUMN = {"shop": "shop_id", "alliance": "alliance_id", "account": "account_id", "site": "site_id"}
DOWN = {"platform": {"platform"}, "pool": {"pool", "platform"}, "tenants": {"tenants", "pool", "platform"}}

KEYS = f"""
SELECT t.name AS table, t.schema, i.relname AS name, x.indisprimary AS is_primary, x.indisunique AS is_unique,
       (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = x.indkey[0]) AS first,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = t.oid AND a.attnum = ANY (x.indkey)) AS columns
FROM ({TABLES}) t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
"""
REFERENCES = f"""
SELECT t.name AS table, t.schema, k.conname AS name, r.relname AS other, n.nspname AS other_schema,
       k.confdeltype::text || k.confupdtype::text AS actions, k.convalidated AS validated,
       (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) AS first,
       (SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid AND attnum = k.confkey[1]) AS other_first
FROM ({TABLES}) t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
"""
COLUMNS = f"""
SELECT t.name AS table, t.schema, a.attname AS column, a.attnum AS number, a.attnotnull AS required,
       a.attidentity <> '' AS identity, format_type(a.atttypid, a.atttypmod) AS type,
       EXISTS (SELECT 1 FROM pg_constraint k
               WHERE k.conrelid = t.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey)) AS checked,
       (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
        WHERE d.adrelid = t.oid AND d.adnum = a.attnum) AS value
FROM ({TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
"""


@rule
def a_shop_row_begins_with_its_shop(catalogue: Catalogue) -> Iterator[str]:
    """`shop_id` is the first column of a shop's table, a uuid that is never NULL and has no default."""
    owned = {row.table for row in catalogue.rows(COLUMNS) if row.column == "shop_id" and row.number == 1}
    for name in catalogue.names(f"SELECT name FROM ({TABLES}) t WHERE schema = 'tenants'"):
        if name not in owned:
            yield f"{name}: shop_id is not its first column"
    for row in catalogue.rows(f"{COLUMNS} WHERE t.schema = 'tenants' AND a.attname = 'shop_id'"):
        if (row.type, row.required, row.value) != ("uuid", True, None):
            yield f"{row.table}.shop_id: is {row.type}, required {row.required}, default {row.value}"


@rule
def keys_of_a_shop_begin_with_the_shop(catalogue: Catalogue) -> Iterator[str]:
    """Primary, unique and plain indexes alike: nothing is unique across shops, every look-up is within one."""
    found = catalogue.rows(f"{KEYS} WHERE t.schema = 'tenants'")
    for row in found:
        if row.first != "shop_id":
            yield f"{row.table}.{row.name}: begins with {row.first or 'an expression'}, not with shop_id"
    keyed = {row.table for row in found if row.is_primary}
    for name in catalogue.names(f"SELECT name FROM ({TABLES}) t WHERE schema = 'tenants'"):
        if name not in keyed:
            yield f"{name}: has no primary key"


@rule
def shared_keys_carry_their_owner(catalogue: Catalogue) -> Iterator[str]:
    """A unique key of a table that its owners write themselves holds the owner, else a clash tells about another's row.

    A primary key of one made id is exempt: nobody can guess it, and nobody chooses it.
    """
    for row in catalogue.rows(f"{KEYS} WHERE t.schema = 'platform' AND x.indisunique"):
        table = catalogue.metadata.tables.get(row.table)
        owner = OWNER_COLUMN.get(str(table.info.get("visibility"))) if table is not None else None
        if owner is None or owner in row.columns or (row.is_primary and row.columns == ["id"]):
            continue
        if f"{row.table}.{row.name}" not in GLOBAL_KEYS:
            yield f"{row.table}.{row.name}: unique over all owners; put {owner} into it or give a reason in GLOBAL_KEYS"


@rule
def references_of_a_shop_stay_in_the_shop(catalogue: Catalogue) -> Iterator[str]:
    """A foreign key of a shop's row begins with `shop_id` on both sides; a check of it passes policies by."""
    for row in catalogue.rows(f"{REFERENCES} WHERE t.schema = 'tenants'"):
        wanted = "id" if (row.other_schema, row.other) == ("platform", "shop") else "shop_id"
        if row.first != "shop_id" or row.other_first != wanted:
            yield f"{row.table}.{row.name}: refers by {row.first} to {row.other_schema}.{row.other}.{row.other_first}"


@rule
def references_point_down(catalogue: Catalogue) -> Iterator[str]:
    """A shared row never refers to a shop's; a pooled one never either. Each reference has been validated."""
    for row in catalogue.rows(REFERENCES):
        if row.other_schema not in DOWN[row.schema]:
            yield f"{row.table}.{row.name}: points up to {row.other_schema}.{row.other}"
        if not row.validated:
            yield f"{row.table}.{row.name}: was never validated"


@rule
def deletes_do_not_spread_beyond_a_shop(catalogue: Catalogue) -> Iterator[str]:
    """CASCADE and SET NULL pass policies by, so they are allowed only where both rows are of one shop."""
    for row in catalogue.rows(REFERENCES):
        within = row.schema == row.other_schema == "tenants" and row.first == row.other_first == "shop_id"
        if not within and set(row.actions) - {"a", "r"}:
            yield f"{row.table}.{row.name}: spreads deletes or updates past the policies"


@rule
def columns_have_plain_types(catalogue: Catalogue) -> Iterator[str]:
    """No numeric, enum, domain, range or naive time in a shop's table: money is bigint, codes are text."""
    for row in catalogue.rows(f"{COLUMNS} WHERE t.schema = 'tenants'"):
        if row.type not in PLAIN_TYPES:
            yield f"{row.table}.{row.column}: has the type {row.type}"
    for row in catalogue.rows(COLUMNS):
        if row.column.endswith("_minor") and row.type != "bigint":
            yield f"{row.table}.{row.column}: money must be bigint minor units, not {row.type}"


@rule
def codes_are_checked(catalogue: Catalogue) -> Iterator[str]:
    """A code of a closed list is text with a CHECK, since an enum's `=` is not leakproof."""
    for row in catalogue.rows(COLUMNS):
        name = f"{row.table}.{row.column}"
        if row.type == "text" and row.column.endswith(CODE_ENDINGS) and not row.checked and name not in OPEN_CODES:
            yield f"{name}: is a code without a CHECK; add `code_check` or give a reason in OPEN_CODES"


@rule
def indexes_compare_without_leaking(catalogue: Catalogue) -> Iterator[str]:
    """Every operator of a shop's index is leakproof; else its condition is tried after the policy and it is useless."""
    query = f"""
    SELECT DISTINCT t.name || '.' || i.relname, p.proname
    FROM ({TABLES}) t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
    CROSS JOIN LATERAL unnest(x.indclass) AS used(opclass)
    JOIN pg_opclass o ON o.oid = used.opclass
    JOIN pg_amop m ON m.amopfamily = o.opcfamily AND m.amoplefttype = o.opcintype AND m.amoprighttype = o.opcintype
    JOIN pg_operator q ON q.oid = m.amopopr JOIN pg_proc p ON p.oid = q.oprcode
    WHERE t.schema = 'tenants' AND NOT p.proleakproof
    """
    for index, function in catalogue.rows(query):
        yield f"{index}: compares by {function}, which is not leakproof"


@rule
def ids_tell_no_volume(catalogue: Catalogue) -> Iterator[str]:
    """No sequence and no identity column anywhere: a shop would read off how much the others do."""
    for row in catalogue.rows(COLUMNS):
        if row.identity or "nextval" in (row.value or ""):
            yield f"{row.table}.{row.column}: counts up"
    yield from catalogue.names(
        "SELECT n.nspname || '.' || c.relname || ': is a sequence' FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND c.relpersistence <> 't'"
    )
