"""The migrated database against what the models would make: column by column, constraint by constraint."""

from __future__ import annotations

from collections.abc import Iterator

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from isolation.catalogue.reading import FLOORS, Catalogue, rule

PREFIX = "twin_"
# Every part of a table as PostgreSQL prints it; comments and policies are compared elsewhere.
PARTS = """
SELECT c.relname || ' column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' required' ELSE '' END
       || coalesce(' collate ' || nullif(l.collname, 'default'), '')
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') AS part
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'p')
UNION ALL SELECT c.relname || ' constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid
WHERE c.relnamespace = to_regnamespace(:schema) AND k.contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL SELECT c.relname || ' index ' || pg_get_indexdef(x.indexrelid)
FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid WHERE c.relnamespace = to_regnamespace(:schema)
"""


@rule
def models_tell_the_truth(catalogue: Catalogue) -> Iterator[str]:
    """Tables, columns, types, defaults, CHECKs, keys and indexes are those the models declare, no more and no fewer."""
    with catalogue.connection.begin_nested() as savepoint:
        for schema in FLOORS:
            catalogue.connection.exec_driver_sql(f"CREATE SCHEMA {PREFIX}{schema}")
        translated = {schema: PREFIX + schema for schema in FLOORS}
        twin = catalogue.connection.execution_options(schema_translate_map=translated)
        catalogue.metadata.create_all(twin)
        twin.execution_options(schema_translate_map=None)
        wanted = {f"{schema}: {part}" for schema in FLOORS for part in _parts(catalogue, PREFIX + schema)}
        savepoint.rollback()
    found = {f"{schema}: {part}" for schema in FLOORS for part in _parts(catalogue, schema)}
    yield from (f"only in the database: {part}" for part in found - wanted)
    yield from (f"only in the models: {part}" for part in wanted - found)


@rule
def migrations_leave_nothing_to_do(catalogue: Catalogue) -> Iterator[str]:
    """Alembic's own comparison finds no difference between the models and the migrated database."""
    options = {
        "include_schemas": True,
        "version_table": "schema_version",
        "version_table_schema": "public",
        "include_name": lambda name, kind, _parents: kind != "schema" or name in FLOORS,
        "compare_type": True,
        "compare_server_default": True,
    }
    context = MigrationContext.configure(catalogue.connection, opts=options)
    yield from (repr(difference) for difference in compare_metadata(context, catalogue.metadata))


def _parts(catalogue: Catalogue, schema: str) -> list[str]:
    return [part.replace(PREFIX, "") for part in catalogue.names(PARTS, schema=schema)]
