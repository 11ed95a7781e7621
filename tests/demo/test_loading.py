"""Loading the demo: real commands on a real database, repeatable, each shop its own, and only where it belongs."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from secrets import token_hex
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from support.actors import SYSTEM

from alliance.platform.auth.models import Credential
from alliance.platform.auth.passwords import verify_password
from alliance.platform.centre.sites import list_open_sites
from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.embedded.installation import Installation
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import alliance_scope, shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.models import Account, Alliance, AllianceMembership, Shop
from alliance.platform.members.queries import list_memberships
from alliance.tenants.customers.models import Customer
from alliance.tenants.importing.models import Import
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnLine, Unit
from alliance.tenants.suppliers.models import Batch, Supplier
from alliance.web.cli.demo import bringing
from alliance.web.cli.demo.commands import demo, make_plan, refuse_elsewhere
from alliance.web.cli.demo.founding import Login
from alliance.web.cli.demo.loading import DemoPlan, load_demo
from alliance.web.cli.demo.profiles import SHOPS
from alliance.web.cli.demo.scale import SCALES, scaled, with_orders
from alliance.web.cli.terminal import CommandError

TODAY = date(2026, 11, 25)
COUNTED = (Order, OrderLine, Return, ReturnLine, Unit, Customer, Supplier, Batch, Import)


def small_plan() -> DemoPlan:
    """Two shops with a dozen orders a month, under names no other test has."""
    mark = token_hex(4)
    profiles = [replace(profile, handle=f"{profile.handle}-{mark}") for profile in SHOPS[:2]]
    return DemoPlan(handle=f"demo-{mark}", profiles=with_orders(profiles, 12), seed=7, today=TODAY)


def shop_ids(services: Services, plan: DemoPlan) -> list[UUID]:
    handles = [profile.handle for profile in plan.profiles]
    with unit_of_work(services, SYSTEM) as uow:
        rows = uow.session.execute(select(Shop.handle, Shop.id).where(Shop.handle.in_(handles))).all()
    found = {row[0]: row[1] for row in rows}
    return [found[profile.handle] for profile in plan.profiles]


def counts(services: Services, shop_id: UUID) -> dict[str, int]:
    with unit_of_work(services, shop_scope(shop_id)) as uow:
        return {
            model.__tablename__: uow.session.scalar(select(func.count()).select_from(model)) or 0 for model in COUNTED
        }


@pytest.fixture(scope="module")
def plan() -> DemoPlan:
    return small_plan()


@pytest.fixture(scope="module")
def logins(services: Services, plan: DemoPlan) -> list[Login]:
    made = load_demo(services, plan, tell=lambda _text: None)
    assert made is not None
    return made


def test_each_shop_holds_its_own_story_and_sees_no_other(
    services: Services, plan: DemoPlan, logins: list[Login]
) -> None:
    for shop_id, story in zip(shop_ids(services, plan), plan.stories(), strict=True):
        pieces = [piece for comeback in story.comebacks for piece in comeback.pieces]
        arrived = sum(len(c.pieces) for c in story.comebacks if c.journey.received_at is not None)
        assert counts(services, shop_id) == {
            "orders": len(story.sales),
            "order_line": sum(len(sale.lines) for sale in story.sales),
            "returns": len(story.comebacks),
            "return_line": len(pieces),
            "unit": arrived,
            "customer": len({sale.buyer.key for sale in story.sales}),
            "supplier": 3,
            "batch": 14 * 5,
            "import": 3,
        }


def test_what_the_story_says_stands_in_the_rows(services: Services, plan: DemoPlan, logins: list[Login]) -> None:
    shop_id, story = shop_ids(services, plan)[1], list(plan.stories())[1]
    told = {
        comeback.number: (
            comeback.standing.authorisation.value,
            comeback.standing.logistics.value,
            comeback.journey.requested_at,
            comeback.standing.deadline,
            comeback.handling_minor,
            comeback.waybill or None,
        )
        for comeback in story.comebacks
    }
    columns = (
        Return.authorisation,
        Return.logistics,
        Return.requested_at,
        Return.deadline,
        Return.handling_cost_minor,
        Return.waybill,
    )
    with unit_of_work(services, shop_scope(shop_id)) as uow:
        rows = uow.session.execute(select(Return.number, *columns).where(Return.shop_id == shop_id)).all()
        grades = dict(
            uow.session.execute(
                select(Unit.grade, func.count()).where(Unit.shop_id == shop_id).group_by(Unit.grade)
            ).all()
        )
        untraced = select(func.count()).select_from(OrderLine).where(OrderLine.batch_id.is_(None))
        assert uow.session.scalar(untraced.where(OrderLine.shop_id == shop_id)) == 0
    assert {row[0]: tuple(row[1:]) for row in rows} == told
    found = [piece.finding for comeback in story.comebacks for piece in comeback.pieces if piece.finding]
    for grade in "ABCD":
        assert grades.get(grade, 0) == sum(1 for finding in found if finding.grade == grade)


def test_people_can_log_in_with_the_passwords_shown(services: Services, plan: DemoPlan, logins: list[Login]) -> None:
    assert [login.email.split("@")[0] for login in logins] == ["owner", "owner", "coordinator"]
    assert len({login.password for login in logins}) == 3
    with unit_of_work(services, SYSTEM) as uow:
        for login in logins:
            account_id, stored = uow.session.execute(
                select(Account.id, Credential.password_hash)
                .join(Credential, Credential.account_id == Account.id)
                .where(Account.email == login.email)
            ).one()
            assert verify_password(services.settings, stored, login.password)
            held = [membership.shop_handle for membership in list_memberships(uow, account_id)]
            assert held == [plan.profiles[n].handle for n in range(2) if login is logins[n]]


def test_the_alliance_is_as_old_as_its_story(services: Services, plan: DemoPlan, logins: list[Login]) -> None:
    with unit_of_work(services, SYSTEM) as uow:
        alliance = uow.session.scalars(select(Alliance).where(Alliance.handle == plan.handle)).one()
        joined = uow.session.scalars(
            select(AllianceMembership.joined_at).where(AllianceMembership.alliance_id == alliance.id)
        ).all()
    assert [moment.isoformat() for moment in joined] == ["2025-11-01T01:00:00+00:00"] * 2
    with unit_of_work(services, alliance_scope(alliance.id)) as uow:
        assert [site.handle for site in list_open_sites(uow, alliance_id=alliance.id)] == ["guangzhou", "hangzhou"]


def test_a_second_run_changes_nothing(services: Services, plan: DemoPlan, logins: list[Login]) -> None:
    before = [counts(services, shop_id) for shop_id in shop_ids(services, plan)]
    assert load_demo(services, plan, tell=lambda _text: None) is None
    assert [counts(services, shop_id) for shop_id in shop_ids(services, plan)] == before


@pytest.mark.parametrize("step", ["commit_import", "assign_batches", "record_units"])
def test_an_interrupted_load_goes_on_where_it_stopped(
    services: Services, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    plan = small_plan()
    plan = replace(plan, profiles=with_orders(plan.profiles[:1], 4))

    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(bringing, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            load_demo(services, plan, tell=lambda _text: None)
    logins = load_demo(services, plan, tell=lambda _text: None)
    assert logins is not None
    (story,) = plan.stories()
    (shop_id,) = shop_ids(services, plan)
    found = counts(services, shop_id)
    assert (found["orders"], found["returns"]) == (len(story.sales), len(story.comebacks))
    assert found["unit"] == sum(len(c.pieces) for c in story.comebacks if c.journey.received_at is not None)


def test_the_demo_is_refused_where_it_does_not_belong(settings: Settings, tmp_path: Path) -> None:
    elsewhere = Installation(home=tmp_path, postgres=None, redis=None)
    with pytest.raises(CommandError, match="anywhere"):
        refuse_elsewhere(elsewhere, settings, anywhere=False)
    refuse_elsewhere(elsewhere, settings, anywhere=True)
    production = settings.model_copy(update={"alliance_env": "production"})
    with pytest.raises(CommandError, match="production"):
        refuse_elsewhere(elsewhere, production, anywhere=True)


def test_a_wrong_option_is_a_usage_error() -> None:
    assert CliRunner().invoke(demo, ["--shops", "6"]).exit_code == 2
    assert CliRunner().invoke(demo, ["--scale", "huge"]).exit_code == 2
    assert CliRunner().invoke(demo, ["--help"]).exit_code == 0


def test_scales_are_as_large_as_they_say() -> None:
    for name, scale in SCALES.items():
        plan = scaled(name)
        handles = {profile.handle for profile in plan.profiles}
        assert len(plan.profiles) == len(handles) == scale.shops
        monthly = sum(profile.orders_a_month for profile in plan.profiles)
        assert monthly == pytest.approx(scale.shops * scale.orders_a_month, rel=0.01)
        assert not handles & {profile.handle for profile in SHOPS}
    assert 12 * sum(profile.orders_a_month for profile in scaled("1m").profiles) == pytest.approx(1e6, rel=0.01)


def test_options_make_the_plan() -> None:
    plan = make_plan(shops=3, orders=50, scale=None, seed=5, today=TODAY)
    assert [profile.handle for profile in plan.profiles] == ["qiaoyue", "fengzi", "yuanyuan"]
    assert sum(profile.orders_a_month for profile in plan.profiles) == pytest.approx(150, abs=2)
    assert (plan.seed, plan.today) == (5, TODAY)
    whole = make_plan(shops=5, orders=None, scale=None, seed=5, today=TODAY)
    assert sum(profile.orders_a_month for profile in whole.profiles) == 1000
    assert [person.email.split("@")[0] for person in whole.cast] == [
        *["owner"] * 5,
        "manager",
        "staff",
        "analyst",
        "auditor",
        "manager",
        "coordinator",
    ]
