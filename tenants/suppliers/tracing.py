"""Tracing sold pieces to the deliveries they came from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from alliance.platform.audit.record import record
from alliance.platform.kernel.errors import BadInputError, NotFoundError
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.catalog.models import Variant
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.suppliers.models import Batch


def assign_batch(uow: UnitOfWork, *, batch_id: UUID, sold_from: datetime, sold_before: datetime) -> int:
    """Pieces of the batch's product sold in [sold_from, sold_before) came from it; how many order lines that is.

    Lines that have a batch already keep it. Needs `suppliers:write`. Another shop's batch is a NotFoundError, times
    the wrong way round a BadInputError.
    """
    require(uow, Permission.SUPPLIERS_WRITE)
    if sold_from >= sold_before:
        raise BadInputError(_("开始时间要早于结束时间"), field=("sold_before",))
    shop = uow.scope.shop
    product_id = uow.session.scalar(select(Batch.product_id).where(Batch.shop_id == shop, Batch.id == batch_id))
    if product_id is None:
        raise NotFoundError
    variants = select(Variant.id).where(Variant.shop_id == shop, Variant.product_id == product_id)
    sold = select(Order.id).where(Order.shop_id == shop, Order.placed_at >= sold_from, Order.placed_at < sold_before)
    statement = (
        update(OrderLine)
        .where(OrderLine.shop_id == shop, OrderLine.batch_id.is_(None))
        .where(OrderLine.variant_id.in_(variants), OrderLine.order_id.in_(sold))
        .values(batch_id=batch_id)
        .returning(OrderLine.id)
        .execution_options(synchronize_session=False)
    )
    lines = len(uow.session.scalars(statement).all())
    record(uow, "batch.assigned", target=f"batch:{batch_id}", detail={"lines": lines})
    return lines
