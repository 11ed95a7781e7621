"""Twelve months of orders: season, weekdays and the two great shopping days, first buyers and those who come again."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alliance.web.cli.demo.catalogue import Catalogue, Style, Variant, batch_of
from alliance.web.cli.demo.chance import Chance, days, pick, stream
from alliance.web.cli.demo.people import Person, make_person
from alliance.web.cli.demo.profiles import SIZES, ZONE, ShopProfile

# January to December; the mean is 1. New year's holiday is quiet, 618 and 11.11 are loud.
SEASON = (0.95, 0.72, 1.0, 1.03, 1.03, 1.17, 0.9, 0.86, 0.98, 1.03, 1.3, 1.03)
GREAT_DAYS = {(6, 18): 4.0, (11, 11): 5.0, (12, 12): 2.5}
WEEKEND = 1.25
COMES_AGAIN = 0.34
# Some buyers buy at several shops of the alliance; the platform must take them as one person.
BUYS_ELSEWHERE = 0.06
SHARED_PERSONS = 400
LINES = ((1, 76.0), (2, 20.0), (3, 4.0))
TRIES_TWO_SIZES = 0.03


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One variant of a sale; `is_spare` is the second size of a style bought to try on."""

    variant: Variant
    quantity: int
    unit_price_minor: int
    batch: str
    is_spare: bool = False


@dataclass(frozen=True, slots=True)
class Sale:
    """An order. `delivered_at` may lie after the end of the story."""

    number: str
    placed_at: datetime
    delivered_at: datetime
    buyer: Person
    lines: tuple[SoldLine, ...]

    @property
    def total_minor(self) -> int:
        """What the buyer paid, in fen."""
        return sum(line.unit_price_minor * line.quantity for line in self.lines)


class Buyers:
    """The shop's buyers so far; who buys next is a new person, one known here, or one known to all shops."""

    def __init__(self, chance: Chance, *, first_number: int) -> None:
        self.chance = chance
        self.next_number = first_number
        self.known: list[Person] = []

    def next(self) -> Person:
        """The buyer of the next order."""
        if self.known and self.chance.random() < COMES_AGAIN:
            return self.chance.choice(self.known)
        if self.chance.random() < BUYS_ELSEWHERE:
            number = self.chance.randrange(SHARED_PERSONS)
            person = make_person(stream(0, "buys-elsewhere", number), number)
        else:
            person = make_person(self.chance, self.next_number)
            self.next_number += 1
        self.known.append(person)
        return person


def make_sales(
    chance: Chance, profile: ShopProfile, catalogue: Catalogue, *, start: date, end: date, first_buyer: int
) -> Iterator[Sale]:
    """The shop's orders from `start` up to but without `end`, in the order of their times."""
    buyers = Buyers(chance, first_number=first_buyer)
    month = start
    while month < end:
        after = _next_month(month)
        weights = [(day, _busy(day)) for day in _days(month, after)]
        orders = round(profile.orders_a_month * SEASON[month.month - 1] * chance.uniform(0.93, 1.07))
        chosen = chance.choices([day for day, _w in weights], [w for _day, w in weights], k=orders)
        styles = [(style, style.demand(month.month)) for style in catalogue.styles]
        moments = sorted(_moment(chance, day) for day in chosen)
        for count, placed_at in enumerate(moments):
            sale = _sale(chance, profile, catalogue, styles, placed_at, buyers.next(), count)
            # The last month is drawn whole, so that another end of the story changes nothing before it.
            if placed_at.date() < end:
                yield sale
        month = after


def _sale(
    chance: Chance,
    profile: ShopProfile,
    catalogue: Catalogue,
    styles: list[tuple[Style, float]],
    placed_at: datetime,
    buyer: Person,
    count: int,
) -> Sale:
    lines: list[SoldLine] = []
    for _n in range(pick(chance, LINES)):
        variant = pick(chance, [(v, v.weight) for v in catalogue.variants[pick(chance, styles).code]])
        quantity = 2 if chance.random() < 0.02 else 1
        lines.append(_line(chance, variant, placed_at, quantity))
        if variant.size != SIZES[-1] and chance.random() < TRIES_TWO_SIZES:
            larger = catalogue.find(variant.style, size=SIZES[variant.size_step + 1], colour=variant.colour)
            lines.append(_line(chance, larger, placed_at, 1, is_spare=True))
    distinct = {line.variant.sku: line for line in lines}
    return Sale(
        number=f"{placed_at:%y%m%d}{profile.prefix}{count:04d}{chance.randrange(100):02d}",
        placed_at=placed_at,
        delivered_at=placed_at + days(chance, 1.2, 5.5),
        buyer=buyer,
        lines=tuple(distinct.values()),
    )


def _line(chance: Chance, variant: Variant, placed_at: datetime, quantity: int, *, is_spare: bool = False) -> SoldLine:
    discount = pick(chance, ((100, 60.0), (95, 15.0), (90, 15.0), (85, 10.0)))
    if (placed_at.month, placed_at.day) in GREAT_DAYS:
        discount -= 8
    price = variant.price_minor * discount // 100
    return SoldLine(variant, quantity, price, batch_of(variant.style, placed_at.date()), is_spare)


def _moment(chance: Chance, day: date) -> datetime:
    """A time of the day at which people shop: after eight, most of them in the evening."""
    second = int(chance.triangular(8 * 3600, 24 * 3600 - 1, 21 * 3600))
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(seconds=second)


def _busy(day: date) -> float:
    return GREAT_DAYS.get((day.month, day.day), WEEKEND if day.weekday() >= 5 else 1.0)


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days)]


def _next_month(day: date) -> date:
    return day.replace(day=1) + timedelta(days=calendar.monthrange(day.year, day.month)[1])
