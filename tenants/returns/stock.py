"""The pieces that came back and are still in the shop's hands."""

from __future__ import annotations

from sqlalchemy import exists, or_, select

from alliance.platform.grading.scale import Disposition, Grade
from alliance.platform.kernel.paging import Key, Page, PageRequest, list_page
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.returns.models import Unit
from alliance.tenants.returns.states import InspectionState

# Where a piece can still be sold from; with any other disposition it has left, or is about to.
HELD = (
    Disposition.RESTOCK.value,
    Disposition.REBUY_ZONE.value,
    Disposition.CIRCULAR_CHANNEL.value,
    Disposition.ALLIANCE_EXCHANGE.value,
    Disposition.REPAIR.value,
)


def list_stock(
    uow: UnitOfWork, *, request: PageRequest, grade: Grade | None = None, category: str | None = None
) -> Page[Unit]:
    """Units that arrived, were not sold again and not given away, latest first, in one query."""
    require(uow, Permission.RETURNS_READ)
    statement = select(Unit).where(
        Unit.shop_id == uow.scope.shop,
        Unit.received_at.is_not(None),
        Unit.resold_at.is_(None),
        Unit.inspection != InspectionState.MISSING.value,
        or_(Unit.disposition.is_(None), Unit.disposition.in_(HELD)),
    )
    if grade is not None:
        statement = statement.where(Unit.grade == grade.value)
    if category is not None:
        statement = statement.where(
            exists().where(
                Variant.shop_id == uow.scope.shop,
                Variant.id == Unit.variant_id,
                Product.shop_id == uow.scope.shop,
                Product.id == Variant.product_id,
                Product.category == category,
            )
        )
    order = [Key(Unit.id, descending=True)]
    return list_page(uow.session, statement, order=order, request=request, map_row=lambda row: row[0])
