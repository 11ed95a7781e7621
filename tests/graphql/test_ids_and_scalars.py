"""Global ids and scalars: what goes out comes back, and anything else is refused."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.graphql.engine.ids import LONGEST, find_key, global_id, key_of, read_global_id
from alliance.graphql.engine.scalars import (
    decimal_of,
    moment_text,
    plain,
    read_date,
    read_decimal,
    read_moment,
    read_month,
)
from alliance.platform.kernel.errors import NotFoundError
from alliance.tenants.insights.months import Month

KEY = UUID("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")


@given(st.uuids(), st.sampled_from(["Return", "ReturnLine", "Shop"]))
def test_a_global_id_comes_back_as_type_and_key(key: UUID, kind: str) -> None:
    value = global_id(kind, key)
    assert read_global_id(value) == (kind, key)
    assert key_of(value, kind) == key
    assert base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)) == f"{kind}:{key}".encode()


def test_padding_may_be_there_or_not() -> None:
    key = uuid4()
    value = global_id("Return", key)
    assert read_global_id(value + "=" * (-len(value) % 4)) == ("Return", key)


@given(st.text(max_size=80))
def test_a_garbled_id_is_not_found(value: str) -> None:
    assert find_key(value, "Return") is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "UmV0dXJu",
        global_id("Order", KEY),
        base64.b64encode(b"Return:123").decode(),
        base64.b64encode(f"Return:{KEY.hex}".encode()).decode(),
        base64.b64encode(f"Return:{{{KEY}}}".encode()).decode(),
        "A" * (LONGEST + 1),
        "不是",
    ],
)
def test_another_form_or_type_is_not_found(value: str) -> None:
    with pytest.raises(NotFoundError):
        key_of(value, "Return")


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001 (hypothesis takes naive bounds)
def test_a_moment_comes_back_to_the_millisecond(naive: datetime, hours: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    shown = moment_text(moment)
    assert shown.endswith("Z")
    assert timedelta(0) <= moment - read_moment(shown) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "value", ["2026-10-01T12:00:00", "2026-10-01", "", "x", 5, None, True, "9" * 61, "0001-01-01T00:00:00+14:00"]
)
def test_a_time_without_its_offset_is_no_moment(value: object) -> None:
    with pytest.raises(ValueError, match=r"DateTime|string"):
        read_moment(value)


def test_a_moment_with_an_offset_is_read_in_utc() -> None:
    assert read_moment("2026-10-01T08:00:00+08:00") == datetime(2026, 10, 1, tzinfo=UTC)


def test_a_date_has_one_form() -> None:
    assert read_date("2026-02-28") == date(2026, 2, 28)
    for value in ("2026-02-30", "20260228", "2026-2-28", "2026-W01-1", "２０２６-02-28", 20260228, None):
        with pytest.raises(ValueError, match=r"Date|string"):
            read_date(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_a_decimal_is_exact(value: Decimal) -> None:
    assert read_decimal(str(value)) == value


@pytest.mark.parametrize(
    "value", ["", "1e3", "NaN", "Infinity", "1,5", " 1", "1.", ".5", "0x1", "１", 1.5, 3, None, "1" * 16]
)
def test_anything_but_a_plain_decimal_text_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"Decimal|string"):
        read_decimal(value)


def test_a_month_has_one_form() -> None:
    assert read_month("2026-10") == Month(2026, 10)
    for value in ("2026-13", "2026-1", "202610", "0000-01", 202610, None):
        with pytest.raises(ValueError, match=r"Month|string"):
            read_month(value)


def test_grams_are_shown_as_kilograms_without_rounding() -> None:
    assert [str(decimal_of(grams, places=3)) for grams in (0, 1, 1_250, 1_000_000)] == [
        "0.000",
        "0.001",
        "1.250",
        "1000.000",
    ]


def test_an_input_is_plain_json_for_its_hash() -> None:
    assert plain({"a": [Decimal("1.50"), date(2026, 1, 2), None, True], "b": Month(2026, 1)}) == {
        "a": ["1.50", "2026-01-02", None, True],
        "b": "2026-01",
    }
