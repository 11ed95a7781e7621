"""One row for every table of a database as it stands, whatever the models say by now: migrations must carry rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, Connection, Inspector, MetaData, Table, inspect, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

FLOORS = ("platform", "pool", "tenants")
MOMENT = datetime(2026, 5, 20, 8, 0, tzinfo=UTC)
SHOP = uuid4()
# Values that no rule below finds, by column or schema.table.column; a migration whose tables need one adds it here.
VALUES: dict[str, Any] = {"platform.shop.id": SHOP, "shop_id": SHOP}
PLAIN: dict[type, Callable[[], Any]] = {
    UUID: uuid4,
    str: lambda: "kept through migrations",
    int: lambda: 1,
    bool: lambda: True,
    datetime: lambda: MOMENT,
    bytes: lambda: uuid4().bytes,
    float: lambda: 0.5,
    dict: lambda: {"kept": "through migrations"},
}


def fill(connection: Connection) -> dict[str, int]:
    """Put a row into every table that is empty; answers the number of rows of each table."""
    empty = [name for name, count in counts(connection).items() if count == 0]
    if empty:
        found = MetaData()
        for schema in FLOORS:
            found.reflect(connection, schema=schema, resolve_fks=False)
        for table in found.sorted_tables:
            if table.fullname in empty:
                connection.execute(table.insert(), [_row(connection, table)])
    return counts(connection)


def counts(connection: Connection) -> dict[str, int]:
    """The number of rows of each table."""
    names = connection.exec_driver_sql(
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('platform', 'pool', 'tenants')"
    ).scalars()
    return {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in sorted(names)}


def _row(connection: Connection, table: Table) -> dict[str, Any]:
    codes = _codes(inspect(connection), table)
    row: dict[str, Any] = {}
    for key in table.foreign_key_constraints:
        if any(not column.nullable for column in key.columns):
            parent = connection.execute(select(*[part.column for part in key.elements]).limit(1)).one()
            row |= dict(zip(key.column_keys, parent, strict=True))
    for column in table.columns:
        if column.name not in row:
            row[column.name] = _value(column, codes)
    return row


def _value(column: Column[Any], codes: dict[str, str]) -> Any:
    name = f"{column.table.fullname}.{column.name}"
    for known in (name, column.name):
        if known in VALUES and not (column.nullable and column.name == "shop_id"):
            return VALUES[known]
    if column.name in codes:
        return codes[column.name]
    kind = _kind(column)
    # Dates, numbers and references that may be missing stay so: two of them seldom fit by chance.
    if column.nullable and kind not in (str, dict, bool, bytes):
        return None
    if kind not in PLAIN:
        raise LookupError(f"no value for {name}: add one to tests/migrations/filling.py VALUES")
    return PLAIN[kind]()


def _kind(column: Column[Any]) -> type:
    if isinstance(column.type, JSONB):
        return dict
    return list if isinstance(column.type, ARRAY) else column.type.python_type


def _codes(inspector: Inspector, table: Table) -> dict[str, str]:
    """The first allowed value of each column that a CHECK holds to a list."""
    found = {}
    for check in inspector.get_check_constraints(table.name, schema=table.schema):
        match = re.search(r"(\w+) = ANY \(ARRAY\['([^']*)'", check["sqltext"])
        if match:
            found[match[1]] = match[2]
    return found
