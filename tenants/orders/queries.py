"""Reading orders and their lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.kernel.lookups import rows_by_id, rows_by_parent
from alliance.platform.kernel.paging import Key, Page, PageRequest, list_page
from alliance.platform.kernel.searching import Prefix, search_text
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.orders.models import Order, OrderLine

LATEST = [Key(Order.placed_at, descending=True), Key(Order.id, descending=True)]


def list_orders(uow: UnitOfWork, *, request: PageRequest, search: str | None = None) -> Page[Order]:
    """The shop's orders, latest first; `search` is the beginning of an order number."""
    require(uow, Permission.ORDERS_READ)
    statement = select_orders(uow.scope.shop, Prefix(search_text(search)))
    return list_page(uow.session, statement, order=LATEST, request=request, map_row=lambda row: row[0])


def select_orders(shop_id: Any, search: Prefix) -> Select[Order]:
    """The shop's orders that a search finds; `shop_id` is a value or a parameter."""
    statement = select(Order).where(Order.shop_id == shop_id)
    return statement.where(search.begins(Order.number)) if search.text else statement


def get_order(uow: UnitOfWork, *, order_id: UUID) -> Order:
    """One order of the shop. NotFoundError for another shop's and for none."""
    require(uow, Permission.ORDERS_READ)
    found = find_orders_by_ids(uow, [order_id]).get(order_id)
    if found is None:
        raise NotFoundError
    return found


def find_orders_by_ids(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, Order]:
    """The shop's orders among `ids`, in one query."""
    return rows_by_id(uow, Order, ids)


def find_lines_of_orders(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, list[OrderLine]]:
    """The lines of each order, in the order they came, in one query."""
    return rows_by_parent(uow, OrderLine, "order_id", ids)
