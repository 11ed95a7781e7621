"""Recording the physical pieces that came back: each gets a plate, and what the inspection found of it.

Many at once, as a delivery of parcels is worked through. A line's inspection becomes the worst of its units', a
return's the worst of its lines', in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CollectionAggregate, Row, Uuid, any_, bindparam, func, insert, literal, select, update

from alliance.platform.audit.record import record
from alliance.platform.centre.models import Site
from alliance.platform.centre.plates import register_plates
from alliance.platform.grading.reasons import REASONS
from alliance.platform.grading.scale import Disposition, Grade, Resellability, Responsibility
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.orders.models import OrderLine
from alliance.tenants.returns.models import Return, ReturnEvent, ReturnLine, Unit, UnitDefect
from alliance.tenants.returns.states import InspectionState, worst

MOST_AT_ONCE = 5_000
INSPECTED = "inspected"


@dataclass(frozen=True, slots=True)
class ArrivedUnit:
    """One piece of a return line. Money in minor units, times aware; None where it is not known yet.

    `defect` is the flaw's kind and place. What was found, who answers and whether it can be sold again belong to the
    line; the last unit of a line says it.
    """

    return_line_id: UUID
    inspection: InspectionState = InspectionState.PENDING
    site_id: UUID | None = None
    received_at: datetime | None = None
    inspected_at: datetime | None = None
    grade: Grade | None = None
    disposition: Disposition | None = None
    defect: tuple[str, str] | None = None
    found_reason: str | None = None
    responsibility: Responsibility = Responsibility.UNDETERMINED
    resellability: Resellability | None = None
    handling_minutes: int | None = None
    recovered_minor: int | None = None
    resale_channel: str | None = None
    resold_at: datetime | None = None


def record_units(uow: UnitOfWork, units: Sequence[ArrivedUnit]) -> list[UUID]:
    """Give each piece a plate and write down what is known of it; the units' ids in the same order.

    Needs `returns:write`. Nothing is written where a line or a site is not the shop's to use (NotFoundError), a line
    would have more units than pieces were sent, or a value cannot be (BadInputError).
    """
    require(uow, Permission.RETURNS_WRITE)
    if not units:
        return []
    _check(units)
    lines = _lock_lines(uow, {unit.return_line_id for unit in units})
    _check_sites(uow, {unit.site_id for unit in units if unit.site_id is not None})
    _check_counts(uow, units, lines)
    plates = register_plates(uow, count=len(units))
    ids = [new_id() for _unit in units]
    rows = [
        _unit_row(uow, unit, lines[unit.return_line_id], unit_id, plate)
        for unit, unit_id, plate in zip(units, ids, plates, strict=True)
    ]
    _insert(uow, Unit, rows)
    _insert(
        uow, UnitDefect, [_defect_row(uow, unit, made) for unit, made in zip(units, ids, strict=True) if unit.defect]
    )
    _settle_lines(uow, units)
    _settle_returns(uow, {line.return_id for line in lines.values()})
    _tell(uow, units, lines)
    record(uow, "units.recorded", detail={"units": len(units), "lines": len(lines)})
    return ids


def _check(units: Sequence[ArrivedUnit]) -> None:
    if len(units) > MOST_AT_ONCE:
        raise BadInputError(_("一次最多登记 %(most)s 件", most=MOST_AT_ONCE), field=("units",))
    for place, unit in enumerate(units):
        field = ("units", str(place))
        if min(unit.handling_minutes or 0, unit.recovered_minor or 0) < 0:
            raise BadInputError(_("用时和回收金额不能是负数"), field=field)
        if unit.found_reason is not None and unit.found_reason not in REASONS:
            raise BadInputError(_("没有这种退货原因：%(reason)s", reason=unit.found_reason[:40]), field=field)
        if unit.received_at and unit.resold_at and unit.resold_at < unit.received_at:
            raise BadInputError(_("再次售出的时间不能早于收货时间"), field=field)


def _lock_lines(uow: UnitOfWork, ids: set[UUID]) -> Mapping[UUID, Row[*tuple[Any, ...]]]:
    """The lines with their batch. Their returns are locked, so that two people cannot both record the last piece."""
    shop = uow.scope.shop
    named = select(ReturnLine.return_id).where(ReturnLine.shop_id == shop, ReturnLine.id == _any(ids))
    locked = select(Return.id).where(Return.shop_id == shop, Return.id.in_(named)).order_by(Return.id)
    uow.session.execute(locked.with_for_update())
    statement = (
        select(ReturnLine.id, ReturnLine.return_id, ReturnLine.variant_id, ReturnLine.quantity, OrderLine.batch_id)
        .join(
            OrderLine,
            (OrderLine.shop_id == ReturnLine.shop_id) & (OrderLine.id == ReturnLine.order_line_id),
            isouter=True,
        )
        .where(ReturnLine.shop_id == shop, ReturnLine.id == _any(ids))
    )
    found = {row.id: row for row in uow.session.execute(statement)}
    if len(found) < len(ids):
        raise NotFoundError
    return found


def _check_sites(uow: UnitOfWork, ids: set[UUID]) -> None:
    if not ids:
        return
    statement = select(func.count()).select_from(Site).where(Site.id.in_(list(ids)), Site.closed_at.is_(None))
    if uow.session.scalar(statement) != len(ids):
        raise NotFoundError


def _check_counts(uow: UnitOfWork, units: Sequence[ArrivedUnit], lines: Mapping[UUID, Row[*tuple[Any, ...]]]) -> None:
    """An undeclared piece comes on top of what was announced; all others must have been."""
    statement = (
        select(Unit.return_line_id, func.count())
        .where(Unit.shop_id == uow.scope.shop, Unit.return_line_id == _any(lines))
        .where(Unit.inspection != InspectionState.UNDECLARED.value)
        .group_by(Unit.return_line_id)
    )
    counts: dict[UUID, int] = defaultdict(int)
    counts.update((line_id, count) for line_id, count in uow.session.execute(statement))
    for place, unit in enumerate(units):
        if unit.inspection is InspectionState.UNDECLARED:
            continue
        counts[unit.return_line_id] += 1
        if counts[unit.return_line_id] > lines[unit.return_line_id].quantity:
            message = _("登记的件数多于退货数量；多出来的请登记为“未申报”")
            raise BadInputError(message, field=("units", str(place)))


def _unit_row(
    uow: UnitOfWork, unit: ArrivedUnit, line: Row[*tuple[Any, ...]], unit_id: UUID, plate: str
) -> dict[str, Any]:
    return {
        "shop_id": uow.scope.shop,
        "id": unit_id,
        "return_line_id": line.id,
        "variant_id": line.variant_id,
        "plate": plate,
        "inspection": unit.inspection.value,
        "grade": unit.grade.value if unit.grade else None,
        "disposition": unit.disposition.value if unit.disposition else None,
        "site_id": unit.site_id,
        "received_at": unit.received_at,
        "handling_minutes": unit.handling_minutes,
        "recovered_minor": unit.recovered_minor,
        "resale_channel": unit.resale_channel,
        "resold_at": unit.resold_at,
        "batch_id": line.batch_id,
        "created_at": clock.now(),
    }


def _defect_row(uow: UnitOfWork, unit: ArrivedUnit, unit_id: UUID) -> dict[str, Any]:
    kind, place = unit.defect or ("", "")
    return {"shop_id": uow.scope.shop, "id": new_id(), "unit_id": unit_id, "kind": kind, "place": place or None}


def _settle_lines(uow: UnitOfWork, units: Sequence[ArrivedUnit]) -> None:
    shop = uow.scope.shop
    ids = {unit.return_line_id for unit in units}
    states: dict[UUID, list[InspectionState]] = defaultdict(list)
    statement = select(Unit.return_line_id, Unit.inspection)
    for line_id, state in uow.session.execute(statement.where(Unit.shop_id == shop, Unit.return_line_id == _any(ids))):
        states[line_id].append(InspectionState(state))
    changes = [
        {
            "key": unit.return_line_id,
            "inspection": worst(states[unit.return_line_id]).value,
            "found_reason": unit.found_reason,
            "responsibility": unit.responsibility.value,
            "resellability": unit.resellability.value if unit.resellability else None,
        }
        for unit in {unit.return_line_id: unit for unit in units}.values()
    ]
    _update(uow, ReturnLine, changes)


def _settle_returns(uow: UnitOfWork, ids: set[UUID]) -> None:
    shop = uow.scope.shop
    states: dict[UUID, list[InspectionState]] = defaultdict(list)
    statement = select(ReturnLine.return_id, ReturnLine.inspection)
    for return_id, state in uow.session.execute(
        statement.where(ReturnLine.shop_id == shop, ReturnLine.return_id == _any(ids))
    ):
        states[return_id].append(InspectionState(state))
    _update(uow, Return, [{"key": key, "inspection": worst(found).value} for key, found in states.items()])


def _tell(uow: UnitOfWork, units: Sequence[ArrivedUnit], lines: Mapping[UUID, Row[*tuple[Any, ...]]]) -> None:
    """One entry of the timeline for each return with inspected pieces."""
    latest: dict[UUID, datetime] = {}
    grades: dict[UUID, list[str]] = defaultdict(list)
    for unit in units:
        if unit.inspection is not InspectionState.PENDING:
            return_id = lines[unit.return_line_id].return_id
            at = unit.inspected_at or clock.now()
            latest[return_id] = max(at, latest.get(return_id, at))
            grades[return_id].append(unit.grade.value if unit.grade else unit.inspection.value)
    rows = [
        {
            "shop_id": uow.scope.shop,
            "id": new_id(),
            "return_id": return_id,
            "at": at,
            "actor": uow.scope.actor,
            "kind": INSPECTED,
            "detail": {"found": grades[return_id]},
        }
        for return_id, at in latest.items()
    ]
    _insert(uow, ReturnEvent, rows)


def _any(ids: Collection[UUID]) -> CollectionAggregate[Any]:
    """Any of the ids, as one parameter: thousands of them would each be one otherwise."""
    return any_(literal(list(ids), ARRAY(Uuid)))


def _insert(uow: UnitOfWork, model: type[Unit | UnitDefect | ReturnEvent], rows: list[dict[str, Any]]) -> None:
    """Many rows at once, past the session: nothing of them is read back as objects."""
    if rows:
        uow.session.connection().execute(insert(model.__table__), rows)  # type: ignore[arg-type]  # a Table


def _update(uow: UnitOfWork, model: type[Return | ReturnLine], changes: Sequence[Mapping[str, Any]]) -> None:
    """Write the changed columns of many rows of the shop, each under its `key`."""
    table = model.__table__
    names = [name for name in changes[0] if name != "key"]
    statement = (
        update(table)  # type: ignore[arg-type]  # a Table
        .where(table.c.shop_id == uow.scope.shop, table.c.id == bindparam("key"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    rows = [{"key": change["key"], **{f"new_{name}": change[name] for name in names}} for change in changes]
    uow.session.connection().execute(statement, rows)
