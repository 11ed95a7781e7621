"""Returns of sales: which pieces come back, what the customer writes, how it travels and what is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from alliance.tenants.returns.states import InspectionState, Wish
from alliance.web.cli.demo.chance import Chance, days, pick
from alliance.web.cli.demo.inspecting import Finding, inspect
from alliance.web.cli.demo.journeys import Journey, Standing, seen, standing, travel
from alliance.web.cli.demo.profiles import ShopProfile
from alliance.web.cli.demo.reasons import Cause, Risks, handle_of
from alliance.web.cli.demo.sales import Sale, SoldLine

ASKED_AFTER_DAYS = (0.2, 6.8)
WISHES = {
    Cause.SIZE: ((Wish.EXCHANGE, 48.0), (Wish.REFUND, 46.0), (Wish.POINTS, 6.0)),
    Cause.COLOUR: ((Wish.REFUND, 70.0), (Wish.EXCHANGE, 20.0), (Wish.POINTS, 10.0)),
    Cause.GAP: ((Wish.REFUND, 80.0), (Wish.POINTS, 14.0), (Wish.EXCHANGE, 6.0)),
    Cause.FAULT: ((Wish.REFUND, 74.0), (Wish.EXCHANGE, 26.0)),
}
SPARE_WISH = Wish.REFUND
WRITES_SOMETHING = 0.38
REMARKS = {
    "size-too-small": ("比平时的码小一号，拉链拉不上", "模特图看着宽松，上身紧", "肩膀这里太窄了"),
    "size-too-large": ("偏大，像借来的衣服", "建议拍小一码"),
    "chest-too-tight": ("胸围紧，扣子会绷开", "前面撑得有横纹"),
    "waist-too-tight": ("坐下腰就勒", "腰围比尺码表小"),
    "hips-too-tight": ("臀围绷得太明显", "走路往上缩"),
    "too-long": ("拖地了，我一米六", "袖子长一截"),
    "too-short": ("裙子太短，不敢弯腰",),
    "fit-not-flattering": ("版型显胖，不显腰", "穿上像孕妇装"),
    "colour-differs-from-picture": ("直播间看着是奶油色，到手发黄", "和图片差两个色号", "实物颜色偏灰"),
    "colour-too-bright": ("太艳了，上班穿不出去",),
    "colour-too-dark": ("比图片深很多", "发黑，显老气"),
    "colour-other": ("颜色不衬肤色",),
    "expectation-gap": ("没有想象中好看", "面料比直播里薄", "穿上没有那个感觉"),
    "style-not-liked": ("款式不适合我", "领口太低了"),
    "not-as-described": ("说有内衬，结果没有", "说是加厚的，其实不厚"),
    "changed-mind": ("买多了，退一件",),
    "stitching": ("腋下开线了", "拉链旁边线头全散", "第一次穿侧缝就裂了"),
    "pilling": ("洗一次就起球",),
    "defective": ("拉链是坏的",),
}
CARRIERS = (
    ("中通快递", "7", 30.0),
    ("圆通速递", "YT", 22.0),
    ("韵达快递", "43", 18.0),
    ("极兔速递", "JT", 16.0),
    ("顺丰速运", "SF", 14.0),
)
# Fen a piece: handled alone about 38 CNY, at the centre about 22 (the seed case), the way back included.
COST_ALONE, COST_TOGETHER = (3300, 4300), (1900, 2500)
FREIGHT = (600, 1300)


@dataclass(frozen=True, slots=True)
class ReturnedPiece:
    """One piece of a return; `finding` is None until it is inspected."""

    line: SoldLine
    cause: Cause
    reason: str
    remark: str
    finding: Finding | None

    @property
    def inspection(self) -> InspectionState:
        """The axis of the piece."""
        return self.finding.inspection if self.finding else InspectionState.PENDING


@dataclass(frozen=True, slots=True)
class Comeback:
    """A return as it stands at the end of the story."""

    number: str
    sale: Sale
    journey: Journey
    standing: Standing
    pieces: tuple[ReturnedPiece, ...]
    site: str
    carrier: str
    waybill: str
    freight_minor: int | None
    handling_minor: int | None


def make_comebacks(
    chance: Chance,
    profile: ShopProfile,
    risks: Risks,
    sales: Iterable[Sale],
    *,
    together_from: datetime,
    until: datetime,
) -> Iterator[Comeback]:
    """The returns of these sales that were asked for before `until`, one a sale at most."""
    for sale in sales:
        returned = [(line, cause) for line in sale.lines if (cause := risks.draw(chance, line)) is not None]
        if not returned:
            continue
        comeback = _comeback(chance, profile, sale, returned, together_from=together_from, until=until)
        if comeback.journey.requested_at < until:
            yield comeback


def _comeback(
    chance: Chance,
    profile: ShopProfile,
    sale: Sale,
    returned: list[tuple[SoldLine, Cause]],
    *,
    together_from: datetime,
    until: datetime,
) -> Comeback:
    first_line, first_cause = returned[0]
    wish = SPARE_WISH if first_line.is_spare else pick(chance, WISHES[first_cause])
    requested_at = sale.delivered_at + days(chance, *ASKED_AFTER_DAYS)
    together = requested_at >= together_from
    whole = travel(chance, wish=wish, requested_at=requested_at, pace=1.0 if together else 1.7)
    pieces = tuple(_piece(chance, line, cause, whole, together=together, until=until) for line, cause in returned)
    carrier, prefix = _carrier(chance)
    digits = 13 if len(prefix) == 2 else 14
    waybill = prefix + "".join(chance.choices("0123456789", k=digits))
    freight, handling = chance.randint(*FREIGHT), chance.randint(*(COST_TOGETHER if together else COST_ALONE))
    journey = seen(whole, until)
    sent, received = journey.sent_at is not None, journey.received_at is not None
    return Comeback(
        number=f"TH{sale.number}",
        sale=sale,
        journey=journey,
        standing=standing(journey, until),
        pieces=pieces,
        site=profile.site if together else "",
        carrier=carrier if sent else "",
        waybill=waybill if sent else "",
        freight_minor=freight if sent else None,
        handling_minor=handling * len(pieces) if received else None,
    )


def _piece(
    chance: Chance, line: SoldLine, cause: Cause, journey: Journey, *, together: bool, until: datetime
) -> ReturnedPiece:
    reason = handle_of(chance, cause, line.variant)
    remark = chance.choice(REMARKS[reason]) if chance.random() < WRITES_SOMETHING else ""
    finding = None
    if journey.inspected_at is not None:
        finding = inspect(
            chance,
            cause=cause,
            stated=reason,
            price_minor=line.unit_price_minor,
            inspected_at=journey.inspected_at,
            together=together,
        )
    known = journey.inspected_at is not None and journey.inspected_at <= until
    return ReturnedPiece(line, cause, reason, remark, finding if known else None)


def _carrier(chance: Chance) -> tuple[str, str]:
    return pick(chance, [((name, prefix), weight) for name, prefix, weight in CARRIERS])
