"""Why pieces come back: a chance for each cause by style, colour and size, scaled so that a shop's shares hold.

The story's shares are those of the seed case: 55 % size, 25 % colour, 20 % not what was expected. A faulty delivery
comes on top, and quality is what its buyers name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alliance.web.cli.demo.catalogue import Catalogue, Style, Variant
from alliance.web.cli.demo.chance import Chance, pick
from alliance.web.cli.demo.profiles import ShopProfile
from alliance.web.cli.demo.sales import SoldLine


class Cause(StrEnum):
    """What really drives a return in the story."""

    SIZE = "size"
    COLOUR = "colour"
    GAP = "gap"
    FAULT = "fault"


# Spare sizes come back as size returns too, so size takes a little less than its 55 % of the others.
SHARES: Mapping[Cause, float] = {Cause.SIZE: 0.532, Cause.COLOUR: 0.261, Cause.GAP: 0.207}
SPARE_COMES_BACK = 0.86
# What is refused, withdrawn or let lapse does not count as returned.
AGREED = 0.94
FAULTY_COMES_BACK = 0.38
MOST = 0.95
# How much oftener a size return is, by fit: small, true, large; and by place among the sizes (the ends fit worst).
FIT_RISK = {-1: 1.7, 0: 0.75, 1: 1.25}
SIZE_RISK = (0.9, 0.85, 0.9, 1.05, 1.25, 1.4)

Handles = tuple[tuple[str, float], ...]
TOO_SMALL: Handles = (
    ("size-too-small", 46),
    ("chest-too-tight", 18),
    ("waist-too-tight", 20),
    ("hips-too-tight", 12),
    ("fit-not-flattering", 4),
)
TRUE_SIZE: Handles = (
    ("size-too-small", 26),
    ("size-too-large", 22),
    ("waist-too-tight", 12),
    ("chest-too-tight", 10),
    ("too-long", 12),
    ("too-short", 6),
    ("fit-not-flattering", 12),
)
TOO_LARGE: Handles = (("size-too-large", 62), ("too-long", 22), ("fit-not-flattering", 16))
SIZE_HANDLES = {-1: TOO_SMALL, 0: TRUE_SIZE, 1: TOO_LARGE}
COLOUR_HANDLES: Handles = (
    ("colour-differs-from-picture", 52),
    ("colour-too-bright", 16),
    ("colour-too-dark", 18),
    ("colour-other", 14),
)
GAP_HANDLES: Handles = (
    ("expectation-gap", 40),
    ("style-not-liked", 22),
    ("not-as-described", 20),
    ("changed-mind", 18),
)
FAULT_HANDLES: Handles = (("stitching", 58), ("pilling", 24), ("defective", 18))


@dataclass(frozen=True)
class Risks:
    """A shop's chances that a sold piece comes back, by cause, before what is particular to the piece."""

    base: Mapping[Cause, float]
    bad_batch: str

    def is_faulty(self, line: SoldLine) -> bool:
        """Whether the piece is of the story's faulty delivery."""
        return line.batch == self.bad_batch

    def draw(self, chance: Chance, line: SoldLine) -> Cause | None:
        """Whether a piece of the line comes back, and what drives it."""
        if line.is_spare:
            return Cause.SIZE if chance.random() < SPARE_COMES_BACK else None
        risks = {cause: base * _own_risk(cause, line.variant) for cause, base in self.base.items()}
        if self.is_faulty(line):
            risks[Cause.FAULT] = FAULTY_COMES_BACK
        total = sum(risks.values())
        if chance.random() >= min(total, MOST):
            return None
        return pick(chance, list(risks.items()))


def risks_of(profile: ShopProfile, catalogue: Catalogue, *, bad_batch: str) -> Risks:
    """The shop's risks, scaled by what it sells so that rate and shares come out as the profile says."""
    weighted = [
        (variant, style.popularity * variant.weight) for style in catalogue.styles for variant in _of(catalogue, style)
    ]
    total = sum(weight for _v, weight in weighted)
    means = {cause: sum(_own_risk(cause, variant) * weight for variant, weight in weighted) / total for cause in SHARES}
    base = {cause: profile.return_rate / AGREED * share / means[cause] for cause, share in SHARES.items()}
    return Risks(base, bad_batch)


def handle_of(chance: Chance, cause: Cause, variant: Variant) -> str:
    """The reason that the customer names for the cause."""
    if cause is Cause.SIZE:
        return pick(chance, SIZE_HANDLES[variant.style.draft.fit])
    return pick(chance, {Cause.COLOUR: COLOUR_HANDLES, Cause.GAP: GAP_HANDLES, Cause.FAULT: FAULT_HANDLES}[cause])


def _of(catalogue: Catalogue, style: Style) -> tuple[Variant, ...]:
    return catalogue.variants[style.code]


def _own_risk(cause: Cause, variant: Variant) -> float:
    if cause is Cause.SIZE:
        return FIT_RISK[variant.style.draft.fit] * SIZE_RISK[variant.size_step]
    return variant.colour.risk if cause is Cause.COLOUR else 1.0
