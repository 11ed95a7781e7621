from __future__ import annotations

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from support.actors import make_account, make_alliance, make_coordinator, make_member, make_shop

from alliance.platform.kernel.services import Services
from alliance.platform.members.roles import MemberRole, Permission
from alliance.web.entry import app as entry
from alliance.web.security.access import access_of, assert_declared, public, register, undeclared_routes

PUBLIC = {
    "assets.serve",
    "health.live",
    "health.ready",
    "login.choose_language",
    "login.log_out",
    "login.show",
    "login.submit",
}


def test_every_route_declares_who_may_call_it(app: Flask):
    assert undeclared_routes(app) == []


def test_only_these_routes_are_open_to_anybody(app: Flask):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {name for name in endpoints if (access := access_of(app, name)) and access.public} == PUBLIC


def test_a_route_that_declares_nothing_stops_the_start(services: Services, monkeypatch: pytest.MonkeyPatch):
    careless = Blueprint("careless", __name__)
    careless.get("/careless")(lambda: "seen")
    monkeypatch.setattr(entry, "BLUEPRINTS", (careless,))
    with pytest.raises(LookupError, match=r"careless\.<lambda>"):
        entry.create_app(services)


def test_a_blueprint_without_the_check_stops_the_start():
    forgotten = Blueprint("forgotten", __name__)
    forgotten.get("/forgotten", endpoint="page")(public(lambda: "seen"))
    bare = Flask(__name__)
    bare.register_blueprint(forgotten)
    with pytest.raises(LookupError, match=r"forgotten\.page"):
        assert_declared(bare)


def test_a_silent_view_is_refused_even_if_the_guard_is_gone(app: Flask):
    silent = Blueprint("silent", __name__)
    silent.get("/silent", endpoint="page")(lambda: "seen")
    bare = entry.Flask("bare", root_path=str(entry.ROOT))
    bare.register_error_handler(Exception, lambda problem: (type(problem).__name__, 403))
    register(bare, silent)
    assert bare.test_client().get("/silent").get_data(as_text=True) == "ForbiddenError"


@pytest.mark.parametrize("path", ["/", "/returns", "/orders", "/products", "/settings/shop", "/settings/account"])
def test_a_stranger_is_sent_to_the_login_and_back(client: FlaskClient, path: str):
    answer = client.get(f"{path}?x=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/login?next={path}?x%3D1"


def test_a_stranger_calling_the_api_gets_401_as_problem_json(client: FlaskClient):
    answer = client.post("/uploads")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.get_json()["code"] == "UNAUTHENTICATED"


def test_a_stranger_in_a_part_of_a_page_is_sent_as_a_whole(client: FlaskClient):
    answer = client.get("/returns", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login?next=/returns")


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (MemberRole.STAFF, "/settings/members", 403),
        (MemberRole.STAFF, "/settings/shop", 403),
        (MemberRole.STAFF, "/returns", 200),
        (MemberRole.AUDITOR, "/settings/members", 200),
        (MemberRole.ANALYST, "/files/018f0000-0000-7000-8000-000000000000", 403),
    ],
)
def test_a_role_opens_what_its_permissions_say(services: Services, log_in, role, path, status):
    assert log_in(make_member(services, make_shop(services), role)).get(path).status_code == status


def test_the_side_bar_shows_only_what_the_role_may_open(services: Services, log_in):
    shop = make_shop(services)
    owner = log_in(make_member(services, shop)).get("/settings/members").get_data(as_text=True)
    staff = log_in(make_member(services, shop, MemberRole.STAFF)).get("/settings/account").get_data(as_text=True)
    assert "/settings/members" in owner
    assert "/settings/members" not in staff


def test_without_a_shop_only_the_own_account_is_open(services: Services, log_in):
    browser = log_in(make_account(services))
    assert browser.get("/returns").status_code == 403
    assert browser.get("/").status_code == 200
    assert browser.get("/settings", follow_redirects=True).status_code == 200


def test_a_coordinator_sees_no_shops_rows(services: Services, log_in):
    browser = log_in(make_coordinator(services, make_alliance(services)))
    assert "联盟管理员看不到任何店铺的退货和订单" in browser.get("/").get_data(as_text=True)
    assert browser.get("/returns").status_code == 403


def test_permissions_named_by_routes_exist(app: Flask):
    named = {access.permission for rule in app.url_map.iter_rules() if (access := access_of(app, rule.endpoint))}
    assert named - {None} <= {permission.value for permission in Permission}
