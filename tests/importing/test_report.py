"""The first report: exact figures, what is estimated, and nothing where nothing was reported."""

from __future__ import annotations

from support.actors import make_shop
from support.importing import bring_in, csv_bytes

from alliance.platform.grading.reasons import ReasonLevel1
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.importing.reporting import FirstReport, first_report
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.insights.intervals import wilson

ORDERS = csv_bytes(
    "订单号,SKU,商品名称,数量,单价,下单时间",
    *(f"{n},D,连衣裙,1,100,2026-08-{1 + n % 28:02d}" for n in range(20)),
    *(f"{n},T,阔腿裤,1,80,2026-08-{1 + n % 28:02d}" for n in range(20, 40)),
    "90,R,稀有款,1,999,2026-08-15",
)
RETURNS = csv_bytes(
    "订单号,SKU,退货数量,申请时间,退货原因,退款金额,售后状态,退货运费",
    *(f"{n},D,1,2026-09-10,尺码偏小,100,退款成功,12" for n in range(9)),
    "9,D,1,2026-09-10,老公不让买,,退款成功,",
    "20,T,1,2026-09-10,色差,80,退款成功,",
    "21,T,1,2026-09-10,色差,80,商家已拒绝,",
    "90,R,1,2026-09-10,质量问题,999,退款成功,",
)


def report_of(services: Services, content: bytes, *, orders: bytes | None = ORDERS) -> FirstReport:
    shop = make_shop(services)
    if orders is not None:
        bring_in(services, shop, orders, kind=ImportKind.ORDERS)
    done = bring_in(services, shop, content, kind=ImportKind.RETURNS)
    with unit_of_work(services, shop.scope) as uow:
        return first_report(uow, done.id)


def test_reasons_money_and_rate_are_exact(services: Services) -> None:
    report = report_of(services, RETURNS)
    assert (report.returns, report.units, report.currency) == (12, 12, "CNY")
    assert [(item.handle, item.units) for item in report.reasons] == [
        ("size-too-small", 9),
        ("colour-differs-from-picture", 1),
        ("quality-other", 1),
        ("unknown", 1),
    ]
    assert report.levels[0] == (ReasonLevel1.SIZE, 9, 0.75)
    assert report.unmapped == wilson(1, 12)
    money = report.money
    assert (money.refunds, money.estimated, money.estimated_units) == (197_900, 10_000, 1)
    assert (money.way_back, money.handling, money.unknown_units) == (0, 0, 0)
    assert money.total == money.refunds + money.estimated
    assert report.rate == wilson(12, 41)


def test_the_worst_products_are_no_accident_of_small_numbers(services: Services) -> None:
    report = report_of(services, RETURNS)
    assert [(item.title, item.returned, item.sold, item.reason) for item in report.worst] == [
        ("连衣裙", 10, 20, "size-too-small")
    ]
    assert report.worst[0].rate == wilson(10, 20)


def test_without_sales_there_is_no_rate_and_a_ranking_by_pieces(services: Services) -> None:
    report = report_of(services, RETURNS, orders=None)
    assert (report.rate, report.sold) == (None, 0)
    assert [(item.title, item.returned, item.sold) for item in report.worst] == [("D", 10, None)]


def test_a_source_that_reports_no_returns_has_no_rate(services: Services) -> None:
    shop = make_shop(services)
    done = bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    with unit_of_work(services, shop.scope) as uow:
        report = first_report(uow, done.id)
    assert (report.is_reported, report.rate, report.unmapped, report.units) == (False, None, None, 0)


def test_reasons_nobody_stated_are_not_called_unmapped(services: Services) -> None:
    content = csv_bytes(
        "订单号,SKU,退货数量,申请时间,退货原因,退款金额", "0,D,1,2026-09-10,,100", "1,D,1,2026-09-10,色差,100"
    )
    report = report_of(services, content)
    assert (report.units, report.unstated, report.unmapped) == (2, 1, wilson(0, 1))
    assert [(item.handle, item.share) for item in report.reasons] == [("colour-differs-from-picture", 1.0)]
