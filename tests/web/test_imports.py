"""The import as plain forms, without script: every step by its address, what is refused, and who may."""

from __future__ import annotations

import io
from collections.abc import Callable

import python_calamine
from flask.testing import FlaskClient
from support.actors import MemberActor, make_member, make_shop
from support.importing import count, csv_bytes
from support.pages import post, token_of

from alliance.platform.kernel.services import Services
from alliance.platform.members.roles import MemberRole
from alliance.tenants.importing.models import Import
from alliance.tenants.orders.models import Order
from alliance.tenants.returns.models import ReturnLine

LogIn = Callable[[MemberActor], FlaskClient]
RETURNS = csv_bytes(
    "订单号,SKU,退货数量,申请时间,退货原因,退款金额",
    "1,A,1,03/04/2026,尺码偏小,50",
    "2,A,1,2026-04-05,老公不让买,=50",
    "3,A,1,2026-04-05,老公不让买,50",
)


def send(browser: FlaskClient, content: bytes, name: str = "四月退货.csv", **fields: str):
    data = {"csrf_token": token_of(browser, "/imports/new"), "file": (io.BytesIO(content), name), **fields}
    return browser.post("/imports/new", data=data)


def test_four_steps_and_an_undo_by_plain_forms(services: Services, log_in: LogIn):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    answer = send(browser, RETURNS)
    assert answer.status_code == 303
    here = answer.headers["Location"]
    assert "按“邻里退模板：退货”识别为退货" in browser.get(here).get_data(as_text=True)
    columns = ["订单号", "SKU", "退货数量", "申请时间", "退货原因", "退款金额"]
    fields = ["order_number", "sku", "return_quantity", "requested_at", "reason", "refund"]
    form = {f"field-{index}": field for index, field in enumerate(fields)}
    assert post(browser, f"{here}/map", page=here, column=columns, **form).status_code == 303
    page = browser.get(here).get_data(as_text=True)
    assert "日期看不出哪个是日、哪个是月" in page
    assert "整列按“日/月/年”读" in page
    bad = browser.get(f"{here}/bad-rows.csv")
    assert bad.data.startswith(b"\xef\xbb\xbf")
    assert bad.data.decode("utf-8-sig").splitlines()[2].endswith(",'=50")
    post(browser, f"{here}/rule", page=here, column="申请时间", order="dmy")
    reasons = {"reason_text": "老公不让买", "reason_handle": "changed-mind"}
    post(browser, f"{here}/rule", page=here, **reasons)
    page = browser.get(here).get_data(as_text=True)
    assert "导入 2 行，跳过 1 行" in page
    post(browser, f"{here}/commit", page=here, skip="1")
    page = browser.get(here).get_data(as_text=True)
    assert "第一份报告" in page
    assert "不想要了（七天无理由）" in page
    assert count(services, shop, ReturnLine) == (2,)
    post(browser, f"{here}/undo", page=here)
    assert "这次导入已整批撤销" in browser.get(here).get_data(as_text=True)
    assert count(services, shop, Order, ReturnLine) == (0, 0)
    assert "已撤销" in browser.get("/imports").get_data(as_text=True)


def test_what_is_no_table_comes_back_with_its_reason(services: Services, log_in: LogIn):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    for content, words in ((b"%PDF-1.7", "这是 PDF 文件"), (b"", "文件是空的"), (b"a,b\n", "只有表头")):
        answer = send(browser, content)
        assert (answer.status_code, words in answer.get_data(as_text=True)) == (422, True)
    assert count(services, shop, Import) == (0,)


def test_a_mapping_that_lacks_something_is_told_over_the_columns(services: Services, log_in: LogIn):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    here = send(browser, RETURNS).headers["Location"]
    answer = post(browser, f"{here}/map", page=here, column=["订单号"], **{"field-0": ""})
    assert answer.headers["Location"] == f"{here}?step=map"
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert "还缺少必需的列，请至少对应其中一项：订单号、顾客编号、手机号、邮箱" in page


def test_staff_look_and_do_not_import(services: Services, log_in: LogIn):
    shop = make_shop(services)
    here = send(log_in(make_member(services, shop)), RETURNS).headers["Location"]
    staff = log_in(make_member(services, shop, MemberRole.STAFF))
    assert staff.get("/imports").status_code == 200
    assert staff.get("/imports/new").status_code == 403
    page = staff.get(here)
    assert (page.status_code, "<form" in page.get_data(as_text=True).split("<main")[1]) == (200, False)


def test_templates_are_empty_workbooks_in_both_languages(services: Services, log_in: LogIn):
    browser = log_in(make_member(services, make_shop(services)))
    for language, first in (("zh", "订单号"), ("en", "Order number")):
        body = browser.get(f"/imports/templates/returns.xlsx?lang={language}").data
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body))
        (row,) = book.get_sheet_by_index(0).to_python()
        assert row[0] == first
    assert browser.get("/imports/templates/nonsense.xlsx").status_code == 404


def test_a_file_without_returns_reports_none_and_no_rate(services: Services, log_in: LogIn):
    browser = log_in(make_member(services, make_shop(services)))
    here = send(browser, csv_bytes("订单号,SKU,数量,单价,下单时间", "1,A,1,50,2026-10-01")).headers["Location"]
    post(browser, f"{here}/map", page=here)
    post(browser, f"{here}/commit", page=here)
    page = browser.get(here).get_data(as_text=True)
    assert "这份文件没有报告退货" in page
    assert "0%" not in page.split("<main")[1]
