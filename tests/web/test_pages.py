from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from support.actors import make_account, make_member, make_shop
from support.factories import (
    DAY,
    make_customer,
    make_event,
    make_order,
    make_product,
    make_return,
    make_unit,
    make_variant,
)
from support.pages import counted, page_of, post

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import MemberRole
from alliance.tenants.customers.contacts import seal_contact
from alliance.tenants.returns.queries import find_lines_of_returns

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
EVERY_PAGE = (
    "/",
    "/returns",
    "/returns?q=nothing&reason=size&grade=A&from=2026-01-01&to=2026-02-01&category=x&logistics=lost",
    "/returns?tab=done",
    "/orders",
    "/orders?q=nothing",
    "/products",
    "/products?q=nothing",
    "/settings/shop",
    "/settings/members",
    "/settings/account",
    "/settings/account/devices",
)


def text(answer) -> str:
    return answer.get_data(as_text=True)


def test_every_icon_a_template_names_exists(app: Flask):
    names = {
        name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'icon\(\s*"([a-z0-9-]+)"', path.read_text())
    }
    names |= {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r'ui\.state\("([a-z0-9-]+)"', path.read_text())
    }
    assert len(names) > 20
    with app.test_request_context("/"):
        icon = app.jinja_env.globals["icon"]
        assert [name for name in sorted(names) if "<svg" not in icon(name)] == []


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_no_chinese_is_left_on_an_english_page(services: Services, log_in, filled: bool):
    shop = make_shop(services, name="Cloud Nine")
    person = make_account(services, name="Mary")
    make_member(services, shop, account=person)
    if filled:
        variant = make_variant(
            services, shop, product=make_product(services, shop, title="Dress", category="Dresses"), colour="Black"
        )
        for _row in range(2):
            make_return(services, shop, variants=(variant,), deadline=DAY)
    browser = log_in(person)
    post(browser, "/language", locale="en", next="/")
    post(browser, "/settings/shop", name="Cloud Nine", region="Somewhere", timezone="Asia/Shanghai", locale="en")
    for path in EVERY_PAGE:
        answer = browser.get(path)
        shown = text(answer).replace("中文", "").replace("服装", "")
        assert answer.status_code == 200, path
        assert CHINESE.search(shown) is None, (path, CHINESE.findall(shown))


@pytest.mark.parametrize("path", ["/returns", "/orders", "/products", "/"])
def test_a_list_takes_the_same_statements_for_one_row_as_for_many(services: Services, log_in, path: str):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    make_return(services, shop, quantity=2)
    with counted(services.database.engine) as one:
        assert browser.get(path).status_code == 200
    for _row in range(12):
        make_return(services, shop, variants=(make_variant(services, shop), make_variant(services, shop)))
    with counted(services.database.engine) as many:
        assert browser.get(path).status_code == 200
    assert len(many) == len(one) <= 13


