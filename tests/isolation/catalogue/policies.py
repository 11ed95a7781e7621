"""Row-level security: on, forced, and by exactly the policy that the generator makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from isolation.catalogue.reading import TABLES, Catalogue, rule
from sqlalchemy import Table

from alliance.platform.kernel import rls

EXPECTED = "expected_by_the_catalogue_test"
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
    """One policy a table, equal to the generator's for what the table declares, as PostgreSQL itself reads both."""
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
    if list(found) != [rls.POLICY]:
        yield f"{table.fullname}: has the policies {sorted(found)} where one named {rls.POLICY} belongs"
        return
    wanted = _as_read(catalogue, table, oid)
    if found[rls.POLICY] != wanted:
        yield f"{table.fullname}: its policy is {found[rls.POLICY]}, the generator's is {wanted}"


def _as_read(catalogue: Catalogue, table: Table, oid: int) -> tuple[Any, ...]:
    """The generator's policy as PostgreSQL prints it: made beside the real one, read, and rolled back."""
    statement = rls.statements(table)[-1].replace(f"CREATE POLICY {rls.POLICY} ", f"CREATE POLICY {EXPECTED} ", 1)
    with catalogue.connection.begin_nested() as savepoint:
        catalogue.connection.exec_driver_sql(statement)
        read = next(row[1:] for row in catalogue.rows(POLICIES, oid=oid) if row.name == EXPECTED)
        savepoint.rollback()
    return tuple(read)
