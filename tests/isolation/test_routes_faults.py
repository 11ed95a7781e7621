"""The matrix of routes fails where a route is not isolated: each fault is planted in a throwaway installation."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Blueprint
from isolation.matrix.driving import Drive, changing, entering, forging, seeing, showing, telling
from isolation.matrix.routes import FORMS, discover
from isolation.matrix.scratch import Scratch
from sqlalchemy import select, update
from werkzeug.exceptions import Forbidden, NotFound

from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import Permission
from alliance.tenants.orders.models import Order
from alliance.web.entry.app import create_app
from alliance.web.security.access import assert_declared, logged_in, public, register, requires
from alliance.web.security.current import services, work


def application(scratch: Scratch, rule: str, view: Callable[..., object], method: str = "GET") -> Drive:
    """The application with one more route, driven by the neighbour against the victim."""
    app = create_app(scratch.services)
    blueprint = Blueprint("planted", __name__)
    blueprint.add_url_rule(rule, "leak", view, methods=[method])
    register(app, blueprint)
    victim, neighbour, _stranger = scratch.parties
    planted = [route for route in discover(app) if route.endpoint == "planted.leak"]
    return Drive(app, scratch.services, planted, victim, neighbour)


@pytest.fixture
def owner_of(scratch: Scratch) -> Callable[[UUID], UUID]:
    """Whose an order is: what a route knows that looks an order up before it asks who is calling."""
    known = {party.rows["tenants.orders"]["id"]: party.id for party in scratch.parties}
    return lambda order_id: known.get(order_id, UUID(int=0))


def test_a_route_that_forgets_its_scope_is_found(scratch: Scratch, owner_of: Callable[[UUID], UUID]):
    @requires(Permission.ORDERS_READ)
    def leak(order_id: UUID) -> str:
        with unit_of_work(services(), shop_scope(owner_of(order_id))) as uow:
            found = uow.session.scalar(select(Order.number).where(Order.id == order_id))
        if found is None:
            raise NotFound
        return f"order {found}"

    drive = application(scratch, "/leak/<uuid:order_id>", leak)
    route = drive.routes[0]
    assert set(showing(drive)) == {
        f"{route} shows {[drive.victim.mark]}",
        f"{route} answers 200 to another shop's ['order_id'], not 404",
    }
    assert telling(drive) == [f"{route} tells another shop's ['order_id'] from one that does not exist"]


def test_a_route_that_answers_forbidden_where_others_answer_not_found_is_found(scratch: Scratch, owner_of):
    @requires(Permission.ORDERS_READ)
    def leak(order_id: UUID) -> str:
        raise Forbidden if owner_of(order_id).int else NotFound

    drive = application(scratch, "/leak/<uuid:order_id>", leak)
    assert telling(drive) == [f"{drive.routes[0]} tells another shop's ['order_id'] from one that does not exist"]


def test_a_query_without_its_predicate_is_found_once_the_policy_is_gone(scratch: Scratch):
    @requires(Permission.ORDERS_READ)
    def leak() -> str:
        with work() as uow:
            return " ".join(uow.session.scalars(select(Order.number)))

    drive = application(scratch, "/leak", leak)
    assert showing(drive) == []
    with scratch.without_policy("tenants.orders"):
        assert set(showing(drive)) == {f"{drive.routes[0]} shows {[drive.victim.mark]}"}
    assert showing(drive) == []


def test_our_own_routes_hold_by_their_predicates_alone_when_the_policy_is_gone(scratch: Scratch):
    app = create_app(scratch.services)
    victim, neighbour, _stranger = scratch.parties
    # The readiness check looks at the policies, and rightly fails.
    routes = [route for route in discover(app) if route.endpoint != "health.ready"]
    with scratch.without_policy(*(name for name in victim.rows if name.startswith("tenants."))):
        assert showing(Drive(app, scratch.services, routes, victim, neighbour)) == []


def test_a_route_that_writes_into_another_shop_is_found(scratch: Scratch, owner_of, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(FORMS, "planted.leak", lambda _party: {})

    @requires(Permission.ORDERS_READ)
    def leak(order_id: UUID) -> tuple[str, int]:
        with unit_of_work(services(), shop_scope(owner_of(order_id))) as uow:
            uow.session.execute(update(Order).where(Order.id == order_id).values(total_minor=Order.total_minor + 1))
        return "", 404

    drive = application(scratch, "/leak/<uuid:order_id>", leak, "POST")
    assert changing(drive, spared=set()) == [f"{drive.routes[0]} changes ['tenants.orders'] of another shop"]


def test_a_route_open_to_visitors_that_shows_a_shop_is_found(scratch: Scratch, owner_of):
    @public
    def leak(order_id: UUID) -> str:
        with unit_of_work(services(), shop_scope(owner_of(order_id))) as uow:
            return f"order {uow.session.scalar(select(Order.number).where(Order.id == order_id))}"

    drive = application(scratch, "/leak/<uuid:order_id>", leak)
    assert entering(drive) == [f"{drive.routes[0]} shows {[drive.victim.mark]} to nobody"]


def test_a_changing_route_without_a_token_check_is_found(scratch: Scratch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(FORMS, "planted.leak", lambda _party: {})
    monkeypatch.setattr("alliance.web.security.access.check_csrf", lambda: None)
    drive = application(scratch, "/leak", logged_in(lambda: "done"), "POST")
    assert forging(drive) == [f"{drive.routes[0]} takes a request without a token: 200"]


def test_a_new_argument_must_be_explained(scratch: Scratch):
    drive = application(scratch, "/leak/<uuid:thing_id>", logged_in(lambda thing_id: str(thing_id)))
    with pytest.raises(LookupError, match=r"planted\.leak\.thing_id to isolation\.matrix\.routes\.ARGUMENTS"):
        showing(drive)


def test_a_new_changing_route_must_be_explained(scratch: Scratch):
    drive = application(scratch, "/leak", logged_in(lambda: "done"), "POST")
    with pytest.raises(LookupError, match=r"add planted\.leak to isolation\.matrix\.routes\.FORMS"):
        changing(drive, spared=set())


def test_a_page_that_shows_its_owner_nothing_is_not_counted_as_seen(scratch: Scratch):
    drive = application(scratch, "/leak", logged_in(lambda: "nothing"))
    assert seeing(drive) == ([], set())


def test_the_application_does_not_start_with_a_route_that_declares_no_access(scratch: Scratch):
    app = create_app(scratch.services)
    app.add_url_rule("/leak", "leak", lambda: "open")
    with pytest.raises(LookupError, match="declare no access: leak"):
        assert_declared(app)
