"""What returns cost and bring back: shares that are None where the rows do not know them yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from alliance.platform.grading.scale import Responsibility
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.orders.models import Order
from alliance.tenants.returns.models import Return, ReturnLine, Unit

SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Recovery:
    """Shares between 0 and 1, days as a float; each None where nothing is known to compute it from."""

    handling_cost_share: float | None
    resale_rate: float | None
    supplier_fault_rate: float | None
    regeneration_days: float | None


def recovery_between(uow: UnitOfWork, *, start: datetime, end: datetime) -> Recovery:
    """Costs and recovery of the returns listed in [start, end), in four queries."""
    require(uow, Permission.KPIS_READ)
    shop_id = uow.scope.shop
    units, resold, days = _units(uow, shop_id, start, end)
    at_fault, decided = _faults(uow, shop_id, start, end)
    return Recovery(
        handling_cost_share=_cost_share(uow, shop_id, start, end),
        resale_rate=resold / units if units else None,
        supplier_fault_rate=at_fault / decided if decided else None,
        regeneration_days=days,
    )


def _units(uow: UnitOfWork, shop_id: UUID, start: datetime, end: datetime) -> tuple[int, int, float | None]:
    """Units, units sold again, and the median days from received to sold again."""
    waited = func.extract("epoch", Unit.resold_at - Unit.received_at)
    statement = (
        select(
            func.count(),
            func.count(Unit.resold_at),
            func.percentile_cont(0.5).within_group(waited) / SECONDS_A_DAY,
        )
        .select_from(Unit)
        .join(ReturnLine, (ReturnLine.shop_id == Unit.shop_id) & (ReturnLine.id == Unit.return_line_id))
        .join(Return, (Return.shop_id == ReturnLine.shop_id) & (Return.id == ReturnLine.return_id))
        .where(Unit.shop_id == shop_id, ReturnLine.shop_id == shop_id, Return.shop_id == shop_id)
        .where(Return.listed_at >= start, Return.listed_at < end)
    )
    units, resold, days = uow.session.execute(statement).one()
    return units, resold, None if days is None else float(days)


def _faults(uow: UnitOfWork, shop_id: UUID, start: datetime, end: datetime) -> tuple[int, int]:
    """Returned units the supplier answers for, and all whose responsibility was decided."""
    supplier = ReturnLine.responsibility == Responsibility.SUPPLIER.value
    statement = (
        select(
            func.coalesce(func.sum(ReturnLine.quantity).filter(supplier), 0),
            func.coalesce(func.sum(ReturnLine.quantity), 0),
        )
        .join(Return, (Return.shop_id == ReturnLine.shop_id) & (Return.id == ReturnLine.return_id))
        .where(ReturnLine.shop_id == shop_id, Return.shop_id == shop_id)
        .where(ReturnLine.responsibility != Responsibility.UNDETERMINED.value)
        .where(Return.listed_at >= start, Return.listed_at < end)
    )
    at_fault, decided = uow.session.execute(statement).one()
    return int(at_fault), int(decided)


def _cost_share(uow: UnitOfWork, shop_id: UUID, start: datetime, end: datetime) -> float | None:
    """Handling cost of the period's returns over the revenue of its complete orders."""
    cost = uow.session.scalar(
        select(func.sum(Return.handling_cost_minor)).where(
            Return.shop_id == shop_id, Return.listed_at >= start, Return.listed_at < end
        )
    )
    revenue = uow.session.scalar(
        select(func.sum(Order.total_minor)).where(
            Order.shop_id == shop_id, Order.complete, Order.placed_at >= start, Order.placed_at < end
        )
    )
    return float(cost / revenue) if cost is not None and revenue else None
