"""Published intervals, and months that know their zone."""

from datetime import UTC, datetime

import pytest

from alliance.platform.kernel.errors import BadInputError
from alliance.tenants.insights.intervals import wilson
from alliance.tenants.insights.kpis import months_between
from alliance.tenants.insights.months import Month, month_of, parse_month


def test_the_interval_is_the_published_one() -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score): 81/263, 15/148, 0/20, 1/29.
    for hits, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        share = wilson(hits, n)
        assert share is not None
        assert (round(share.low, 4), round(share.high, 4)) == (low, high)
    assert wilson(1, 29).high == pytest.approx(0.1718, abs=5e-5)


def test_nothing_out_of_nothing_is_no_share_and_more_than_all_is_refused() -> None:
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)


def test_a_month_starts_at_midnight_of_its_zone() -> None:
    assert Month(2026, 3).start("Asia/Shanghai") == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert month_of(datetime(2026, 2, 28, 15, 59, tzinfo=UTC), "Asia/Shanghai") == Month(2026, 2)
    assert Month(2026, 12).next() == Month(2027, 1)


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "26-01", "2026/01", "", "2026-1", "２０２６-01", "0000-01", "9999-12"]
)
def test_a_text_that_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        parse_month(text)


def test_months_are_listed_in_order_and_not_beyond_five_years() -> None:
    assert [str(m) for m in months_between(Month(2025, 11), Month(2026, 2))] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    assert len(months_between(Month(2021, 1), Month(2025, 12))) == 60
    for first, last in ((Month(2026, 2), Month(2026, 1)), (Month(2021, 1), Month(2026, 1))):
        with pytest.raises(BadInputError):
            months_between(first, last)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Shanghai", "America/Los_Angeles"])
def test_the_earliest_and_the_latest_month_have_bounds_in_every_zone(zone: str) -> None:
    assert parse_month("0002-01").start(zone) < parse_month("9998-12").next().start(zone)
