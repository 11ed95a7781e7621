"""What a shop sells: styles, their sizes and colours under SKUs, and the deliveries they came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from alliance.web.cli.demo.chance import Chance
from alliance.web.cli.demo.profiles import SIZE_WEIGHTS, SIZES, Colour, ShopProfile, StyleDraft

COLOURS_A_STYLE = 3
# How often a piece is chosen in a month out of its season, in it, and all year round.
OFF_SEASON, IN_SEASON = 0.3, 1.7
SUMMER_MONTHS = frozenset({4, 5, 6, 7, 8, 9})


@dataclass(frozen=True, slots=True)
class Style:
    """A style in this shop: its code, colours, maker and how well it sells."""

    code: str
    draft: StyleDraft
    colours: tuple[Colour, ...]
    supplier: str
    popularity: float
    is_bad_delivery: bool

    def demand(self, month: int) -> float:
        """How well it sells in a calendar month."""
        if self.draft.season == "all":
            return self.popularity
        in_season = (month in SUMMER_MONTHS) == (self.draft.season == "summer")
        return self.popularity * (IN_SEASON if in_season else OFF_SEASON)


@dataclass(frozen=True, slots=True)
class Variant:
    """One SKU. `price_minor` in fen; the two largest sizes cost ten yuan more."""

    sku: str
    style: Style
    size: str
    colour: Colour
    price_minor: int
    stock: int
    weight: float

    @property
    def size_step(self) -> int:
        """Its place among the sizes, from the smallest."""
        return SIZES.index(self.size)


@dataclass(frozen=True)
class Catalogue:
    """Everything a shop sells, variants by style."""

    styles: tuple[Style, ...]
    variants: Mapping[str, tuple[Variant, ...]]

    def find(self, style: Style, *, size: str, colour: Colour) -> Variant:
        """The variant of a style in a size and colour."""
        return next(v for v in self.variants[style.code] if v.size == size and v.colour is colour)


def make_catalogue(chance: Chance, profile: ShopProfile) -> Catalogue:
    """The shop's styles, each in all sizes and three colours of the palette."""
    styles = tuple(_style(chance, profile, number) for number in range(len(profile.styles)))
    return Catalogue(styles, {style.code: _variants(chance, style) for style in styles})


def batch_of(style: Style, day: date) -> str:
    """The delivery that pieces sold on a day come from: a new one each quarter."""
    return f"{style.code}-{day:%y}Q{(day.month + 2) // 3}"


def _style(chance: Chance, profile: ShopProfile, number: int) -> Style:
    bad = profile.bad_delivery is not None and profile.bad_delivery[0] == number
    return Style(
        code=f"{profile.prefix}{number + 1:02d}",
        draft=profile.styles[number],
        colours=tuple(chance.sample(profile.palette, COLOURS_A_STYLE)),
        supplier=profile.suppliers[number % len(profile.suppliers)],
        # A faulty delivery is worth finding only where many bought of it.
        popularity=2.0 if bad else 0.5 + chance.random() * 1.5,
        is_bad_delivery=bad,
    )


def _variants(chance: Chance, style: Style) -> tuple[Variant, ...]:
    return tuple(
        Variant(
            sku=f"{style.code}-{colour.code}-{size}",
            style=style,
            size=size,
            colour=colour,
            price_minor=style.draft.price * 100 + (1000 if size in SIZES[-2:] else 0),
            stock=chance.randrange(0, 60),
            weight=weight,
        )
        for colour in style.colours
        for size, weight in zip(SIZES, SIZE_WEIGHTS, strict=True)
    )
