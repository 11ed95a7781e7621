"""Cells: each way people and spreadsheets write a value, and what no value may be made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.platform.kernel.money import minor_to_text
from alliance.tenants.importing.cells.amounts import read_money, read_quantity
from alliance.tenants.importing.cells.cell import Cell
from alliance.tenants.importing.cells.contacts import read_email, read_phone
from alliance.tenants.importing.cells.dates import DateRules, read_date, shape_of
from alliance.tenants.importing.cells.reasons import read_reason
from alliance.tenants.importing.cells.statuses import read_status, read_wish
from alliance.tenants.importing.cells.words import clean_text, read_code, read_flag, read_number_code
from alliance.tenants.importing.problems import ADVICE, Problem
from alliance.tenants.importing.states import DateOrder

NOW = datetime(2026, 11, 25, tzinfo=UTC)
RULES = DateRules(ZoneInfo("Asia/Shanghai"), None, NOW)


def test_every_problem_has_advice() -> None:
    assert set(ADVICE) == set(Problem)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("000123", "000123"),
        ("'000123", "000123"),
        ('="000123"', "000123"),
        ("１２３－４", "123-4"),
        ("\ufeff 20261103882\u200b", "20261103882"),
        ("20261103882.0", "20261103882"),
        ("#1001", "1001"),
        ("", None),
        ("null", None),
    ],
)
def test_numbers_of_orders_keep_their_digits(written: str, read: str | None) -> None:
    assert read_number_code(written) == Cell(read)


@pytest.mark.parametrize("written", ["2.02611E+10", "2.02611e10", "1.23456789012345E+18", "2E5"])
def test_scientific_notation_is_refused_as_a_number(written: str) -> None:
    assert read_number_code(written) == Cell(fault=Problem.SCIENTIFIC_NUMBER)


def test_a_sku_may_look_like_scientific_notation() -> None:
    assert read_code("2E5") == Cell("2E5")
    assert read_code("2.1E+5") == Cell(fault=Problem.SCIENTIFIC_NUMBER)


@pytest.mark.parametrize(
    ("written", "minor", "note"),
    [
        ("268.00", 26_800, None),
        ("268", 26_800, None),
        ("1,268元", 126_800, Problem.MONEY_REREAD),
        ("¥1,268.50", 126_850, Problem.MONEY_REREAD),
        ("￥１２．５", 1_250, Problem.MONEY_REREAD),
        ("CNY 12.5", 1_250, Problem.MONEY_REREAD),
        ("12,5", 1_250, Problem.MONEY_REREAD),
        ("1.268,50", 126_850, Problem.MONEY_REREAD),
        ("1 268.50", 126_850, Problem.MONEY_REREAD),
        ("(59.90)", -5_990, Problem.MONEY_REREAD),
        ("-59.90", -5_990, None),
        ("9.9899997711181641", 999, Problem.MONEY_ROUNDED),
    ],
)
def test_money_is_read_in_minor_units(written: str, minor: int, note: Problem | None) -> None:
    assert read_money(written, currency="CNY") == Cell(minor, note=note)


@pytest.mark.parametrize("written", ["$5", "5 USD", "€5", "HK$ 5", "5美元"])
def test_another_currency_is_a_fault_and_no_conversion(written: str) -> None:
    assert read_money(written, currency="CNY") == Cell(fault=Problem.CURRENCY_MISMATCH)


@pytest.mark.parametrize("written", ["abc", "1,2,3", "1.2.3", "12..5", "5元6", "(5"])
def test_what_is_no_amount_is_refused(written: str) -> None:
    assert read_money(written, currency="CNY").fault is Problem.MONEY_UNREADABLE


@given(st.integers(-(10**11), 10**11), st.sampled_from(["CNY", "USD", "JPY"]))
def test_money_written_exactly_is_read_exactly(minor: int, currency: str) -> None:
    assert read_money(minor_to_text(minor, currency), currency=currency).value == minor


@given(st.text(max_size=40))
def test_no_text_crashes_a_cell(written: str) -> None:
    read_money(written, currency="CNY")
    read_date(written, RULES)
    read_quantity(written)
    read_number_code(written)
    read_phone(written)
    read_email(written)
    read_reason(written, chosen={})
    read_status(written)
    read_flag(written)
    shape_of(written)
    assert clean_text(clean_text(written).lstrip("'`=")) is not None


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-04",
        "2026/11/4",
        "2026.11.04",
        "2026年11月4日",
        "２０２６年１１月４日",
        "20261104",
        "46330",
        "Nov 4, 2026",
        "4 November 2026",
        "2026-11-04 00:00",
        "2026-11-04T00:00:00+08:00",
        "2026-11-03 16:00:00 UTC",
        "2026-11-03T16:00:00Z",
        "2026-11-04 上午 00:00",
    ],
)
def test_dates_are_moments_in_the_shops_zone(written: str) -> None:
    assert read_date(written, RULES) == Cell(datetime(2026, 11, 3, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "order", "day"),
    [
        ("03/04/2026", DateOrder.DMY, date(2026, 4, 3)),
        ("03/04/2026", DateOrder.MDY, date(2026, 3, 4)),
        ("03/04/26", DateOrder.DMY, date(2026, 4, 3)),
        ("25/04/2026", None, date(2026, 4, 25)),
        ("04/25/2026", None, date(2026, 4, 25)),
        ("04/04/2026", None, date(2026, 4, 4)),
        ("26/04/03", DateOrder.YMD, date(2026, 4, 3)),
    ],
)
def test_slashed_dates_follow_their_column(written: str, order: DateOrder | None, day: date) -> None:
    read = read_date(written, DateRules(RULES.zone, order, NOW)).value
    assert read is not None
    assert read.astimezone(RULES.zone).date() == day


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("03/04/25", Problem.DATE_AMBIGUOUS),
        ("2026-02-30", Problem.DATE_UNREADABLE),
        ("昨天", Problem.DATE_UNREADABLE),
        ("1926-11-04", Problem.DATE_OUT_OF_RANGE),
        ("2062-11-04", Problem.DATE_OUT_OF_RANGE),
    ],
)
def test_bad_dates_say_why(written: str, fault: Problem) -> None:
    assert read_date(written, RULES) == Cell(fault=fault)


@given(st.datetimes(datetime(2001, 1, 1), datetime(2026, 11, 1)))  # noqa: DTZ001 (a local time is what is written)
def test_an_iso_time_is_read_back(moment: datetime) -> None:
    zone = ZoneInfo("UTC")
    whole = moment.replace(microsecond=0)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S"):
        assert read_date(whole.strftime(form), DateRules(zone, None, NOW)).value == whole.replace(tzinfo=UTC)
    serial = (whole - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001 (a serial has no zone)
    assert read_date(f"{serial:.8f}", DateRules(zone, None, NOW)).value == whole.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"), [("1", 1), ("２件", 2), ("3.0", 3), ("-1", -1), ("x2", 2), ("1,000", 1000), ("", None)]
)
def test_quantities_are_whole(written: str, read: int | None) -> None:
    assert read_quantity(written) == Cell(read)


@pytest.mark.parametrize("written", ["1.5", "两件", "1/2"])
def test_part_quantities_are_refused(written: str) -> None:
    assert read_quantity(written) == Cell(fault=Problem.QUANTITY_UNREADABLE)


def test_phones_become_e164_and_masked_ones_nothing() -> None:
    assert read_phone("138 0013 8000") == Cell("+8613800138000")
    assert read_phone("13800138000.0") == Cell("+8613800138000")
    assert read_phone("+1 415 555 2671", region="US") == Cell("+14155552671")
    assert read_phone("138****8000") == Cell(note=Problem.CONTACT_DROPPED)


def test_emails_are_lower_case_and_masked_ones_nothing() -> None:
    assert read_email(" Wang@Example.COM ") == Cell("wang@example.com")
    assert read_email("w***@example.com") == Cell(note=Problem.CONTACT_DROPPED)


@pytest.mark.parametrize(
    ("written", "handle"),
    [
        ("尺码偏小", "size-too-small"),
        ("APPAREL_TOO_LARGE", "size-too-large"),
        ("SIZE_TOO_SMALL", "size-too-small"),
        ("颜色/图案/款式与商品描述不符", "colour-differs-from-picture"),
        ("7天无理由退换货", "changed-mind"),
        ("多拍/拍错/不想要", "ordered-by-mistake"),
        ("ProductArrivedAfterPromisedDeliveryDate", "late-delivery"),
        ("质量问题", "quality-other"),
        ("size-too-small", "size-too-small"),
        ("Too large", "size-too-large"),
    ],
)
def test_reasons_find_their_handle(written: str, handle: str) -> None:
    assert read_reason(written, chosen={}) == Cell(handle)


def test_an_unknown_reason_stays_visible_and_a_persons_choice_wins() -> None:
    assert read_reason("老公不让买", chosen={}) == Cell("unknown", note=Problem.REASON_UNMAPPED)
    assert read_reason("老公不让买", chosen={"老公不让买": "changed-mind"}) == Cell("changed-mind")
    assert read_reason("老公不让买", chosen={"老公不让买": "no-such-handle"}).value == "unknown"


@pytest.mark.parametrize(
    ("written", "axes"),
    [
        ("WAIT_BUYER_RETURN_GOODS", ("approved", "awaiting_parcel", "pending")),
        ("卖家已经同意退款，等待买家退货", ("approved", "awaiting_parcel", "pending")),
        ("买家已退货，等待商家确认收货", ("approved", "in_transit", "pending")),
        ("退款成功", ("approved", "received", "refunded")),
        ("商家已拒绝", ("rejected", "awaiting_parcel", "denied")),
        ("售后关闭", ("cancelled", "awaiting_parcel", "none")),
        ("待商家处理", ("requested", "awaiting_parcel", "none")),
        ("expired", ("expired", "awaiting_parcel", "none")),
    ],
)
def test_one_word_becomes_three_axes(written: str, axes: tuple[str, str, str]) -> None:
    read = read_status(written)
    assert read is not None
    assert (read.authorisation, read.logistics, read.settlement) == axes


def test_the_kind_of_after_sale_is_a_wish() -> None:
    assert [read_wish(text) for text in ("退货退款", "仅退款", "换货", "Store credit", "?")] == [
        "refund",
        "refund",
        "exchange",
        "points",
        None,
    ]
