from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from support.actors import make_member, make_shop
from support.factories import make_return
from support.pages import page_of, post, token_of

from alliance.platform.kernel.services import Services

PAGES = (
    "/",
    "/returns",
    "/orders",
    "/products",
    "/settings/shop",
    "/settings/members",
    "/settings/account",
    "/settings/account/devices",
)
SAME = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
CROSS = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


def test_every_form_that_changes_something_carries_a_token(services: Services, log_in, client: FlaskClient):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    make_member(services, shop)
    make_return(services, shop)
    pages = [page_of(browser.get(path)) for path in PAGES] + [
        page_of(client.get("/login")),
        page_of(client.get("/nope")),
    ]
    forms = [form for page in pages for form in page.forms if form["method"] == "post"]
    assert len(forms) > 20
    assert [form for form in forms if not form.get("csrf_token")] == []


def test_no_changing_route_works_without_a_token(app: Flask, services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    anything = "018f0000-0000-7000-8000-000000000000"
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            address = rule.rule
            for argument in rule.arguments:
                address = address.replace(f"<uuid:{argument}>", anything).replace(f"<path:{argument}>", "x")
            assert browser.open(address, method=method).status_code == 400, rule.rule
    assert browser.get("/settings/account").status_code == 200


def test_a_token_of_another_session_is_refused(services: Services, log_in):
    shop = make_shop(services)
    mine, other = log_in(make_member(services, shop)), log_in(make_member(services, shop))
    answer = mine.post("/settings/account", data={"csrf_token": token_of(other, "/settings/account"), "name": "坏人"})
    assert answer.status_code == 400


def test_the_token_may_come_in_the_header(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    token = token_of(browser, "/settings/account")
    answer = browser.post(
        "/settings/account", data={"name": "新名字", "locale": "zh_CN"}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 303


def test_what_was_typed_is_offered_again_but_no_password(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    typed = {"csrf_token": "old", "name": "写了很久的名字", "password": "hunter2hunter2", "current": "x"}
    answer = browser.post("/settings/account", data=typed, headers=SAME)
    form = next(form for form in page_of(answer).forms if "name" in form)
    assert answer.status_code == 400
    assert (form["name"], form["action"]) == ("写了很久的名字", "/settings/account")
    assert form["csrf_token"] == token_of(browser, "/settings/account")
    assert "hunter2" not in answer.get_data(as_text=True)


def test_a_foreign_page_cannot_have_its_fields_offered_for_sending(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    answer = browser.post("/settings/account", data={"name": "外来的名字"}, headers=CROSS)
    assert answer.status_code == 400
    assert "外来的名字" not in answer.get_data(as_text=True)


def test_a_refused_request_changes_nothing(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services, name="原来的名字")))
    browser.post("/settings/shop", data={"name": "改掉的名字"})
    assert "改掉的名字" not in browser.get("/settings/shop").get_data(as_text=True)
    assert (
        post(
            browser, "/settings/shop", name="改掉的名字", region="", timezone="Asia/Shanghai", locale="zh_CN"
        ).status_code
        == 303
    )
    assert "改掉的名字" in browser.get("/settings/shop").get_data(as_text=True)
