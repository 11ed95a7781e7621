"""What waits for the shop today, counted in one pass over its open returns."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select

from alliance.platform.kernel import clock
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.returns.filters import ReturnFilter
from alliance.tenants.returns.models import Return
from alliance.tenants.returns.states import AuthorisationState, InspectionState, LogisticsState, RefundState


class Desk(StrEnum):
    """The piles a shopkeeper works through, each a filter of the list."""

    TO_DECIDE = "to_decide"
    ON_THE_WAY = "on_the_way"
    TO_INSPECT = "to_inspect"
    TO_SETTLE = "to_settle"
    DONE = "done"


_AWAY = (LogisticsState.AWAITING_PARCEL, LogisticsState.DROPPED_OFF, LogisticsState.IN_TRANSIT)
_UNSETTLED = (RefundState.NONE, RefundState.PENDING)
_SETTLED = tuple(state for state in RefundState if state not in _UNSETTLED)
_INSPECTED = tuple(state for state in InspectionState if state is not InspectionState.PENDING)

DESKS: Mapping[Desk, ReturnFilter] = {
    Desk.TO_DECIDE: ReturnFilter(authorisation=(AuthorisationState.REQUESTED,)),
    Desk.ON_THE_WAY: ReturnFilter(authorisation=(AuthorisationState.APPROVED,), logistics=_AWAY, settlement=_UNSETTLED),
    Desk.TO_INSPECT: ReturnFilter(
        authorisation=(AuthorisationState.APPROVED,),
        logistics=(LogisticsState.RECEIVED,),
        inspection=(InspectionState.PENDING,),
    ),
    Desk.TO_SETTLE: ReturnFilter(
        authorisation=(AuthorisationState.APPROVED,),
        logistics=(LogisticsState.RECEIVED,),
        inspection=_INSPECTED,
        settlement=_UNSETTLED,
    ),
    Desk.DONE: ReturnFilter(settlement=_SETTLED),
}


def overdue() -> ReturnFilter:
    """Past their deadline by now, while the shop still has to decide or to pay."""
    return ReturnFilter(
        authorisation=(AuthorisationState.REQUESTED, AuthorisationState.APPROVED),
        settlement=_UNSETTLED,
        deadline_before=clock.now(),
    )


def count_desks(uow: UnitOfWork) -> dict[str, int]:
    """How many returns lie on each desk, and under `all` and `overdue` (past their deadline, not settled)."""
    require(uow, Permission.RETURNS_READ)
    late = overdue()
    past = and_(Return.deadline < late.deadline_before, _condition(late))
    columns = [func.count().filter(_condition(chosen)).label(desk.value) for desk, chosen in DESKS.items()]
    statement = select(func.count().label("all"), func.count().filter(past).label("overdue"), *columns)
    row = uow.session.execute(statement.where(Return.shop_id == uow.scope.shop)).one()
    return {name: int(count) for name, count in row._mapping.items()}


def _condition(chosen: ReturnFilter) -> ColumnElement[bool]:
    """What a desk's filter says of the four axes, as one condition on `Return`."""
    axes = (
        (Return.authorisation, chosen.authorisation),
        (Return.logistics, chosen.logistics),
        (Return.inspection, chosen.inspection),
        (Return.settlement, chosen.settlement),
    )
    return and_(*[column.in_([value.value for value in values]) for column, values in axes if values])
