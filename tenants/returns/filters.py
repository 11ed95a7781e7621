"""Which returns a list shows. Every condition stays within one shop and uses comparisons that an index may serve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    DateTime,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    exists,
    or_,
    select,
)

from alliance.platform.grading.scale import Grade
from alliance.platform.kernel.searching import Prefix, search_text
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.orders.models import Order
from alliance.tenants.returns.models import Return, ReturnLine, Unit
from alliance.tenants.returns.states import AuthorisationState, InspectionState, LogisticsState, RefundState


@dataclass(frozen=True, slots=True)
class ReturnFilter:
    """What a list is narrowed to; within a field any of the values, across fields all of them.

    `requested_from` and `requested_before` are aware moments, the second one exclusive; a return whose source never
    said when it was asked matches neither. `search` is the beginning of a return or order number, a waybill, a SKU
    or a title. `deadline_before`: whose next deadline lies before that moment.
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
    deadline_before: datetime | None = None


NO_FILTER = ReturnFilter()
_LISTS = ("authorisation", "logistics", "inspection", "settlement", "reason", "category", "grade")
_SINGLES = ("requested_from", "requested_before", "import_id", "deadline_before")


def filter_shape(chosen: ReturnFilter) -> frozenset[str]:
    """Which fields narrow the list: filters of one shape make the same statement with other parameters."""
    fields = {field for field in (*_LISTS, *_SINGLES) if getattr(chosen, field)}
    return frozenset(fields | ({"search"} if search_text(chosen.search) else set()))


def filter_values(chosen: ReturnFilter, name: str = "filter") -> dict[str, Any]:
    """The values of `matching`'s parameters."""
    lists = {f"{name}_{field}": [str(value) for value in getattr(chosen, field)] for field in _LISTS}
    singles = {f"{name}_{field}": getattr(chosen, field) for field in _SINGLES}
    return {**lists, **singles, **_prefix(chosen, name).values()}


def matching(statement: Select[Any], *, shop_id: Any, chosen: ReturnFilter, name: str = "filter") -> Select[Any]:
    """`statement` over `Return`, narrowed to one shop and to the filter.

    `shop_id` is a value or a parameter; the filter's own parameters are named after `name`.
    """
    values, given = filter_values(chosen, name), filter_shape(chosen)
    search = _prefix(chosen, name)

    def bound(field: str) -> BindParameter[Any]:
        kind = ARRAY(Text) if field in _LISTS else Uuid() if field == "import_id" else DateTime(timezone=True)
        return bindparam(f"{name}_{field}", values[f"{name}_{field}"], kind)

    conditions: dict[str, Callable[[], ColumnElement[bool]]] = {
        "deadline_before": lambda: Return.deadline < bound("deadline_before"),
        "authorisation": lambda: Return.authorisation == any_(bound("authorisation")),
        "logistics": lambda: Return.logistics == any_(bound("logistics")),
        "inspection": lambda: Return.inspection == any_(bound("inspection")),
        "settlement": lambda: Return.settlement == any_(bound("settlement")),
        "requested_from": lambda: Return.requested_at >= bound("requested_from"),
        "requested_before": lambda: Return.requested_at < bound("requested_before"),
        "import_id": lambda: Return.import_id == bound("import_id"),
        "reason": lambda: _has_line(shop_id, ReturnLine.reason == any_(bound("reason"))),
        "category": lambda: _has_category(shop_id, bound("category")),
        "grade": lambda: _has_grade(shop_id, bound("grade")),
        "search": lambda: _found(shop_id, search),
    }
    chosen_conditions = [make() for field, make in conditions.items() if field in given]
    return statement.where(Return.shop_id == shop_id, *chosen_conditions)


def _prefix(chosen: ReturnFilter, name: str) -> Prefix:
    return Prefix(search_text(chosen.search), f"{name}_search")


def _has_line(shop_id: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether one line of the return meets all conditions."""
    return exists().where(ReturnLine.shop_id == shop_id, ReturnLine.return_id == Return.id, *conditions)


def _has_category(shop_id: Any, categories: BindParameter[Any]) -> ColumnElement[bool]:
    return _has_line(
        shop_id,
        Variant.shop_id == shop_id,
        Variant.id == ReturnLine.variant_id,
        Product.shop_id == shop_id,
        Product.id == Variant.product_id,
        Product.category == any_(categories),
    )


def _has_grade(shop_id: Any, grades: BindParameter[Any]) -> ColumnElement[bool]:
    return _has_line(shop_id, Unit.shop_id == shop_id, Unit.return_line_id == ReturnLine.id, Unit.grade == any_(grades))


def _found(shop_id: Any, search: Prefix) -> ColumnElement[bool]:
    orders = select(Order.id).where(Order.shop_id == shop_id, search.begins(Order.number))
    variants = select(Variant.id).where(Variant.shop_id == shop_id, search.begins(Variant.sku))
    titled = (
        select(Variant.id)
        .join(Product, (Product.shop_id == Variant.shop_id) & (Product.id == Variant.product_id))
        .where(Variant.shop_id == shop_id, Product.shop_id == shop_id, search.begins(Product.title))
    )
    lines = select(ReturnLine.return_id).where(
        ReturnLine.shop_id == shop_id, or_(ReturnLine.variant_id.in_(variants), ReturnLine.variant_id.in_(titled))
    )
    return or_(
        search.begins(Return.number),
        search.equals(Return.waybill),
        Return.order_id.in_(orders),
        Return.id.in_(lines),
    )
