from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from support.actors import make_member, make_shop
from support.logins import PASSWORD
from support.pages import page_of, post, token_of

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.queries import get_shop
from alliance.platform.members.roles import MemberRole
from alliance.platform.members.settings import update_shop
from alliance.web.member.devices import device_name

NEW = "six purple elephants dance"


def text(answer) -> str:
    return answer.get_data(as_text=True)


def change(browser: FlaskClient, current: str, new: str, again: str | None = None):
    return post(browser, "/settings/account/password", current=current, new=new, again=new if again is None else again)


def test_the_shops_profile_is_saved_and_shown(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    fields = {"name": "  云朵 胖妹妹 ", "region": "浙江杭州", "timezone": "Asia/Shanghai", "locale": "en"}
    answer = browser.post(
        "/settings/shop", data={**fields, "csrf_token": token_of(browser, "/settings/shop")}, follow_redirects=True
    )
    assert "店铺资料已保存" in text(answer)
    assert 'value="云朵 胖妹妹"' in text(answer)
    assert 'value="浙江杭州"' in text(answer)


def test_a_zone_that_the_list_does_not_offer_stays_chosen(services: Services, log_in):
    shop = make_shop(services)
    with unit_of_work(services, shop.scope) as uow:
        update_shop(uow, timezone="UTC")
    browser = log_in(make_member(services, shop))
    chosen = re.findall(r'<option selected value="([^"]+)"', text(browser.get("/settings/shop")))
    assert chosen[0] == "UTC"
    assert post(browser, "/settings/shop", name="店", region="", timezone="UTC", locale="zh_CN").status_code == 303
    with unit_of_work(services, shop.scope) as uow:
        assert get_shop(uow).timezone == "UTC"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 81), ("timezone", "Moon/Base"), ("locale", "fr"), ("name", "\x07")],
)
def test_a_wrong_value_comes_back_with_its_reason_and_changes_nothing(
    services: Services, log_in, field: str, value: str
):
    browser = log_in(make_member(services, make_shop(services, name="原来的店名")))
    fields = {"name": "新店名", "region": "", "timezone": "Asia/Shanghai", "locale": "zh_CN", field: value}
    answer = post(browser, "/settings/shop", **fields)
    assert answer.status_code == 422
    assert f'href="#{field}"' in text(answer)
    assert 'value="原来的店名"' in text(browser.get("/settings/shop"))


def test_an_auditor_sees_the_profile_and_cannot_change_it(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services), MemberRole.AUDITOR))
    page = text(browser.get("/settings/shop"))
    assert "只有店主和店长可以修改店铺资料。" in page
    assert post(browser, "/settings/shop", name="新名").status_code == 403


def test_the_owner_changes_a_role_and_removes_a_member(services: Services, log_in):
    shop = make_shop(services)
    staff = make_member(services, shop, MemberRole.STAFF)
    owner, theirs = log_in(make_member(services, shop)), log_in(staff)
    assert theirs.get("/settings/members").status_code == 403
    assert post(owner, f"/settings/members/{staff.account_id}/role", role="manager").status_code == 303
    assert theirs.get("/settings/members").status_code == 200
    assert post(owner, f"/settings/members/{staff.account_id}/remove").status_code == 303
    assert theirs.get("/returns").status_code == 403
    assert staff.email not in text(owner.get("/settings/members"))


def test_the_last_owner_stays(services: Services, log_in):
    shop = make_shop(services)
    member = make_member(services, shop)
    browser = log_in(member)
    post(browser, f"/settings/members/{member.account_id}/role", role="staff")
    assert "店铺至少要有一位店主" in text(browser.get("/settings/members"))
    assert browser.get("/settings/members").status_code == 200


def test_a_role_that_does_not_exist_is_refused(services: Services, log_in):
    shop = make_shop(services)
    staff = make_member(services, shop, MemberRole.STAFF)
    browser = log_in(make_member(services, shop))
    assert post(browser, f"/settings/members/{staff.account_id}/role", role="emperor").status_code == 422


def test_a_manager_sees_the_members_and_cannot_change_them(services: Services, log_in):
    shop = make_shop(services)
    staff = make_member(services, shop, MemberRole.STAFF)
    browser = log_in(make_member(services, shop, MemberRole.MANAGER))
    page = page_of(browser.get("/settings/members"))
    assert [form for form in page.forms if "/settings/members/" in form["action"]] == []
    assert post(browser, f"/settings/members/{staff.account_id}/remove").status_code == 403


def test_a_new_password_works_and_ends_the_other_sessions(services: Services, log_in, client: FlaskClient):
    member = make_member(services, make_shop(services))
    mine, other = log_in(member), log_in(member)
    assert change(mine, PASSWORD, NEW).status_code == 303
    assert mine.get("/returns").status_code == 200
    assert other.get("/returns").status_code == 303
    fields = {"email": member.email, "password": NEW, "csrf_token": token_of(client)}
    assert client.post("/login", data=fields).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "field"),
    [
        ("wrong wrong wrong", NEW, NEW, "current"),
        (PASSWORD, "zq-1", "zq-1", "new"),
        (PASSWORD, NEW, NEW + "x", "again"),
        ("", NEW, NEW, "current"),
    ],
)
def test_a_refused_password_says_why_at_its_field(services: Services, log_in, current, new, again, field):
    browser = log_in(make_member(services, make_shop(services)))
    answer = change(browser, current, new, again)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text(answer)
    assert new not in text(answer)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0", "微信 · iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari · macOS"),
        ("strange thing", "strange thing"),
        ("", ""),
    ],
)
def test_a_device_is_named_as_a_person_would(agent: str, name: str):
    assert device_name(agent) == name
