"""Money: integer minor units with an ISO 4217 currency. No floats anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from babel.numbers import get_currency_precision


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (fen, cents) of one currency. Adding two currencies is refused with ValueError."""

    amount_minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def to_decimal_text(self) -> str:
        """The exact decimal in major units, as the API shows it: "12.50", "-3", "1000" for yen."""
        return minor_to_text(self.amount_minor, self.currency)


def precision(currency: str) -> int:
    """Decimal places of the currency's minor unit (CNY 2, JPY 0)."""
    return get_currency_precision(currency)


def minor_to_text(amount_minor: int, currency: str) -> str:
    """Minor units as an exact decimal text in major units."""
    return str(Decimal(amount_minor).scaleb(-precision(currency)))


def to_minor(amount: Decimal, currency: str) -> int:
    """Major units as minor units. Refuses more decimal places than the currency has with ValueError."""
    scaled = amount.scaleb(precision(currency))
    minor = scaled.to_integral_value(rounding=ROUND_HALF_EVEN)
    if minor != scaled:
        raise ValueError(f"{amount} has more decimal places than {currency}")
    return int(minor)


def split_largest_remainder(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split a total by non-negative integer weights so that the parts sum to it exactly (Hamilton's method).

    Floors of the exact quotas first; the left-over units go to the largest remainders, ties to the earlier part.
    Refuses no weights, a negative weight or a sum of zero with ValueError. A negative total splits as its mirror.
    """
    whole = sum(weights)
    if not weights or min(weights) < 0 or whole == 0:
        raise ValueError("weights must be non-negative and not all zero")
    if total_minor < 0:
        return [-part for part in split_largest_remainder(-total_minor, weights)]
    parts = [total_minor * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_minor * weights[i] % whole), i))
    for index in by_remainder[: total_minor - sum(parts)]:
        parts[index] += 1
    return parts
