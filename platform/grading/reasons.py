"""Return reasons: our handles under the four level-1 reasons, with names in both languages.

The shape (stable handle, localised name, any handle may be retired but never re-used) follows Shopify's open
return-reason taxonomy; the table is our own. `unknown` is what a source said and nobody could map: it counts as
OTHER and is always shown as the unmapped share.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alliance.platform.kernel.texts import Locale


class ReasonLevel1(StrEnum):
    """The four reasons that benchmarks and bills know."""

    SIZE = "size"
    COLOUR = "colour"
    QUALITY = "quality"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason a customer or an inspector may name."""

    handle: str
    level1: ReasonLevel1
    zh: str
    en: str

    def name(self, locale: Locale) -> str:
        """The name in the reader's language."""
        return self.zh if locale == "zh_CN" else self.en


_TABLE = (
    (ReasonLevel1.SIZE, "size-too-small", "尺码偏小", "Too small"),
    (ReasonLevel1.SIZE, "size-too-large", "尺码偏大", "Too large"),
    (ReasonLevel1.SIZE, "chest-too-tight", "胸围偏紧", "Chest too tight"),
    (ReasonLevel1.SIZE, "waist-too-tight", "腰围偏紧", "Waist too tight"),
    (ReasonLevel1.SIZE, "hips-too-tight", "臀围偏紧", "Hips too tight"),
    (ReasonLevel1.SIZE, "too-long", "偏长", "Too long"),
    (ReasonLevel1.SIZE, "too-short", "偏短", "Too short"),
    (ReasonLevel1.SIZE, "fit-not-flattering", "版型不合身", "Cut does not fit"),
    (ReasonLevel1.SIZE, "size-other", "尺码不合适", "Size does not fit"),
    (ReasonLevel1.COLOUR, "colour-too-bright", "颜色偏亮", "Colour too bright"),
    (ReasonLevel1.COLOUR, "colour-too-dark", "颜色偏暗", "Colour too dark"),
    (ReasonLevel1.COLOUR, "colour-differs-from-picture", "颜色与图片不符", "Colour differs from the picture"),
    (ReasonLevel1.COLOUR, "colour-other", "颜色不喜欢", "Colour not liked"),
    (ReasonLevel1.QUALITY, "fabric-feel", "面料手感不好", "Fabric feels poor"),
    (ReasonLevel1.QUALITY, "stitching", "走线或开线", "Stitching or open seam"),
    (ReasonLevel1.QUALITY, "pilling", "起球或掉色", "Pilling or fading"),
    (ReasonLevel1.QUALITY, "stained", "有污渍", "Stained"),
    (ReasonLevel1.QUALITY, "damaged", "破损", "Damaged"),
    (ReasonLevel1.QUALITY, "defective", "有缺陷或不能用", "Defective"),
    (ReasonLevel1.QUALITY, "smell", "有异味", "Smell"),
    (ReasonLevel1.QUALITY, "quality-other", "质量问题", "Quality problem"),
    (ReasonLevel1.OTHER, "not-as-described", "与描述不符", "Not as described"),
    (ReasonLevel1.OTHER, "style-not-liked", "款式不喜欢", "Style not liked"),
    (ReasonLevel1.OTHER, "expectation-gap", "与预期有差距", "Not what was expected"),
    (ReasonLevel1.OTHER, "changed-mind", "不想要了（七天无理由）", "Changed mind"),
    (ReasonLevel1.OTHER, "ordered-by-mistake", "拍错或多拍", "Ordered by mistake"),
    (ReasonLevel1.OTHER, "better-price", "价格更优惠", "Better price elsewhere"),
    (ReasonLevel1.OTHER, "wrong-item", "发错货", "Wrong item sent"),
    (ReasonLevel1.OTHER, "missing-parts", "少件或漏发", "Parts or items missing"),
    (ReasonLevel1.OTHER, "late-delivery", "物流太慢", "Delivered too late"),
    (ReasonLevel1.OTHER, "shipping-damage", "运输破损", "Damaged in transit"),
    (ReasonLevel1.OTHER, "undelivered", "未收到货或拒收", "Not delivered or refused"),
    (ReasonLevel1.OTHER, "other", "其他", "Other"),
    (ReasonLevel1.OTHER, "unknown", "未归类", "Not mapped"),
)
REASONS: dict[str, Reason] = {handle: Reason(handle, level1, zh, en) for level1, handle, zh, en in _TABLE}
UNKNOWN = "unknown"


def get_reason(handle: str) -> Reason:
    """The reason of a handle. An unknown handle raises KeyError."""
    return REASONS[handle]


def handles_of(level1: ReasonLevel1) -> tuple[str, ...]:
    """Every handle below a level-1 reason, in the order shown to people."""
    return tuple(reason.handle for reason in REASONS.values() if reason.level1 is level1)
