from __future__ import annotations

from collections.abc import Callable
from secrets import token_urlsafe

from flask.testing import FlaskClient
from sqlalchemy import func, select
from support.actors import MemberActor, make_member, make_shop
from support.logins import PASSWORD, give_password
from support.pages import Page, https_app, post, token_of

from alliance.platform.auth.models import LoginSession
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import system_scope
from alliance.platform.kernel.work import unit_of_work

LogIn = Callable[[MemberActor], FlaskClient]


def sessions_of(services: Services, member: MemberActor) -> int:
    with unit_of_work(services, system_scope("tests")) as uow:
        mine = (LoginSession.account_id == member.account_id) & LoginSession.revoked_at.is_(None)
        return uow.session.scalar(select(func.count()).select_from(LoginSession).where(mine)) or 0


def sid(browser: FlaskClient) -> str | None:
    cookie = browser.get_cookie("sid")
    return cookie.value if cookie else None


def test_a_login_never_continues_a_token_the_browser_brought(services: Services, client: FlaskClient):
    planted = token_urlsafe(32)
    client.set_cookie("sid", planted)
    member = give_password(services, make_member(services, make_shop(services)))
    fields = {"email": member.email, "password": PASSWORD, "csrf_token": token_of(client)}
    assert client.post("/login", data=fields).status_code == 303
    assert sid(client) not in (None, planted)
    client.set_cookie("sid", planted)
    assert client.get("/returns").status_code == 303


def test_a_second_login_ends_the_first_session_of_the_browser(services: Services, log_in: LogIn):
    member = make_member(services, make_shop(services))
    browser = log_in(member)
    first = sid(browser)
    fields = {"email": member.email, "password": PASSWORD, "csrf_token": token_of(browser, "/settings/account")}
    assert browser.post("/login", data=fields).status_code == 303
    assert sid(browser) != first
    assert sessions_of(services, member) == 1


def test_log_out_ends_the_session_in_the_table_and_in_the_browser(services: Services, log_in: LogIn):
    member = make_member(services, make_shop(services))
    browser = log_in(member)
    kept = sid(browser)
    assert post(browser, "/logout").headers["Location"] == "/login"
    assert (sid(browser), sessions_of(services, member)) == (None, 0)
    browser.set_cookie("sid", kept or "")
    assert browser.get("/returns").status_code == 303


def test_an_ended_session_is_forgotten_by_the_browser(services: Services, log_in: LogIn):
    member = make_member(services, make_shop(services))
    mine, other = log_in(member), log_in(member)
    assert post(mine, "/settings/account/devices/end-others").status_code == 303
    assert other.get("/returns").headers["Location"].startswith("/login")
    assert sid(other) is None
    assert mine.get("/returns").status_code == 200


def test_a_mere_visit_stores_nothing(services: Services, client: FlaskClient):
    def stored() -> int:
        with unit_of_work(services, system_scope("tests")) as uow:
            return uow.session.scalar(select(func.count()).select_from(LoginSession)) or 0

    before = stored()
    client.get("/login")
    client.get("/")
    assert stored() == before
    assert client.get("/health/live").headers.getlist("Set-Cookie") == []


def test_a_page_sets_no_cookie_once_they_are_set(services: Services, log_in: LogIn):
    browser = log_in(make_member(services, make_shop(services)))
    assert browser.get("/returns").headers.getlist("Set-Cookie") == []


def test_cookies_are_closed_to_script_and_foreign_sites(services: Services, client: FlaskClient):
    member = give_password(services, make_member(services, make_shop(services)))
    fields = {"email": member.email, "password": PASSWORD, "csrf_token": token_of(client)}
    cookies = client.post("/login", data=fields).headers.getlist("Set-Cookie")
    named = {cookie.partition("=")[0] for cookie in cookies}
    assert {"sid", "device"} <= named
    assert [cookie for cookie in cookies if not ("HttpOnly" in cookie and "SameSite=Lax" in cookie)] == []


def test_under_https_cookies_are_secure_and_bound_to_the_host(services: Services):
    browser = https_app(services).test_client()
    member = give_password(services, make_member(services, make_shop(services)))
    base = "https://shop.example"
    page = browser.get("/login", base_url=base)
    token = page.get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"email": member.email, "password": PASSWORD, "csrf_token": token}
    answer = browser.post("/login", data=fields, base_url=base, headers={"Referer": f"{base}/login"})
    cookies = [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    assert answer.status_code == 303
    assert {"__Host-sid", "__Host-pre", "__Host-device"} <= {cookie.partition("=")[0] for cookie in cookies}
    assert [c for c in cookies if not ("Secure" in c and "Path=/" in c and "Domain" not in c)] == []


def test_a_message_to_the_next_page_cannot_be_forged_and_is_shown_once(services: Services, log_in: LogIn):
    browser = log_in(make_member(services, make_shop(services)))
    browser.set_cookie("note", "eyJmb3JnZWQi.aaaa.bbbb")
    assert browser.get("/returns").status_code == 200
    post(browser, "/settings/account", name="王新名", locale="zh_CN")
    assert "账号已保存" in browser.get("/settings/account").get_data(as_text=True)
    assert "账号已保存" not in browser.get("/settings/account").get_data(as_text=True)


def test_a_device_is_listed_and_can_be_logged_out(services: Services, log_in: LogIn):
    member = make_member(services, make_shop(services))
    mine, other = log_in(member), log_in(member)
    page = mine.get("/settings/account/devices").get_data(as_text=True)
    address = next(form["action"] for form in Page(page).forms if form["action"].endswith("/end"))
    assert post(mine, address).status_code == 303
    assert other.get("/returns").status_code == 303
    assert sessions_of(services, member) == 1


def test_another_persons_device_cannot_be_logged_out(services: Services, log_in: LogIn):
    shop = make_shop(services)
    mine, other = make_member(services, shop), make_member(services, shop)
    browser, theirs = log_in(mine), log_in(other)
    with unit_of_work(services, system_scope("tests")) as uow:
        target = uow.session.scalar(select(LoginSession.id).where(LoginSession.account_id == other.account_id))
    assert post(browser, f"/settings/account/devices/{target}/end").status_code == 404
    assert theirs.get("/returns").status_code == 200
