"""Return rates by product: the same definition as the shop's, for many products at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.catalog.models import Variant
from alliance.tenants.insights.intervals import Share, wilson
from alliance.tenants.insights.kpis import COUNTED, is_reported, months_between
from alliance.tenants.insights.months import Month
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnLine


def return_rates_of_products(
    uow: UnitOfWork, ids: Collection[UUID], *, first: Month, last: Month, zone: str
) -> Mapping[UUID, Share]:
    """Returned units / sold units of each product, for orders placed in these months, in three queries.

    A product is not there where nothing of it was sold, more came back than was reported sold, or the shop has never
    reported a return. Refuses the months that `months_between` refuses.
    """
    require(uow, Permission.KPIS_READ)
    months = months_between(first, last)
    if not ids or not is_reported(uow):
        return {}
    start, end = months[0].start(zone), months[-1].next().start(zone)
    sold = _sold(uow, ids, start, end)
    returned = _returned(uow, ids, start, end)
    shares = {key: wilson(returned.get(key, 0), n) for key, n in sold.items() if returned.get(key, 0) <= n}
    return {key: share for key, share in shares.items() if share is not None}


def _sold(uow: UnitOfWork, ids: Collection[UUID], start: datetime, end: datetime) -> dict[UUID, int]:
    statement = (
        select(Variant.product_id, func.sum(OrderLine.quantity))
        .join(OrderLine, (OrderLine.shop_id == Variant.shop_id) & (OrderLine.variant_id == Variant.id))
        .join(Order, (Order.shop_id == OrderLine.shop_id) & (Order.id == OrderLine.order_id))
        .where(Variant.shop_id == uow.scope.shop, Variant.product_id.in_(list(ids)))
        .where(Order.shop_id == uow.scope.shop, Order.complete, Order.placed_at >= start, Order.placed_at < end)
        .group_by(Variant.product_id)
    )
    return {key: int(units) for key, units in uow.session.execute(statement)}


def _returned(uow: UnitOfWork, ids: Collection[UUID], start: datetime, end: datetime) -> dict[UUID, int]:
    statement = (
        select(Variant.product_id, func.sum(ReturnLine.quantity))
        .join(ReturnLine, (ReturnLine.shop_id == Variant.shop_id) & (ReturnLine.variant_id == Variant.id))
        .join(Return, (Return.shop_id == ReturnLine.shop_id) & (Return.id == ReturnLine.return_id))
        .join(Order, (Order.shop_id == Return.shop_id) & (Order.id == Return.order_id))
        .where(Variant.shop_id == uow.scope.shop, Variant.product_id.in_(list(ids)))
        .where(Return.shop_id == uow.scope.shop, Return.authorisation.in_(COUNTED))
        .where(Order.shop_id == uow.scope.shop, Order.complete, Order.placed_at >= start, Order.placed_at < end)
        .group_by(Variant.product_id)
    )
    return {key: int(units) for key, units in uow.session.execute(statement)}
