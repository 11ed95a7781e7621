"""A first import of many rows: joins must not go through the whole chunk for each of its orders."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from support.actors import make_shop
from support.importing import check, commit, count, csv_bytes

from alliance.platform.kernel.services import Services
from alliance.tenants.importing.committing import MANY_ROWS
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.orders.models import Order, OrderLine

SETTING = "SET LOCAL enable_nestloop = off"


def brought(services: Services, rows: int) -> tuple[tuple[int, ...], bool]:
    """How many orders and lines came of so many rows, and whether the planner was told that they are many."""
    shop = make_shop(services)
    lines = [f"{n:06},A-{n % 7},T,1,199.00,2026-10-01" for n in range(rows)]
    checked = check(services, shop, csv_bytes("订单号,SKU,商品名称,数量,单价,下单时间", *lines), kind=ImportKind.ORDERS)
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", note)
    try:
        commit(services, shop, checked.id)
    finally:
        event.remove(services.database.engine, "before_cursor_execute", note)
    return count(services, shop, Order, OrderLine), SETTING in sent


def test_many_rows_are_joined_whole(services: Services):
    assert brought(services, MANY_ROWS) == ((MANY_ROWS, MANY_ROWS), True)


def test_few_rows_are_looked_up_one_by_one(services: Services):
    assert brought(services, 3) == ((3, 3), False)
