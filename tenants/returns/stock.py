"""The pieces that came back and are still in the shop's hands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, bindparam, exists, or_, select

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
LATEST = [Key(Unit.id, descending=True)]


def list_stock(
    uow: UnitOfWork, *, request: PageRequest, grade: Grade | None = None, category: str | None = None
) -> Page[Unit]:
    """Units that arrived, were not sold again and not given away, latest first, in one query."""
    require(uow, Permission.RETURNS_READ)
    statement = select_stock(uow.scope.shop, grade=grade, category=category)
    return list_page(uow.session, statement, order=LATEST, request=request, map_row=lambda row: row[0])


def stock_values(*, grade: Grade | None, category: str | None, name: str = "stock") -> dict[str, str | None]:
    """The values of `select_stock`'s parameters."""
    return {f"{name}_grade": grade.value if grade else None, f"{name}_category": category}


def select_stock(shop_id: Any, *, grade: Grade | None, category: str | None, name: str = "stock") -> Select[Unit]:
    """The shop's units in hand; `shop_id` is a value or a parameter, the other parameters are named after `name`."""
    values = stock_values(grade=grade, category=category, name=name)
    statement = select(Unit).where(
        Unit.shop_id == shop_id,
        Unit.received_at.is_not(None),
        Unit.resold_at.is_(None),
        Unit.inspection != InspectionState.MISSING.value,
        or_(Unit.disposition.is_(None), Unit.disposition.in_(HELD)),
    )
    if grade is not None:
        statement = statement.where(Unit.grade == bindparam(f"{name}_grade", values[f"{name}_grade"], Text))
    if category is not None:
        statement = statement.where(
            exists().where(
                Variant.shop_id == shop_id,
                Variant.id == Unit.variant_id,
                Product.shop_id == shop_id,
                Product.id == Variant.product_id,
                Product.category == bindparam(f"{name}_category", values[f"{name}_category"], Text),
            )
        )
    return statement