def test_a_return_takes_the_same_statements_however_much_hangs_on_it(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    counts = []
    for size in (1, 6):
        record = make_return(services, shop, variants=tuple(make_variant(services, shop) for _i in range(size)))
        with unit_of_work(services, shop.scope) as uow:
            lines = find_lines_of_returns(uow, [record.id])[record.id]
        for line in lines:
            make_unit(services, shop, line_id=line.id, variant_id=line.variant_id, grade="B")
            make_event(services, shop, return_id=record.id)
        with counted(services.database.engine) as seen:
            assert browser.get(f"/returns/{record.number}").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_an_order_shows_its_own_returns_however_many_numbers_begin_like_its_own(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    variant = make_variant(services, shop)
    order = make_order(services, shop, variants=(variant,), number="1", placed_at=DAY - timedelta(days=9))
    own = make_return(services, shop, order=order, variants=(variant,), requested_at=DAY - timedelta(days=5))
    longer = make_order(services, shop, variants=(variant,), number="10")
    others = {make_return(services, shop, order=longer, variants=(variant,)).number for _row in range(51)}
    page = text(browser.get(f"/orders/{order.id}"))
    assert set(re.findall(r"/returns/(R[0-9a-f]+)", page)) == {own.number}
    assert set(re.findall(r"/returns/(R[0-9a-f]+)", text(browser.get(f"/orders/{longer.id}")))) == others


def test_pages_of_a_list_follow_each_other_and_lose_nothing(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    variant = make_variant(services, shop)
    order = make_order(services, shop, variants=(variant,))
    numbers = {
        make_return(services, shop, order=order, variants=(variant,), requested_at=DAY + timedelta(hours=i)).number
        for i in range(53)
    }
    first = browser.get("/returns?reason=size")
    onward = next(link for link in page_of(first).links if "after=" in link)
    second = browser.get(onward)
    shown = [re.findall(r"/returns/(R[0-9a-f]+)\?", text(page)) for page in (first, second)]
    assert (len(shown[0]), len(shown[1])) == (50, 3)
    assert {*shown[0], *shown[1]} == numbers
    assert "reason=size" in onward
    back = next(link for link in page_of(second).links if "before=" in link)
    assert re.findall(r"/returns/(R[0-9a-f]+)\?", text(browser.get(back))) == shown[0]


def test_a_garbled_cursor_is_told_and_breaks_nothing(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    answer = browser.get("/returns?after=garbage")
    assert (answer.status_code, "翻页游标无效" in text(answer)) == (422, True)


def test_tabs_count_and_open_their_returns(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    asked = make_return(services, shop)
    done = make_return(services, shop, authorisation="approved", logistics="received", settlement="refunded")
    page = text(browser.get("/returns?tab=to_decide"))
    assert asked.number in page
    assert done.number not in page
    assert re.search(r"待审核<span class=\"count\">1</span>", page)
    assert done.number in text(browser.get("/returns?tab=done"))


def test_filters_narrow_and_each_can_be_taken_away(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    small = make_return(services, shop, reason="size-too-small")
    stained = make_return(services, shop, reason="stained")
    answer = browser.get(f"/returns?reason=quality&q={stained.number[:4]}&from=2026-10-01&to=2026-10-31")
    assert stained.number in text(answer)
    assert small.number not in text(answer)
    chips = [link for link in page_of(answer).links if link.startswith("/returns?") and "reason=quality" not in link]
    assert any("q=" in link and "from=" in link and "to=" in link for link in chips)
    nothing = text(browser.get("/returns?grade=D"))
    assert "没有符合条件的内容" in nothing
    assert "D级 无法使用" in nothing


def test_nonsense_in_the_address_counts_as_not_given(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    record = make_return(services, shop)
    query = "reason=nope&grade=Z&tab=x&from=99&to=9999-12-31&order=y&authorisation=zz&import=1&q=%00"
    answer = browser.get(f"/returns?{query}")
    assert (answer.status_code, record.number in text(answer)) == (200, True)


def test_overdue_returns_are_counted_and_open_from_the_workbench(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    late, calm = make_return(services, shop, deadline=DAY), make_return(services, shop)
    assert "有 1 单已超过处理期限。" in text(browser.get("/"))
    page = text(browser.get("/returns?tab=overdue"))
    assert late.number in page
    assert calm.number not in page


def test_the_first_page_of_a_new_shop_leads_to_its_first_import(services: Services, log_in):
    shop = make_shop(services)
    page = page_of(log_in(make_member(services, shop)).get("/"))
    assert "开始使用" in page.text
    assert {"/imports/new?kind=orders", "/imports/new?kind=returns"} <= set(page.links)
    staff = page_of(log_in(make_member(services, shop, MemberRole.STAFF)).get("/"))
    assert "/imports/new?kind=returns" not in staff.links
    assert "请店主或店长导入。" in staff.text


def test_a_day_without_open_work_says_so(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    done = {"authorisation": "approved", "logistics": "received", "inspection": "passed", "settlement": "refunded"}
    make_return(services, shop, **done)
    assert "今天的都处理完了" in text(browser.get("/"))
    assert "这里都处理完了" in text(browser.get("/returns?tab=to_decide"))


def test_customers_are_shown_only_to_who_may_see_them(services: Services, log_in):
    shop = make_shop(services)
    customer = make_customer(services, shop)
    key = services.keys.create_subject_key(shop.id, customer.id)
    sealed = seal_contact(key, "张小花", shop_id=shop.id, customer_id=customer.id, field="name")
    with unit_of_work(services, shop.scope) as uow:
        found = uow.session.get(type(customer), (shop.id, customer.id))
        found.name_sealed = sealed
    order = make_order(services, shop, customer_id=customer.id)
    record = make_return(services, shop, order=order)
    staff = log_in(make_member(services, shop, MemberRole.STAFF))
    analyst = log_in(make_member(services, shop, MemberRole.ANALYST))
    for path in (f"/returns/{record.number}", f"/orders/{order.id}"):
        assert "张小花" in text(staff.get(path))
        page = text(analyst.get(path))
        assert "张小花" not in page
        assert "您的角色看不到顾客信息" in page


def test_what_comes_from_a_file_is_shown_as_text(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    evil = "<script>alert(1)</script>"
    variant = make_variant(
        services, shop, product=make_product(services, shop, title=evil), size=evil, colour='"onload="x'
    )
    record = make_return(services, shop, variants=(variant,), number=f'R/{evil[:9]}"&?#')
    for path in (
        "/",
        "/returns",
        "/products",
        f"/returns?q={evil}",
        f"/orders/{record.order_id}",
        f"/returns/x?id={record.id}",
    ):
        page = text(browser.get(path))
        assert "<script>alert" not in page, path
        assert '"onload=' not in page.replace("&#34;onload=", ""), path
    link = next(link for link in page_of(browser.get("/returns")).links if link.startswith("/returns/R"))
    assert browser.get(link).status_code == 200


def test_two_returns_of_one_number_are_told_apart_by_the_lists_links(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    for channel, waybill in (("taobao", "SF111"), ("douyin", "SF222")):
        make_return(services, shop, number="SAME-1", channel=channel, waybill=waybill)
    links = [link for link in page_of(browser.get("/returns")).links if "SAME-1" in link]
    pages = [text(browser.get(link)) for link in links]
    assert sorted(("SF111" in page, "SF222" in page) for page in pages) == [(False, True), (True, False)]


@pytest.mark.parametrize("path", ["/returns/NONE-1", "/orders/018f0000-0000-7000-8000-000000000000", "/orders/x"])
def test_what_does_not_exist_answers_404(services: Services, log_in, path: str):
    assert log_in(make_member(services, make_shop(services))).get(path).status_code == 404


def test_times_are_written_in_the_shops_zone(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    record = make_return(services, shop)
    assert "2026年10月15日 12:00" in text(browser.get(f"/returns/{record.number}"))
    post(browser, "/settings/shop", name="店", region="", timezone="Europe/London", locale="zh_CN")
    assert "2026年10月15日 05:00" in text(browser.get(f"/returns/{record.number}"))
