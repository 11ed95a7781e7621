"""Recording units: plates, findings, what lines and returns say afterwards, and what is refused whole."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from support.actors import SYSTEM, ShopActor, make_alliance, make_member, make_shop
from support.factories import DAY, make_order, make_return, make_variant

from alliance.platform.audit.models import AuditEntry
from alliance.platform.centre.plates import is_plate
from alliance.platform.centre.sites import open_site
from alliance.platform.grading.scale import Disposition, Grade, Resellability, Responsibility
from alliance.platform.kernel.errors import BadInputError, ForbiddenError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import MemberRole
from alliance.tenants.returns.models import Return, ReturnEvent, ReturnLine, Unit, UnitDefect
from alliance.tenants.returns.recording import MOST_AT_ONCE, ArrivedUnit, record_units
from alliance.tenants.returns.states import InspectionState

SITE = {"name": "杭州处理中心", "region": "浙江杭州"}


def two_lines(services: Services, shop: ShopActor) -> tuple[UUID, list[UUID]]:
    """A return of two lines with one piece each: its id and theirs."""
    variants = (make_variant(services, shop), make_variant(services, shop))
    order = make_order(services, shop, variants=variants)
    made = make_return(services, shop, order=order, variants=variants)
    with unit_of_work(services, shop.scope) as uow:
        lines = select(ReturnLine.id).where(ReturnLine.shop_id == shop.id, ReturnLine.return_id == made.id)
        return made.id, list(uow.session.scalars(lines.order_by(ReturnLine.id)))


def units_of(services: Services, shop: ShopActor) -> list[Unit]:
    with unit_of_work(services, shop.scope) as uow:
        return list(uow.session.scalars(select(Unit).where(Unit.shop_id == shop.id).order_by(Unit.id)))


def inspection_of(services: Services, shop: ShopActor, return_id: UUID) -> str:
    with unit_of_work(services, shop.scope) as uow:
        return str(uow.session.scalar(select(Return.inspection).where(Return.shop_id == shop.id)))


def test_a_piece_gets_a_plate_and_its_line_says_what_was_found(services: Services) -> None:
    alliance = make_alliance(services)
    shop = make_shop(services, alliance=alliance)
    with unit_of_work(services, SYSTEM) as uow:
        site_id = open_site(uow, alliance_id=alliance.id, handle="hangzhou", **SITE)
    return_id, (line_id, _other) = two_lines(services, shop)
    arrived = ArrivedUnit(
        return_line_id=line_id,
        inspection=InspectionState.PASSED,
        site_id=site_id,
        received_at=DAY,
        inspected_at=DAY + timedelta(hours=3),
        grade=Grade.B,
        disposition=Disposition.CIRCULAR_CHANNEL,
        defect=("折痕", "袖口"),
        found_reason="size-too-small",
        responsibility=Responsibility.SHOP,
        resellability=Resellability.NEEDS_WORK,
        handling_minutes=9,
        recovered_minor=12_345,
        resale_channel="循环专区",
        resold_at=DAY + timedelta(days=9),
    )
    with unit_of_work(services, shop.scope) as uow:
        (unit_id,) = record_units(uow, [arrived])
    (unit,) = units_of(services, shop)
    assert (unit.id, is_plate(unit.plate), unit.grade, unit.disposition) == (unit_id, True, "B", "circular_channel")
    assert (unit.site_id, unit.handling_minutes, unit.recovered_minor) == (site_id, 9, 12_345)
    assert (unit.received_at, unit.resold_at) == (DAY, DAY + timedelta(days=9))
    with unit_of_work(services, shop.scope) as uow:
        line = uow.session.scalars(
            select(ReturnLine).where(ReturnLine.shop_id == shop.id, ReturnLine.id == line_id)
        ).one()
        assert (line.inspection, line.found_reason, line.responsibility, line.resellability) == (
            "passed",
            "size-too-small",
            "shop",
            "needs_work",
        )
        defect = uow.session.scalars(select(UnitDefect).where(UnitDefect.shop_id == shop.id)).one()
        assert (defect.unit_id, defect.kind, defect.place) == (unit_id, "折痕", "袖口")
        event = uow.session.scalars(select(ReturnEvent).where(ReturnEvent.shop_id == shop.id)).one()
        assert (event.return_id, event.kind, event.at, event.detail) == (
            return_id,
            "inspected",
            DAY + timedelta(hours=3),
            {"found": ["B"]},
        )
        entry = uow.session.scalars(
            select(AuditEntry).where(AuditEntry.shop_id == shop.id, AuditEntry.action == "units.recorded")
        ).one()
        assert entry.detail == {"units": 1, "lines": 1}
    # The other line still waits.
    assert inspection_of(services, shop, return_id) == "pending"


def test_a_return_takes_the_worst_of_its_lines(services: Services) -> None:
    shop = make_shop(services)
    return_id, lines = two_lines(services, shop)
    for line_id, state in zip(lines, (InspectionState.PASSED, InspectionState.MISSING), strict=True):
        with unit_of_work(services, shop.scope) as uow:
            record_units(uow, [ArrivedUnit(line_id, state)])
    assert inspection_of(services, shop, return_id) == "missing"


def test_no_more_pieces_than_announced_but_undeclared_ones(services: Services) -> None:
    shop = make_shop(services)
    _return_id, (line_id, _other) = two_lines(services, shop)
    with unit_of_work(services, shop.scope) as uow:
        record_units(
            uow,
            [ArrivedUnit(line_id, InspectionState.PASSED), ArrivedUnit(line_id, InspectionState.UNDECLARED)],
        )
    with pytest.raises(BadInputError) as refusal, unit_of_work(services, shop.scope) as uow:
        record_units(uow, [ArrivedUnit(line_id, InspectionState.PASSED)])
    assert refusal.value.field == ("units", "0")
    assert len(units_of(services, shop)) == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"handling_minutes": -1},
        {"recovered_minor": -1},
        {"found_reason": "no-such-reason"},
        {"received_at": DAY, "resold_at": DAY - timedelta(seconds=1)},
    ],
)
def test_an_impossible_value_refuses_all_of_them(services: Services, fault: dict[str, object]) -> None:
    shop = make_shop(services)
    _return_id, lines = two_lines(services, shop)
    good = ArrivedUnit(lines[0], InspectionState.PASSED)
    bad = replace(ArrivedUnit(lines[1], InspectionState.PASSED), **fault)  # type: ignore[arg-type]  # any field
    with pytest.raises(BadInputError) as refusal, unit_of_work(services, shop.scope) as uow:
        record_units(uow, [good, bad])
    assert refusal.value.field == ("units", "1")
    assert units_of(services, shop) == []


def test_too_many_at_once_are_refused(services: Services) -> None:
    shop = make_shop(services)
    with pytest.raises(BadInputError), unit_of_work(services, shop.scope) as uow:
        record_units(uow, [ArrivedUnit(new_id())] * (MOST_AT_ONCE + 1))


def test_anothers_line_or_site_is_not_found(services: Services) -> None:
    ours, theirs = make_shop(services), make_shop(services, alliance=(other := make_alliance(services)))
    with unit_of_work(services, SYSTEM) as uow:
        site_id = open_site(uow, alliance_id=other.id, handle="hangzhou", **SITE)
    _return_id, (foreign, _second) = two_lines(services, theirs)
    _return_id, (own, _second) = two_lines(services, ours)
    for unit in (ArrivedUnit(foreign), ArrivedUnit(new_id()), ArrivedUnit(own, site_id=site_id)):
        with pytest.raises(NotFoundError), unit_of_work(services, ours.scope) as uow:
            record_units(uow, [unit])
    assert units_of(services, ours) == []
    assert units_of(services, theirs) == []


@pytest.mark.parametrize("role", [MemberRole.ANALYST, MemberRole.AUDITOR])
def test_who_may_not_change_returns_records_nothing(services: Services, role: MemberRole) -> None:
    shop = make_shop(services)
    member = make_member(services, shop, role)
    _return_id, (line_id, _other) = two_lines(services, shop)
    with pytest.raises(ForbiddenError), unit_of_work(services, member.scope) as uow:
        record_units(uow, [ArrivedUnit(line_id)])
    with unit_of_work(services, shop.scope) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Unit).where(Unit.shop_id == shop.id)) == 0


def test_recording_nothing_changes_nothing(services: Services) -> None:
    shop = make_shop(services)
    with unit_of_work(services, shop.scope) as uow:
        assert record_units(uow, []) == []
