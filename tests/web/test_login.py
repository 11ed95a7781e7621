from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from support.actors import make_member, make_shop
from support.logins import PASSWORD, give_password
from support.pages import post, token_of
from werkzeug.test import TestResponse

from alliance.platform.kernel.services import Services
from alliance.web.security.forms import safe_next


def enter(browser: FlaskClient, email: str, password: str = PASSWORD, query: str = "") -> TestResponse:
    fields = {"email": email, "password": password, "csrf_token": token_of(browser)}
    return browser.post(f"/login{query}", data=fields)


def test_a_wrong_password_and_an_unknown_email_get_one_answer(services: Services, client: FlaskClient):
    member = give_password(services, make_member(services, make_shop(services)))
    wrong = enter(client, member.email, "not my password")
    unknown = enter(client, "nobody@example.com", "not my password")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    bodies = [answer.get_data(as_text=True) for answer in (wrong, unknown)]
    assert all("邮箱或密码不正确" in body for body in bodies)
    assert bodies[0].replace(member.email, "x").count("\n") == bodies[1].replace("nobody@example.com", "x").count("\n")


def test_what_was_typed_stays_but_never_the_password(services: Services, client: FlaskClient):
    page = enter(client, "wang@example.com", "secret-secret").get_data(as_text=True)
    assert 'value="wang@example.com"' in page
    assert "secret-secret" not in page


def test_missing_fields_are_told_at_their_place_in_the_readers_language(client: FlaskClient):
    page = client.post("/login", data={"csrf_token": token_of(client)}).get_data(as_text=True)
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="email-error"' in page
    assert 'href="#email"' in page
    assert "该字段是必填字段" in page
    english = {"Accept-Language": "en-GB,en;q=0.8"}
    page = client.post("/login", data={"csrf_token": token_of(client)}, headers=english).get_data(as_text=True)
    assert "This field is required." in page
    assert "Please correct the following" in page


def test_too_many_wrong_passwords_are_held_up_with_a_time(services: Services, client: FlaskClient):
    member = give_password(services, make_member(services, make_shop(services)))
    answers = [enter(client, member.email, "wrong password here") for _attempt in range(7)]
    assert [answer.status_code for answer in answers[:5]] == [422] * 5
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "尝试次数过多" in answers[-1].get_data(as_text=True)


@pytest.mark.parametrize("target", ["/returns?tab=done", "/settings/account"])
def test_the_login_leads_on_to_where_one_was_heading(services: Services, client: FlaskClient, target: str):
    member = give_password(services, make_member(services, make_shop(services)))
    assert enter(client, member.email, query=f"?next={target}").headers["Location"] == target


EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%09/evil.example\t",
    "/\t/evil.example",
    "javascript:alert(1)",
    "https:evil.example",
    "\n//evil.example",
    " //evil.example",
    "evil.example",
    "http:///evil.example",
    "@evil.example",
    "/\r\nSet-Cookie: x=1",
]


@pytest.mark.parametrize("target", EVIL)
def test_the_login_never_leads_to_another_site(services: Services, client: FlaskClient, target: str):
    member = give_password(services, make_member(services, make_shop(services)))
    fields = {"email": member.email, "password": PASSWORD, "csrf_token": token_of(client)}
    answer = client.post("/login", query_string={"next": target}, data=fields)
    assert answer.headers["Location"] == "/"


@given(st.text(alphabet="/\\\t\n\r :@.ae?#%0d", max_size=12))
def test_no_target_leaves_the_site(target: str):
    found = safe_next(target)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert not any(ord(sign) < 33 for sign in found)


def test_who_is_logged_in_is_not_asked_again(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    assert browser.get("/login?next=/returns").headers["Location"] == "/returns"


def test_a_person_of_two_shops_switches_explicitly(services: Services, log_in):
    first, second = make_shop(services, name="第一家店"), make_shop(services, name="第二家店")
    member = make_member(services, first)
    make_member(services, second, account=member)
    browser = log_in(member)
    assert post(browser, "/shop", shop_id=str(second.id)).status_code == 303
    page = browser.get("/settings/shop").get_data(as_text=True)
    assert 'value="第二家店"' in page
    assert "现在是 第二家店" in page


@pytest.mark.parametrize("target", ["nonsense", "", "018f0000-0000-7000-8000-000000000000"])
def test_a_shop_one_has_no_role_in_cannot_be_entered(services: Services, log_in, target: str):
    mine, other = make_shop(services, name="自己的店"), make_shop(services)
    browser = log_in(make_member(services, mine))
    for shop_id in (target, str(other.id)):
        assert post(browser, "/shop", shop_id=shop_id).status_code == 404
    assert 'value="自己的店"' in browser.get("/settings/shop").get_data(as_text=True)


def test_the_language_is_the_accounts_then_the_cookies_then_the_browsers(services: Services, client, log_in):
    assert 'lang="zh-CN"' in client.get("/login").get_data(as_text=True)
    assert '<html lang="en">' in client.get("/login", headers={"Accept-Language": "en"}).get_data(as_text=True)
    post(client, "/language", page="/login", locale="zh_CN", next="/login")
    assert '<html lang="zh-CN">' in client.get("/login", headers={"Accept-Language": "en"}).get_data(as_text=True)
    member = make_member(services, make_shop(services))
    browser = log_in(member)
    assert post(browser, "/language", locale="en", next="/returns").headers["Location"] == "/returns"
    assert '<html lang="en">' in log_in(member).get("/").get_data(as_text=True)


def test_the_language_switch_never_leads_to_another_site(client: FlaskClient):
    assert post(client, "/language", page="/login", locale="en", next="//evil.example").headers["Location"] == "/"
