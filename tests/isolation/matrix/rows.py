"""One marked row of every table for a shop, made from what the columns declare.

Register in `LINKS` what a column refers to without a foreign key, in `VALUES` a column that needs a value of its own,
and in `MAKERS` a table whose row only a command can make.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from isolation.matrix.owners import Party
from sqlalchemy import CheckConstraint, Column, Table
from sqlalchemy.dialects.postgresql import JSONB
from support.importing import commit, csv_bytes

from alliance.migrations.metadata import METADATA
from alliance.platform.centre.plates import register_plates
from alliance.platform.grading.reasons import REASONS
from alliance.platform.kernel.columns import Visibility
from alliance.platform.kernel.crypto import field_context, seal
from alliance.platform.kernel.files import store_file
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.importing.problems import Problem
from alliance.tenants.importing.starting import map_import, start_import
from alliance.tenants.importing.states import ImportKind

# Fresh enough that no retention takes the rows away.
MOMENT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
# Shared rows that belong to one shop; those of alliances, accounts and sites are tested where they are made.
SHOP_OWNED = {Visibility.SHOP}
# Columns that name a row without a foreign key to it (see `orders.models` for why).
LINKS = {
    "order_id": "tenants.orders",
    "order_line_id": "tenants.order_line",
    "customer_id": "tenants.customer",
    "variant_id": "tenants.variant",
    "product_id": "tenants.product",
    "return_id": "tenants.returns",
    "return_line_id": "tenants.return_line",
    "unit_id": "tenants.unit",
    "batch_id": "tenants.batch",
    "import_id": "tenants.import",
    "job_id": "platform.job",
    "photo_file_id": "platform.file",
    "file_id": "platform.file",
}
# Sealed under the shop's own key; all others are under the key of the row's customer.
SEALED_UNDER_SHOP = {"tenants.import_problem.value_sealed"}
Maker = Callable[[Services, Party], dict[str, Any]]
VALUES: dict[str, Callable[[Party], Any]] = {
    "currency": lambda _party: "CNY",
    "timezone": lambda _party: "Asia/Shanghai",
    "locale": lambda _party: "zh_CN",
    "erased_at": lambda _party: None,
    "resold_at": lambda _party: None,
    "undone_at": lambda _party: None,
    "total_minor": lambda _party: 19_900,
    "quantity": lambda _party: 1,
    "max_attempts": lambda _party: 3,
    "tenants.return_line.reason": lambda _party: next(iter(REASONS)),
    "tenants.return_line.found_reason": lambda _party: next(iter(REASONS)),
    "tenants.unit.plate": lambda party: party.rows["platform.licence_plate"]["plate"],
    "tenants.import_problem_group.code": lambda _party: next(iter(Problem)).value,
    "platform.job.name": lambda _party: "alliance.platform.kernel.files.sweeping:sweep_blobs",
    "platform.job.error": lambda _party: None,
    "platform.job.state": lambda _party: "done",
    "platform.job.scope": lambda party: party.scope.to_payload(),
    "platform.outbox_event.state": lambda _party: "done",
    "platform.outbox_event.scope": lambda party: party.scope.to_payload(),
}


def tenant_tables() -> list[Table]:
    """Every declared table of `tenants`, parents first."""
    return [table for table in METADATA.sorted_tables if table.schema == "tenants"]


def shop_tables() -> list[Table]:
    """Every declared table that holds rows of one shop, parents first."""
    return [t for t in METADATA.sorted_tables if t.schema == "tenants" or t.info.get("visibility") in SHOP_OWNED]


def seed(services: Services, party: Party) -> None:
    """Give the shop one marked row of every table, written by the app login in the shop's own scope."""
    for table in _linked_order(shop_tables()):
        party.rows[table.fullname] = _make(services, party, table)


def build_row(services: Services, party: Party, table: Table) -> dict[str, Any]:
    """A complete row of the table for the shop, not stored; what it refers to must be seeded already."""
    row: dict[str, Any] = {}
    for column in sorted(table.columns, key=lambda column: _is_sealed(column)):
        value = _value(services, party, column, row)
        if value is not None:
            row[column.name] = value
    return row


def _make(services: Services, party: Party, table: Table) -> dict[str, Any]:
    if table.fullname in MAKERS:
        return MAKERS[table.fullname](services, party)
    row = build_row(services, party, table)
    with unit_of_work(services, party.scope) as uow:
        uow.session.execute(table.insert(), [row])
    return row


def _value(services: Services, party: Party, column: Column[Any], row: dict[str, Any]) -> Any:
    for name in (f"{column.table.fullname}.{column.name}", column.name):
        if name in VALUES:
            return VALUES[name](party)
    if column.name == "shop_id":
        return party.id
    if _is_sealed(column):
        return _sealed(services, party, column, row)
    target = _target(column)
    if target is not None and target in party.rows:
        return party.rows[target]["id"]
    return _plain(party, column)


