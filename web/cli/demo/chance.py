"""Chance that repeats itself: every stream of random numbers is named, so that one shop never disturbs another's."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")
Chance = random.Random


def stream(seed: int, *names: object) -> Chance:
    """The stream of this seed and name; the same on every machine."""
    return random.Random(":".join(map(str, (seed, *names))))  # noqa: S311 (made-up data, no secret)


def pick(chance: Chance, weighted: Sequence[tuple[T, float]]) -> T:
    """One value of `(value, weight)` pairs."""
    return chance.choices([value for value, _weight in weighted], [weight for _value, weight in weighted])[0]


def hours(chance: Chance, low: float, high: float) -> timedelta:
    """A span between two numbers of hours, to the second."""
    return timedelta(seconds=int(chance.uniform(low, high) * 3600))


def days(chance: Chance, low: float, high: float) -> timedelta:
    """A span between two numbers of days, to the second."""
    return hours(chance, low * 24, high * 24)
