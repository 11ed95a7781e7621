"""Which returns a list shows. Every condition stays within one shop and uses comparisons that an index may serve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select

from alliance.platform.grading.scale import Grade
from alliance.platform.kernel.searching import search_text, starts_with
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.orders.models import Order
from alliance.tenants.returns.models import Return, ReturnLine, Unit
from alliance.tenants.returns.states import AuthorisationState, InspectionState, LogisticsState, RefundState


@dataclass(frozen=True, slots=True)
class ReturnFilter:
    """What a list is narrowed to; within a field any of the values, across fields all of them.

    `requested_from` and `requested_before` are aware moments, the second one exclusive; a return whose source never
    said when it was asked matches neither. `search` is the beginning of a return or order number, a waybill, a SKU
    or a title.
    """

    authorisation: tuple[AuthorisationState, ...] = ()
    logistics: tuple[LogisticsState, ...] = ()
    inspection: tuple[InspectionState, ...] = ()
    settlement: tuple[RefundState, ...] = ()
    reason: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    grade: tuple[Grade, ...] = ()
    requested_from: datetime | None = None
    requested_before: datetime | None = None
    search: str = ""
    import_id: UUID | None = None


NO_FILTER = ReturnFilter()


def matching(statement: Select[Any], *, shop_id: UUID, chosen: ReturnFilter) -> Select[Any]:
    """`statement` over `Return`, narrowed to one shop and to the filter."""
    statement = statement.where(Return.shop_id == shop_id)
    for column, values in (
        (Return.authorisation, chosen.authorisation),
        (Return.logistics, chosen.logistics),
        (Return.inspection, chosen.inspection),
        (Return.settlement, chosen.settlement),
    ):
        if values:
            statement = statement.where(column.in_([value.value for value in values]))
    if chosen.requested_from:
        statement = statement.where(Return.requested_at >= chosen.requested_from)
    if chosen.requested_before:
        statement = statement.where(Return.requested_at < chosen.requested_before)
    if chosen.import_id:
        statement = statement.where(Return.import_id == chosen.import_id)
    return statement.where(*_line_conditions(shop_id, chosen), *_search(shop_id, search_text(chosen.search)))


def _line_conditions(shop_id: UUID, chosen: ReturnFilter) -> list[ColumnElement[bool]]:
    """Conditions on the lines: each holds where one line of the return meets it."""
    line = (ReturnLine.shop_id == shop_id) & (ReturnLine.return_id == Return.id)
    found: list[ColumnElement[bool]] = []
    if chosen.reason:
        found.append(exists().where(line, ReturnLine.reason.in_(chosen.reason)))
    if chosen.category:
        found.append(
            exists().where(
                line,
                Variant.shop_id == shop_id,
                Variant.id == ReturnLine.variant_id,
                Product.shop_id == shop_id,
                Product.id == Variant.product_id,
                Product.category.in_(chosen.category),
            )
        )
    if chosen.grade:
        grades = [grade.value for grade in chosen.grade]
        found.append(
            exists().where(line, Unit.shop_id == shop_id, Unit.return_line_id == ReturnLine.id, Unit.grade.in_(grades))
        )
    return found


def _search(shop_id: UUID, text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    orders = select(Order.id).where(Order.shop_id == shop_id, starts_with(Order.number, text))
    variants = select(Variant.id).where(Variant.shop_id == shop_id, starts_with(Variant.sku, text))
    titled = (
        select(Variant.id)
        .join(Product, (Product.shop_id == Variant.shop_id) & (Product.id == Variant.product_id))
        .where(Variant.shop_id == shop_id, Product.shop_id == shop_id, starts_with(Product.title, text))
    )
    lines = select(ReturnLine.return_id).where(
        ReturnLine.shop_id == shop_id, or_(ReturnLine.variant_id.in_(variants), ReturnLine.variant_id.in_(titled))
    )
    return [
        or_(
            starts_with(Return.number, text),
            Return.waybill == text,
            Return.order_id.in_(orders),
            Return.id.in_(lines),
        )
    ]