def _plain(party: Party, column: Column[Any]) -> Any:
    kind = JSONB if isinstance(column.type, JSONB) else column.type.python_type
    if kind is str:
        return _known_code(column) or f"{party.mark}.{column.table.name}.{column.name}"
    if kind is UUID:
        return None if column.nullable else new_id()
    plain: dict[Any, Any] = {
        JSONB: {"mark": f"{party.mark}.{column.table.name}.{column.name}"},
        int: None if column.nullable else 0,
        bool: False,
        datetime: MOMENT,
        date: MOMENT.date(),
        bytes: party.mark.encode(),
        float: 0.5,
    }
    if kind not in plain:
        raise LookupError(
            f"no value for {column.table.fullname}.{column.name}: add one to isolation.matrix.rows.VALUES"
        )
    return plain[kind]


def _known_code(column: Column[Any]) -> str | None:
    """The first value that a CHECK of `code_check` allows; a deadline or an error stays empty where it may."""
    for constraint in column.table.constraints:
        if isinstance(constraint, CheckConstraint):
            match = re.search(rf"\b{column.name} IN \('([^']*)'", str(constraint.sqltext))
            if match:
                return match[1]
    return None


def _target(column: Column[Any]) -> str | None:
    for key in column.table.foreign_key_constraints:
        if column.name in key.column_keys and column.name != "shop_id":
            return key.referred_table.fullname
    return LINKS.get(column.name)


def _is_sealed(column: Column[Any]) -> bool:
    return column.name.endswith("_sealed")


def _sealed(services: Services, party: Party, column: Column[Any], row: dict[str, Any]) -> bytes:
    """A marked text under the key of the row's customer or of the shop, as the rooms seal it."""
    name = f"{column.table.fullname}.{column.name}"
    text = f"{party.mark}.{column.table.name}.{column.name}".encode()
    if name in SEALED_UNDER_SHOP:
        return seal(services.keys.shop_key(party.id), text, field_context(party.id, None, name))
    subject = row["id"] if column.table.name == "customer" else party.rows["tenants.customer"]["id"]
    key = services.keys.create_subject_key(party.id, subject)
    return seal(key, text, field_context(party.id, subject, name))


def _linked_order(tables: list[Table]) -> list[Table]:
    """Parents first, those that only `LINKS` knows included; shared rows before the shop's."""
    left = sorted(tables, key=lambda table: table.schema or "")
    done: list[Table] = []
    while left:
        names = {table.fullname for table in left}
        ready = next((t for t in left if not ({_target(c) for c in t.columns} & (names - {t.fullname}))), None)
        if ready is None:
            raise LookupError(f"these tables refer to each other in a ring: {sorted(names)}")
        left.remove(ready)
        done.append(ready)
    return done


def _make_file(services: Services, party: Party) -> dict[str, Any]:
    with unit_of_work(services, party.scope) as uow:
        content = BytesIO(f"{party.mark}.file.content".encode())
        row = store_file(uow, stream=content, name=f"{party.mark}.csv", content_type="text/csv")
        return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def _make_plate(services: Services, party: Party) -> dict[str, Any]:
    with unit_of_work(services, party.scope) as uow:
        plate = register_plates(uow, count=1)[0]
    party.secrets.add(plate)
    return {"plate": plate, "shop_id": party.id, "created_at": MOMENT}


def _make_import(services: Services, party: Party) -> dict[str, Any]:
    """A committed import with a good and a bad row, so that its report, its problems and its file have marks."""
    content = csv_bytes(
        "订单号,SKU,商品名称,数量,单价,下单时间,顾客姓名",
        f"{party.mark}.row.1,{party.mark}.row.sku,{party.mark}.row.title,1,199.00,2026-10-01,{party.mark}.row.name",
        f"{party.mark}.row.2,{party.mark}.row.sku,{party.mark}.row.title,{party.mark}.row.quantity,199.00,2026-10-01,",
    )
    with unit_of_work(services, party.scope) as uow:
        stored = store_file(uow, stream=BytesIO(content), name=f"{party.mark}.import.csv", content_type="text/csv")
    with unit_of_work(services, party.scope) as uow:
        row = start_import(uow, file_id=stored.id, kind=ImportKind.ORDERS)
    with unit_of_work(services, party.scope) as uow:
        map_import(uow, row.id, columns=[])
    done = commit(services, party.shop, row.id)
    return {column.name: getattr(done, column.name) for column in done.__table__.columns}


MAKERS: dict[str, Maker] = {
    "platform.file": _make_file,
    "platform.licence_plate": _make_plate,
    "tenants.import": _make_import,
}
