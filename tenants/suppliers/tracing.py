"""Tracing sold pieces to the deliveries they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import TIMESTAMP, Integer, Uuid, Values, column, func, select, update, values
from sqlalchemy.dialects.postgresql import distinct_on

from alliance.platform.audit.record import record
from alliance.platform.kernel.errors import BadInputError, NotFoundError
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.catalog.models import Variant
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.suppliers.models import Batch

MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class OnSale:
    """When the pieces of a batch were sold: from the first moment up to but without the second."""

    batch_id: UUID
    sold_from: datetime
    sold_before: datetime


def assign_batches(uow: UnitOfWork, deliveries: Sequence[OnSale]) -> int:
    """Pieces of each batch's product sold in its time came from it; how many order lines that is.

    Lines that have a batch already keep it; where two deliveries overlap the earlier in the list takes the piece.
    Needs `suppliers:write`. Another shop's batch is a NotFoundError; times the wrong way round and too many at once
    are BadInputErrors. Either nothing or all is written.
    """
    require(uow, Permission.SUPPLIERS_WRITE)
    if not deliveries:
        return 0
    if len(deliveries) > MOST_AT_ONCE:
        raise BadInputError(_("一次最多登记 %(most)s 件", most=MOST_AT_ONCE), field=("deliveries",))
    for place, delivery in enumerate(deliveries):
        if delivery.sold_from >= delivery.sold_before:
            raise BadInputError(_("开始时间要早于结束时间"), field=("deliveries", str(place)))
    _expect_own(uow, {delivery.batch_id for delivery in deliveries})
    lines = _assign(uow, deliveries)
    record(uow, "batches.assigned", detail={"batches": len(deliveries), "lines": lines})
    return lines


def _assign(uow: UnitOfWork, deliveries: Sequence[OnSale]) -> int:
    """All of them in one statement, however many: the lines are read once.

    Both sides are materialised first: right after an import the planner knows nothing of the shop's size yet, and
    would join everything with everything.
    """
    shop = uow.scope.shop
    pieces = (
        select(OrderLine.id, Variant.product_id, Order.placed_at)
        .join(Variant, (Variant.shop_id == shop) & (Variant.id == OrderLine.variant_id))
        .join(Order, (Order.shop_id == shop) & (Order.id == OrderLine.order_id))
        .where(OrderLine.shop_id == shop, OrderLine.batch_id.is_(None))
        .cte("pieces")
        .prefix_with("MATERIALIZED")
    )
    named = _named(deliveries)
    on_sale = (
        select(named, Batch.product_id)
        .join(Batch, (Batch.shop_id == shop) & (Batch.id == named.c.batch_id))
        .cte("on_sale")
        .prefix_with("MATERIALIZED")
    )
    chosen = (
        select(pieces.c.id, on_sale.c.batch_id)
        .ext(distinct_on(pieces.c.id))
        .join(on_sale, on_sale.c.product_id == pieces.c.product_id)
        .where(pieces.c.placed_at >= on_sale.c.sold_from, pieces.c.placed_at < on_sale.c.sold_before)
        .order_by(pieces.c.id, on_sale.c.place)
        .cte("chosen")
    )
    statement = (
        update(OrderLine)
        .where(OrderLine.shop_id == shop, OrderLine.id == chosen.c.id)
        .values(batch_id=chosen.c.batch_id)
        .returning(OrderLine.id)
        .execution_options(synchronize_session=False)
    )
    return len(uow.session.scalars(statement).all())


def _named(deliveries: Sequence[OnSale]) -> Values:
    moment = TIMESTAMP(timezone=True)
    return values(
        column("place", Integer),
        column("batch_id", Uuid),
        column("sold_from", moment),
        column("sold_before", moment),
        name="named",
    ).data([(place, item.batch_id, item.sold_from, item.sold_before) for place, item in enumerate(deliveries)])


def _expect_own(uow: UnitOfWork, ids: set[UUID]) -> None:
    statement = select(func.count()).select_from(Batch).where(Batch.shop_id == uow.scope.shop, Batch.id.in_(list(ids)))
    if uow.session.scalar(statement) != len(ids):
        raise NotFoundError
