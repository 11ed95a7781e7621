"""How sure a share is: the Wilson score interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """A share of `n` with its 95 % interval; all between 0 and 1."""

    value: float
    low: float
    high: float
    n: int


def wilson(hits: int, n: int) -> Share | None:
    """The share `hits / n` with its 95 % Wilson interval; None where n is 0. Refuses hits outside 0..n with ValueError.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share")
    if n == 0:
        return None
    share = hits / n
    centre = (share + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = Z_95 / (1 + Z_95**2 / n) * sqrt(share * (1 - share) / n + Z_95**2 / (4 * n * n))
    return Share(share, max(0.0, centre - half), min(1.0, centre + half), n)
