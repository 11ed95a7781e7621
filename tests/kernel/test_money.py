"""Money: exact minor units, and splits that lose nothing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.platform.kernel.money import Money, minor_to_text, split_largest_remainder, to_minor

WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(1250, "CNY", "12.50"), (-305, "CNY", "-3.05"), (0, "EUR", "0.00"), (1000, "JPY", "1000"), (1, "KWD", "0.001")],
)
def test_an_amount_shows_every_decimal_place_of_its_currency(minor: int, currency: str, text: str) -> None:
    assert minor_to_text(minor, currency) == text
    assert to_minor(Decimal(text), currency) == minor


def test_more_places_than_the_currency_has_are_refused() -> None:
    with pytest.raises(ValueError, match="more decimal places"):
        to_minor(Decimal("0.001"), "CNY")


def test_two_currencies_do_not_add() -> None:
    assert Money(1, "CNY") + Money(2, "CNY") == Money(3, "CNY")
    with pytest.raises(ValueError, match="cannot add"):
        Money(1, "CNY") + Money(1, "EUR")


def test_left_over_cents_go_to_the_largest_remainders() -> None:
    # Hamilton's method on the textbook case: quotas 3.33, 3.33, 3.33 and 1.43, 4.29, 4.29.
    assert split_largest_remainder(10, [1, 1, 1]) == [4, 3, 3]
    assert split_largest_remainder(10, [1, 3, 3]) == [2, 4, 4]
    assert split_largest_remainder(-10, [1, 3, 3]) == [-2, -4, -4]


@given(total=st.integers(-(10**12), 10**12), weights=WEIGHTS)
def test_parts_sum_to_the_total_and_stay_within_one_unit_of_the_quota(total: int, weights: list[int]) -> None:
    parts = split_largest_remainder(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_say_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_largest_remainder(1, weights)
