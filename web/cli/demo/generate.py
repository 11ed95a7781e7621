"""The story of the demo, made up from a seed and a day; nothing here touches a file, a clock or a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from alliance.web.cli.demo.catalogue import Catalogue, batch_of, make_catalogue
from alliance.web.cli.demo.chance import stream
from alliance.web.cli.demo.comebacks import Comeback, make_comebacks
from alliance.web.cli.demo.profiles import ZONE, ShopProfile
from alliance.web.cli.demo.reasons import risks_of
from alliance.web.cli.demo.sales import SHARED_PERSONS, Sale, make_sales

DEFAULT_SEED = 20_281
MONTHS = 12
BUYERS_A_SHOP = 30_000


@dataclass(frozen=True, slots=True)
class Span:
    """The time the story covers: from the first day of a month up to but without `today`."""

    start: date
    today: date

    @property
    def until(self) -> datetime:
        """The moment the story is told at: the first of `today` in China."""
        return _midnight(self.today)


@dataclass(frozen=True)
class ShopStory:
    """Everything one shop has to tell, made up when first asked for."""

    seed: int
    profile: ShopProfile
    place: int
    span: Span
    catalogue: Catalogue

    @cached_property
    def sales(self) -> tuple[Sale, ...]:
        """The orders, in the order of their times."""
        first = SHARED_PERSONS + self.place * max(BUYERS_A_SHOP, self.profile.orders_a_month * (MONTHS + 1) * 2)
        return tuple(
            make_sales(
                stream(self.seed, self.profile.handle, "sales"),
                self.profile,
                self.catalogue,
                start=self.span.start,
                end=self.span.today,
                first_buyer=first,
            )
        )

    @cached_property
    def comebacks(self) -> tuple[Comeback, ...]:
        """The returns, in the order of their sales, as they stand when the story is told."""
        return tuple(
            make_comebacks(
                stream(self.seed, self.profile.handle, "returns"),
                self.profile,
                risks_of(self.profile, self.catalogue, bad_batch=self.bad_batch),
                self.sales,
                together_from=_midnight(months_after(self.span.start, self.profile.joins_centre_after)),
                until=self.span.until,
            )
        )

    @property
    def bad_batch(self) -> str:
        """The code of the faulty delivery; empty where the shop has none."""
        if self.profile.bad_delivery is None:
            return ""
        style, month = self.profile.bad_delivery
        return batch_of(self.catalogue.styles[style], months_after(self.span.start, month))


def span_before(today: date) -> Span:
    """Twelve whole months and what has passed of the current one."""
    return Span(months_after(today.replace(day=1), -MONTHS), today)


def make_story(seed: int, profile: ShopProfile, *, place: int, today: date) -> ShopStory:
    """One shop's story; `place` is its position among the shops and keeps its buyers apart from theirs."""
    catalogue = make_catalogue(stream(seed, profile.handle, "catalogue"), profile)
    return ShopStory(seed, profile, place, span_before(today), catalogue)


def months_after(day: date, count: int) -> date:
    """The first day of the month `count` months after (or before) a day's month."""
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)
