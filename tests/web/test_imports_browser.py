"""The import in a real browser: a file of returns with every kind of fault, to the first report, desktop and phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, expect
from support.actors import make_member, make_shop
from support.browser import OVERFLOW, VIEWS, Watched, chromium, log_in_by_hand, needs_chromium, serving, watch
from support.importing import bring_in, csv_bytes
from support.logins import PASSWORD, give_password

from alliance.platform.kernel.services import Services
from alliance.tenants.importing.states import ImportKind

pytestmark = needs_chromium
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SHOTS = os.environ.get("IMPORT_SHOTS")
REASONS = ("尺码偏小", "尺码偏大", "色差太大", "质量问题", "和想的不一样", "老公不让买")
ORDERS = csv_bytes(
    "订单号,SKU,商品名称,尺码,颜色,数量,单价,下单时间,手机号,顾客姓名",
    *(
        f"{20261000 + n},{'AB'[n % 2]}-{n % 3},{'法式收腰碎花连衣裙' if n % 2 else '垂感阔腿裤'},{2 + n % 3}XL,黑,1,"
        f"{129 + n % 40}.00,2026-10-{1 + n % 28:02d} 10:00:00,139{n:08d},顾客{n}"
        for n in range(120)
    ),
)
RETURNS = csv_bytes(
    "售后单号,订单号,商品单号,商家编码,商品名称,申请时间,退款金额,售后原因,售后状态,退货物流单号",
    *(
        f"71{n:08d},{20261000 + n},{500 + n},{'AB'[n % 2]}-{n % 3},{'法式收腰碎花连衣裙' if n % 2 else '垂感阔腿裤'},"
        f"2026-11-{1 + n % 20:02d} 09:00:00,{129 + n % 40}.00,{REASONS[n % 6]},退款成功,SF{n:010d}"
        for n in range(48)
    ),
    "7199999991,2.02611E+10,901,A-1,连衣裙,2026-11-04 09:00:00,59.90,质量问题,退款成功,",
    "7199999992,2.02611E+10,902,A-1,连衣裙,2026-11-04 09:00:00,59.90,质量问题,退款成功,",
    "7199999993,20261003,903,A-1,连衣裙,03/04/25,268.00,尺码偏小,退款成功,",
    '7199999994,20261004,904,B-1,阔腿裤,2026-11-05 09:00:00,"1,268元",其他,退款成功,',
    "7199999995,20261005,905,B-1,阔腿裤,2026-11-05 09:00:00,$20,其他,退款成功,",
    "7199999995,20261005,905,B-1,阔腿裤,2026-11-05 09:00:00,$20,其他,退款成功,",
)


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    with serving(app) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("view", VIEWS)
def test_a_shopkeeper_gets_from_a_file_to_the_report(
    services: Services, browser: Browser, address: str, tmp_path: Path, view: str
) -> None:
    shop = make_shop(services, name="云朵原创大码女装")
    owner = make_member(services, shop)
    give_password(services, owner)
    bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    file = tmp_path / "十一月退货.csv"
    file.write_bytes(RETURNS)
    context = browser.new_context(**VIEWS[view], locale="zh-CN")
    watched = watch(context, address)
    log_in_by_hand(watched, owner.email, PASSWORD)
    watched.open("/imports/new")
    settle(watched, f"{view}-1-upload")
    watched.page.locator("#file").set_input_files(file)
    watched.page.get_by_role("button", name="上传", exact=True).click()
    expect(watched.page.get_by_role("heading", name="对应列")).to_be_visible()
    settle(watched, f"{view}-2-map")
    watched.page.get_by_role("button", name="检查", exact=True).click()
    expect(watched.page.get_by_role("heading", name="检查结果")).to_be_visible()
    settle(watched, f"{view}-3-check")
    watched.page.get_by_role("button", name="整列按“日/月/年”读").first.click()
    expect(watched.page.get_by_role("heading", name="检查结果")).to_be_visible()
    settle(watched, f"{view}-4-rule")
    watched.page.get_by_role("button", name="导入 49 行").click()
    expect(watched.page.get_by_role("heading", name="第一份报告")).to_be_visible()
    settle(watched, f"{view}-5-done")
    watched.page.get_by_role("button", name="撤销").click()
    expect(watched.page.get_by_role("heading", name="这次导入已整批撤销")).to_be_visible()
    settle(watched, f"{view}-6-undone")
    context.close()


def settle(watched: Watched, name: str) -> None:
    """The page as it stands: nothing complained, nothing sticks out, nothing that axe objects to."""
    if SHOTS:
        watched.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    assert watched.take_faults() == []
    assert watched.page.evaluate(OVERFLOW) == 0
    found = Axe().run(watched.page, options=RULES).response["violations"]
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found] == []
