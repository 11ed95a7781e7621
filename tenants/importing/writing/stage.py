"""The temporary tables a chunk goes through. They live as long as the transaction and belong to its connection.

COPY is refused under row-level security, so a chunk is copied into a temporary table and inserted from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from alliance.tenants.importing.staging.chunks import ROW

# Column of the stage table: its type, and the column of the staged frame it is filled from.
_COLUMNS: dict[str, tuple[str, str]] = {
    "row": ("integer", ROW),
    "order_number": ("text", "order_number"),
    "line_key": ("text", "line_key"),
    "placed_at": ("timestamptz", "placed_at"),
    "delivered_at": ("timestamptz", "delivered_at"),
    "order_total": ("bigint", "order_total"),
    "customer_id": ("uuid", "stage_customer_id"),
    "contact_index": ("bytea", "stage_contact_index"),
    "customer_key": ("text", "stage_customer_key"),
    "variant_id": ("uuid", "variant_id"),
    "sku": ("text", "sku"),
    "quantity": ("integer", "quantity"),
    "unit_price": ("bigint", "unit_price"),
    "line_total": ("bigint", "line_total"),
    "is_sale": ("boolean", "is_sale"),
    "is_return": ("boolean", "is_return"),
    "return_number": ("text", "return_number"),
    "return_suffix": ("text", "return_suffix"),
    "return_line_key": ("text", "return_line_key"),
    "return_quantity": ("integer", "return_quantity"),
    "requested_at": ("timestamptz", "requested_at"),
    "received_at": ("timestamptz", "received_at"),
    "resolved_at": ("timestamptz", "resolved_at"),
    "deadline": ("timestamptz", "deadline"),
    "refund": ("bigint", "refund"),
    "return_cost": ("bigint", "return_cost"),
    "handling_cost": ("bigint", "handling_cost"),
    "reason": ("text", "reason"),
    "reason_text": ("text", "reason_text"),
    "wish": ("text", "wish"),
    "authorisation": ("text", "authorisation"),
    "logistics": ("text", "logistics"),
    "settlement": ("text", "settlement"),
    "platform_status": ("text", "platform_status"),
    "waybill": ("text", "waybill"),
    "carrier": ("text", "carrier"),
}
_SALES_ONLY = frozenset({"line_key", "sku", "quantity", "unit_price", "line_total", "return_suffix"})
_TEXTUAL = frozenset({"text", "boolean", "integer"})
_TIME = "%Y-%m-%d %H:%M:%S%.6f+00"
_DEFINITION = ", ".join(f"{name} {kind}" for name, (kind, _source) in _COLUMNS.items())
STAGE, LATER = "alliance_stage", "alliance_stage_later"
LINK = "alliance_link"


def create_stage(session: Session) -> None:
    """Make the temporary tables of this transaction: the chunk, its orders, and the rows that wait for the end."""
    for name in (STAGE, LATER):
        session.info.pop(f"{name}_defaults", None)
    # A sample of a temporary table is enough, and a chunk sorts in memory.
    session.execute(text("SET LOCAL default_statistics_target = 10"))
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    for name in (STAGE, LATER):
        session.execute(
            text(
                f"CREATE TEMP TABLE {name} (n integer GENERATED ALWAYS AS IDENTITY, return_id uuid DEFAULT "
                f"platform.new_id(), {_DEFINITION}) ON COMMIT DROP"
            )
        )
    session.execute(
        text(
            f"CREATE TEMP TABLE {LINK} (n integer, order_id uuid, customer_id uuid, too_early boolean, "
            "order_line_id uuid) ON COMMIT DROP"
        )
    )


def analyze(session: Session, table: str) -> None:
    """Let the planner know what a temporary table holds now; without it a chunk is joined row by row."""
    session.execute(text(f"ANALYZE {table}"))


def clear_stage(session: Session) -> None:
    """Empty the chunk's tables for the next chunk."""
    session.execute(text(f"TRUNCATE {STAGE}, {LINK}"))


def copy_frame(session: Session, frame: pl.DataFrame, *, table: str = STAGE) -> None:
    """Copy a staged frame in its order. Columns that hold nothing, or that no return needs, are not sent.

    A column with one value for the whole chunk becomes the column's default: half of the columns of an export.
    """
    sales = bool(frame["is_sale"].any())
    unneeded = frozenset() if sales or table != STAGE else _SALES_ONLY
    sent: dict[str, str] = {}
    constant: dict[str, str | None] = {}
    for name, (kind, source) in _COLUMNS.items():
        if name in unneeded or source not in frame.columns:
            constant[name] = None
            continue
        column = frame[source]
        if kind in _TEXTUAL and column.n_unique() == 1:
            constant[name] = None if column[0] is None else str(column[0])
        elif column.null_count() < frame.height:
            sent[name] = source
            constant[name] = None
    _set_defaults(session, table, constant)
    copy_columns(session, frame.select(sent.values()), table, list(sent))
    analyze(session, table)


def _set_defaults(session: Session, table: str, constant: Mapping[str, str | None]) -> None:
    """Let rows of a temporary table that do not name a column hold this value; only what changed is set."""
    known: dict[str, str | None] = session.info.setdefault(f"{table}_defaults", {})
    changed = {name: value for name, value in constant.items() if known.get(name) != value}
    if changed:
        drop, keep = sql.SQL("ALTER COLUMN {} DROP DEFAULT"), sql.SQL("ALTER COLUMN {} SET DEFAULT {}")
        parts = [
            drop.format(sql.Identifier(name))
            if value is None
            else keep.format(sql.Identifier(name), sql.Literal(value))
            for name, value in changed.items()
        ]
        statement = sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(table), sql.SQL(", ").join(parts))
        with _driver(session).cursor() as cursor:
            cursor.execute(statement)
        known.update(changed)


def copy_columns(session: Session, frame: pl.DataFrame, table: str, names: list[str]) -> None:
    """Copy columns of a frame into columns of a temporary table by COPY."""
    if not frame.height:
        return
    body = frame.write_csv(include_header=False, datetime_format=_TIME, null_value="").encode()
    columns = ", ".join(names)
    with _driver(session).cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(body)


def affected(session: Session, statement: str, values: Mapping[str, object]) -> int:
    """Run a statement that writes; how many rows it wrote."""
    result: Any = session.execute(text(statement), values)
    return max(int(result.rowcount), 0)


def _driver(session: Session) -> Any:
    """The psycopg connection under the session's transaction."""
    return session.connection().connection.driver_connection
