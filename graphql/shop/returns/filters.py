"""The input ReturnFilter, and how it becomes the rooms' own filter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import strawberry
from strawberry.utils.str_converters import to_snake_case

from alliance.platform.grading.scale import Grade
from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.texts import _
from alliance.tenants.returns import filters
from alliance.tenants.returns.states import AuthorisationState, InspectionState, LogisticsState, RefundState


@strawberry.input
class ReturnFilter:
    """What a list is narrowed to: within a field any of the values, across fields all of them. Dates are inclusive."""

    authorisation: list[AuthorisationState] | None = strawberry.UNSET
    logistics: list[LogisticsState] | None = strawberry.UNSET
    inspection: list[InspectionState] | None = strawberry.UNSET
    settlement: list[RefundState] | None = strawberry.UNSET
    reason: list[str] | None = strawberry.UNSET
    category: list[str] | None = strawberry.UNSET
    grade: list[Grade] | None = strawberry.UNSET
    requested_from: date | None = strawberry.UNSET
    requested_to: date | None = strawberry.UNSET
    search: str | None = strawberry.UNSET


def filter_of(coerced: Mapping[str, Any] | None) -> ReturnFilter | None:
    """The input as the executor hands it to a resolver, from an argument's coerced value."""
    return None if coerced is None else ReturnFilter(**{to_snake_case(name): value for name, value in coerced.items()})


def names_days(given: ReturnFilter) -> bool:
    """Whether the filter names days, which are those of a zone."""
    return bool(given.requested_from or given.requested_to)


def read_filter(given: ReturnFilter | None, zone: str) -> filters.ReturnFilter:
    """The filter with its dates as moments of the shop's zone. An empty list narrows nothing."""
    if not given:
        return filters.NO_FILTER
    return filters.ReturnFilter(
        authorisation=_several(given.authorisation),
        logistics=_several(given.logistics),
        inspection=_several(given.inspection),
        settlement=_several(given.settlement),
        reason=_several(given.reason),
        category=_several(given.category),
        grade=_several(given.grade),
        requested_from=start_of(given.requested_from, zone, "requested_from") if given.requested_from else None,
        requested_before=(
            start_of(given.requested_to, zone, "requested_to", after=True) if given.requested_to else None
        ),
        search=given.search or "",
    )


def start_of(day: date, zone: str, field: str, *, after: bool = False) -> datetime:
    """The first moment of a day in a zone, or with `after` of the day after. Beyond the calendar is BAD_INPUT."""
    try:
        return datetime.combine(day + timedelta(days=int(after)), time(), ZoneInfo(zone))
    except OverflowError:
        raise BadInputError(_("日期超出范围"), field=("filter", field)) from None


def _several(values: Any) -> tuple[Any, ...]:
    return tuple(values) if values else ()
