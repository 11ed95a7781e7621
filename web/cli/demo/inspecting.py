"""What the inspection finds of a piece, where it goes, and what it brings in the end.

Handled alone, 35 % of pieces are sold again at 38 CNY of handling each; at the shared centre 68 % at 22 CNY, and the
way back to sale is two fifths shorter: the seed case's figures, as the story's truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alliance.platform.grading.scale import Disposition, Grade, Resellability, Responsibility
from alliance.tenants.returns.states import InspectionState
from alliance.web.cli.demo.chance import Chance, days, pick
from alliance.web.cli.demo.reasons import Cause

GRADES = ((Grade.A, 66.0), (Grade.B, 20.0), (Grade.C, 10.0), (Grade.D, 4.0))
FAULTY_GRADES = ((Grade.C, 62.0), (Grade.D, 30.0), (Grade.B, 8.0))
D = Disposition
ALONE = {
    Grade.A: ((D.RESTOCK, 100.0),),
    Grade.B: ((D.RESTOCK, 30.0), (D.REPAIR, 20.0), (D.DONATE, 50.0)),
    Grade.C: ((D.DONATE, 55.0), (D.RECYCLE, 45.0)),
    Grade.D: ((D.DESTROY, 70.0), (D.RECYCLE, 30.0)),
}
TOGETHER = {
    Grade.A: ((D.RESTOCK, 40.0), (D.REBUY_ZONE, 42.0), (D.ALLIANCE_EXCHANGE, 18.0)),
    Grade.B: ((D.CIRCULAR_CHANNEL, 58.0), (D.ALLIANCE_EXCHANGE, 24.0), (D.REPAIR, 18.0)),
    Grade.C: ((D.MATERIAL_PACK, 46.0), (D.DONATE, 32.0), (D.REPAIR, 22.0)),
    Grade.D: ((D.RECYCLE, 78.0), (D.DESTROY, 22.0)),
}
# Chance to be sold again, share of the price it brings (low, high), and where it is sold.
RESALE: dict[Disposition, tuple[float, float, float, str]] = {
    D.RESTOCK: (0.84, 0.9, 1.0, "本店上架"),
    D.REBUY_ZONE: (0.8, 0.9, 0.95, "复购专区"),
    D.ALLIANCE_EXCHANGE: (0.77, 0.6, 0.8, "联盟调拨"),
    D.CIRCULAR_CHANNEL: (0.66, 0.5, 0.72, "循环专区"),
    D.REPAIR: (0.6, 0.4, 0.65, "循环专区"),
    D.MATERIAL_PACK: (0.5, 0.08, 0.18, "材料包"),
}
ALONE_SELLS = 0.57
REGENERATION_DAYS = (4.0, 22.0)
ALONE_TAKES = 1.67
MINUTES = {Grade.A: (4, 9), Grade.B: (8, 16), Grade.C: (10, 20), Grade.D: (5, 10)}
RESELLABLE = {
    Grade.A: Resellability.YES,
    Grade.B: Resellability.NEEDS_WORK,
    Grade.C: Resellability.NEEDS_WORK,
    Grade.D: Resellability.NO,
}
DEFECTS = {
    Grade.B: (("折痕", 40.0), ("轻微起球", 25.0), ("吊牌缺失", 35.0)),
    Grade.C: (("污渍", 42.0), ("勾丝", 33.0), ("开线", 25.0)),
    Grade.D: (("破洞", 55.0), ("严重污渍", 45.0)),
}
FAULTY_DEFECTS = (("开线", 70.0), ("起球", 30.0))
PLACES = ("领口", "袖口", "腋下", "下摆", "腰侧", "后背", "拉链处")
MISSING, UNDECLARED, NEEDS_REVIEW = 0.007, 0.004, 0.02
FOUND_OTHERWISE = 0.12


@dataclass(frozen=True, slots=True)
class Finding:
    """An inspected piece. Money in fen; `resold_at` may lie after the end of the story."""

    inspection: InspectionState
    responsibility: Responsibility
    found: str | None
    grade: Grade | None = None
    resellability: Resellability | None = None
    disposition: Disposition | None = None
    defect: tuple[str, str] | None = None
    minutes: int = 0
    resale_channel: str = ""
    resold_at: datetime | None = None
    recovered_minor: int | None = None


def inspect(
    chance: Chance, *, cause: Cause, stated: str, price_minor: int, inspected_at: datetime, together: bool
) -> Finding:
    """What the inspection of a piece finds; `together` is whether the shared centre does it."""
    dice = chance.random()
    if dice < MISSING:
        return Finding(InspectionState.MISSING, Responsibility.UNDETERMINED, None, minutes=chance.randint(4, 8))
    grade = pick(chance, FAULTY_GRADES if cause is Cause.FAULT else GRADES)
    disposition = _disposition(chance, cause, grade, together=together)
    channel, resold_at, recovered = _resale(chance, disposition, price_minor, inspected_at, together=together)
    return Finding(
        inspection=_state(dice, cause, grade),
        responsibility=_responsibility(chance, cause, grade),
        found=_found(chance, cause, stated, grade),
        grade=grade,
        resellability=RESELLABLE[grade],
        disposition=disposition,
        defect=_defect(chance, cause, grade),
        minutes=chance.randint(*MINUTES[grade]),
        resale_channel=channel,
        resold_at=resold_at,
        recovered_minor=recovered,
    )


def _state(dice: float, cause: Cause, grade: Grade) -> InspectionState:
    if dice < MISSING + UNDECLARED:
        return InspectionState.UNDECLARED
    if dice < MISSING + UNDECLARED + NEEDS_REVIEW:
        return InspectionState.NEEDS_REVIEW
    return InspectionState.FAILED if grade is Grade.D and cause is not Cause.FAULT else InspectionState.PASSED


def _disposition(chance: Chance, cause: Cause, grade: Grade, *, together: bool) -> Disposition:
    if cause is Cause.FAULT and grade in (Grade.C, Grade.D):
        return Disposition.RETURN_TO_SUPPLIER
    return pick(chance, (TOGETHER if together else ALONE)[grade])


def _resale(
    chance: Chance, disposition: Disposition, price_minor: int, inspected_at: datetime, *, together: bool
) -> tuple[str, datetime | None, int | None]:
    if disposition not in RESALE:
        return "", None, None
    likely, low, high, channel = RESALE[disposition]
    if chance.random() >= likely * (1.0 if together else ALONE_SELLS):
        return "", None, None
    resold_at = inspected_at + days(chance, *REGENERATION_DAYS) * (1.0 if together else ALONE_TAKES)
    return channel, resold_at, int(price_minor * chance.uniform(low, high))


def _responsibility(chance: Chance, cause: Cause, grade: Grade) -> Responsibility:
    if cause is Cause.FAULT:
        return Responsibility.SUPPLIER
    if grade is Grade.D:
        return Responsibility.CUSTOMER if chance.random() < 0.7 else Responsibility.CARRIER
    return pick(
        chance,
        {
            Cause.SIZE: (
                (Responsibility.CUSTOMER, 52.0),
                (Responsibility.SHOP, 30.0),
                (Responsibility.SUPPLIER, 18.0),
            ),
            Cause.COLOUR: (
                (Responsibility.SHOP, 58.0),
                (Responsibility.CUSTOMER, 32.0),
                (Responsibility.SUPPLIER, 10.0),
            ),
            Cause.GAP: ((Responsibility.CUSTOMER, 66.0), (Responsibility.SHOP, 34.0)),
        }[cause],
    )


def _found(chance: Chance, cause: Cause, stated: str, grade: Grade) -> str:
    """Mostly what the customer said; a stained piece is a stained piece."""
    if cause is not Cause.FAULT and grade in (Grade.C, Grade.D):
        return "stained" if chance.random() < 0.6 else "damaged"
    return "fit-not-flattering" if cause is Cause.SIZE and chance.random() < FOUND_OTHERWISE else stated


def _defect(chance: Chance, cause: Cause, grade: Grade) -> tuple[str, str] | None:
    if grade is Grade.A:
        return None
    kinds = FAULTY_DEFECTS if cause is Cause.FAULT else DEFECTS[grade]
    return pick(chance, kinds), chance.choice(PLACES)
