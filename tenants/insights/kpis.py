"""A shop's key figures. The return rate is defined once: returned units / sold units, cohort by order month.

Sold units are those of complete orders; an order that only a return has named tells nothing about what was sold.
A return counts once the customer has asked, unless it was rejected, cancelled or has expired. A shop that never
imported a return has no rate, which is not the same as a rate of nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, func, select

from alliance.platform.grading.reasons import REASONS, UNKNOWN
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.insights.intervals import Share, wilson
from alliance.tenants.insights.months import Month
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnLine
from alliance.tenants.returns.states import AuthorisationState

COUNTED = (AuthorisationState.REQUESTED.value, AuthorisationState.APPROVED.value)
# The pool's cut-off: a cohort is taken as final 35 days after its month.
FINAL_AFTER = timedelta(days=35)
MAX_MONTHS = 60


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """One cohort. `rate` is None where nothing was sold or no return was ever reported; `final` after the window."""

    month: Month
    orders: int
    returns: int
    sold_units: int
    returned_units: int
    rate: Share | None
    final: bool


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many returned units a handle stands for, and its share of all of them."""

    handle: str
    count: int
    share: float


def months_between(first: Month, last: Month) -> list[Month]:
    """Every month from the first to the last. Refuses the wrong way round and more than five years with BAD_INPUT."""
    months = [first]
    while months[-1] < last and len(months) <= MAX_MONTHS:
        months.append(months[-1].next())
    if first > last or len(months) > MAX_MONTHS:
        raise BadInputError(_("请选择先后正确、不超过五年的月份"), field=("from",))
    return months


def figures_by_month(uow: UnitOfWork, *, first: Month, last: Month, zone: str) -> list[MonthFigures]:
    """The cohorts of the shop from the first to the last month, in three queries."""
    require(uow, Permission.KPIS_READ)
    months = months_between(first, last)
    start, end = months[0].start(zone), months[-1].next().start(zone)
    sold = {str(row[0]): row for row in _sold(uow, start, end, zone)}
    returned = {str(row[0]): row for row in _returned(uow, start, end, zone)}
    reported = is_reported(uow)
    return [
        _figures(month, sold.get(str(month)), returned.get(str(month)), zone=zone, reported=reported)
        for month in months
    ]


def is_reported(uow: UnitOfWork) -> bool:
    """Whether the shop's sources have ever reported a return."""
    return bool(uow.session.scalar(select(exists().where(Return.shop_id == uow.scope.shop))))


def reasons_between(uow: UnitOfWork, *, start: datetime, end: datetime) -> list[ReasonCount]:
    """Returned units by stated reason, most frequent first, for returns listed in [start, end)."""
    require(uow, Permission.KPIS_READ)
    handle = func.coalesce(ReturnLine.reason, UNKNOWN)
    statement = (
        select(handle, func.sum(ReturnLine.quantity))
        .join(Return, (Return.shop_id == ReturnLine.shop_id) & (Return.id == ReturnLine.return_id))
        .where(*_counted(uow.scope.shop), Return.listed_at >= start, Return.listed_at < end)
        .group_by(handle)
    )
    counts: Counter[str] = Counter()
    for name, units in uow.session.execute(statement):
        counts[name if name in REASONS else UNKNOWN] += int(units)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [ReasonCount(name, units, units / counts.total()) for name, units in ranked]


def _counted(shop_id: UUID) -> list[ColumnElement[bool]]:
    return [Return.shop_id == shop_id, ReturnLine.shop_id == shop_id, Return.authorisation.in_(COUNTED)]


def _sold(uow: UnitOfWork, start: datetime, end: datetime, zone: str) -> Sequence[Row[str, int, int]]:
    month = func.to_char(func.timezone(zone, Order.placed_at), "YYYY-MM").label("month")
    statement = (
        select(month, func.count(func.distinct(Order.id)), func.coalesce(func.sum(OrderLine.quantity), 0))
        .join(OrderLine, (OrderLine.shop_id == Order.shop_id) & (OrderLine.order_id == Order.id), isouter=True)
        .where(Order.shop_id == uow.scope.shop, Order.complete, Order.placed_at >= start, Order.placed_at < end)
        .group_by("month")
    )
    return uow.session.execute(statement).all()


def _returned(uow: UnitOfWork, start: datetime, end: datetime, zone: str) -> Sequence[Row[str, int, int]]:
    month = func.to_char(func.timezone(zone, Order.placed_at), "YYYY-MM").label("month")
    statement = (
        select(month, func.count(func.distinct(Return.id)), func.coalesce(func.sum(ReturnLine.quantity), 0))
        .join(Return, (Return.shop_id == Order.shop_id) & (Return.order_id == Order.id))
        .join(ReturnLine, (ReturnLine.shop_id == Return.shop_id) & (ReturnLine.return_id == Return.id))
        .where(Order.shop_id == uow.scope.shop, Order.complete, Order.placed_at >= start, Order.placed_at < end)
        .where(*_counted(uow.scope.shop))
        .group_by("month")
    )
    return uow.session.execute(statement).all()


def _figures(
    month: Month,
    sold: Row[str, int, int] | None,
    returned: Row[str, int, int] | None,
    *,
    zone: str,
    reported: bool,
) -> MonthFigures:
    sold_units = int(sold[2]) if sold else 0
    returned_units = int(returned[2]) if returned else 0
    return MonthFigures(
        month=month,
        orders=int(sold[1]) if sold else 0,
        returns=int(returned[1]) if returned else 0,
        sold_units=sold_units,
        returned_units=returned_units,
        # A source may report more units back than it reported sold; such a month has no share.
        rate=wilson(returned_units, sold_units) if reported and returned_units <= sold_units else None,
        final=clock.now() >= month.next().start(zone) + FINAL_AFTER,
    )
