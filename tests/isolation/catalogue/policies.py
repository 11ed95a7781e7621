"""Row-level security: on, forced, and by exactly the policies that the generator makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from isolation.catalogue.reading import TABLES, Catalogue, rule
from sqlalchemy import Table

from alliance.platform.kernel import rls

EXPECTED = "expected_"
POLICIES = """
SELECT p.polname AS name, p.polcmd::text AS command, p.polpermissive AS permissive, p.polroles::oid[]::text AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS checking
FROM pg_policy p WHERE p.polrelid = :oid
"""


@rule
def policies_are_forced(catalogue: Catalogue) -> Iterator[str]:
    """ENABLE and FORCE on every table, also a partition: it can be addressed directly, and its own policy counts."""
    for row in catalogue.rows(TABLES):
        if not row.relrowsecurity:
            yield f"{row.name}: row-level security is not enabled"
        if not row.relforcerowsecurity:
            yield f"{row.name}: row-level security is not forced"


@rule
def policies_are_generated(catalogue: Catalogue) -> Iterator[str]:
    """A table's policies equal the generator's for what the table declares, as PostgreSQL itself reads both."""
    for row in catalogue.rows(TABLES):
        table = catalogue.metadata.tables.get(row.name)
        if table is None:
            yield f"{row.name}: is declared by no model, so no policy can be generated for it"
        elif row.schema == "platform" and table.info.get("visibility") is None:
            yield f"{row.name}: declares no visibility"
        else:
            yield from _differences(catalogue, table, row.oid)


def _differences(catalogue: Catalogue, table: Table, oid: int) -> Iterator[str]:
    found = {row.name: row[1:] for row in catalogue.rows(POLICIES, oid=oid)}
    names = sorted(rls.policies(table))
    if sorted(found) != names:
        yield f"{table.fullname}: has the policies {sorted(found)} where {names} belong"
        return
    wanted = _as_read(catalogue, table, oid)
    for name in names:
        if found[name] != wanted[name]:
            yield f"{table.fullname}: its policy {name} is {found[name]}, the generator's is {wanted[name]}"


def _as_read(catalogue: Catalogue, table: Table, oid: int) -> dict[str, tuple[Any, ...]]:
    """The generator's policies as PostgreSQL prints them: made beside the real ones, read, and rolled back."""
    with catalogue.connection.begin_nested() as savepoint:
        for name, rules in rls.policies(table).items():
            catalogue.connection.exec_driver_sql(f"CREATE POLICY {EXPECTED}{name} ON {rls.full_name(table)} {rules}")
        read = {row.name: tuple(row[1:]) for row in catalogue.rows(POLICIES, oid=oid)}
        savepoint.rollback()
    return {name: read[EXPECTED + name] for name in rls.policies(table)}
