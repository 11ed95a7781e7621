"""What several migrations need: policies, privileges and append-only tables, from what the models declare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alembic import op
from sqlalchemy import text

from alliance.platform.kernel import rls
from alliance.platform.kernel.columns import Base


def create_tables(*models: type[Base], privileges: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Create each model's table with its policies, and grant the app login what it may do with it.

    Only for tables that no later migration changes before the first release; a change of a released table is
    written out in its own migration.
    """
    tables: list[Any] = [model.__table__ for model in models]
    for table in tables:
        table.create(op.get_bind())
    # A policy may look into another table of the same call, so all tables come first.
    for table in tables:
        execute_all(rls.statements(table))
        op.execute(f'GRANT {privileges} ON {table.schema}."{table.name}" TO {role("app")}')


def drop_tables(*models: type[Base]) -> None:
    """Drop the tables again, in reverse order; their policies first, since one may look into another table."""
    tables: list[Any] = [model.__table__ for model in models]
    for table in tables:
        execute_all(f"DROP POLICY {policy} ON {rls.full_name(table)}" for policy in rls.policies(table))
    for table in reversed(tables):
        table.drop(op.get_bind())


def append_only(model: type[Base]) -> None:
    """Refuse every UPDATE, DELETE and TRUNCATE of a shared table, whoever asks; withheld privileges bind only the app.

    Needs `platform.refuse_change()`, which migration 0003 makes.
    """
    table: Any = model.__table__
    name = f'{table.schema}."{table.name}"'
    for trigger, deeds, level in (("row", "UPDATE OR DELETE", "ROW"), ("all", "TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER append_only_{trigger} BEFORE {deeds} ON {name} "
            f"FOR EACH {level} EXECUTE FUNCTION platform.refuse_change()"
        )


def role(kind: str) -> str:
    """The quoted login of this database: `<database>_app`, `<database>_pool`, `<database>_migrator`."""
    database = op.get_bind().execute(text("SELECT current_database()")).scalar_one()
    return '"' + role_name(database, kind).replace('"', '""') + '"'


def role_name(database: str, kind: str) -> str:
    """The login's name as the set-up makes it."""
    return f"{database}_{kind}"


def execute_all(statements: Iterable[str]) -> None:
    """Run plain DDL statements in order."""
    for statement in statements:
        op.execute(statement)
