"""Large alliances for benchmarks: the five shops' stories told over and over, under other names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from alliance.web.cli.demo.generate import MONTHS
from alliance.web.cli.demo.loading import DemoPlan
from alliance.web.cli.demo.profiles import SHOPS, ShopProfile


@dataclass(frozen=True, slots=True)
class Scale:
    """How many shops, each with how many orders a month on average."""

    shops: int
    orders_a_month: int


SCALES = {"50shops": Scale(50, 200), "1m": Scale(50, 1_000_000 // 50 // MONTHS)}


def scaled(name: str) -> DemoPlan:
    """The plan of a scale, beside the demo alliance in names and addresses. An unknown scale is a KeyError."""
    scale = SCALES[name]
    profiles = [_named(SHOPS[number % len(SHOPS)], number, name) for number in range(scale.shops)]
    return DemoPlan(
        handle=f"bench-{name}",
        name=f"基准联盟 {name}",
        profiles=with_orders(profiles, scale.orders_a_month),
    )


def with_orders(profiles: Sequence[ShopProfile], orders_a_month: int) -> tuple[ShopProfile, ...]:
    """The shops with another mean of orders; the larger ones stay the larger."""
    mean = sum(profile.orders_a_month for profile in profiles) / len(profiles)
    factor = orders_a_month / mean
    return tuple(
        replace(profile, orders_a_month=max(1, round(profile.orders_a_month * factor))) for profile in profiles
    )


def _named(profile: ShopProfile, number: int, scale: str) -> ShopProfile:
    return replace(
        profile,
        handle=f"{profile.handle}-{scale}-{number + 1:02d}",
        name=f"{profile.name} {number + 1:02d}",
    )
