"""Stated reasons in the words of platforms and people to handles of our table; what nobody knows is `unknown`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from alliance.platform.grading.reasons import REASONS, UNKNOWN
from alliance.tenants.importing.cells.cell import Cell
from alliance.tenants.importing.cells.words import EMPTY_WORDS, clean_code
from alliance.tenants.importing.problems import Problem

# Exact words first: codes of platforms whose spelling no pattern would catch.
_WORDS: dict[str, str] = {
    "size_too_small": "size-too-small",
    "size_too_large": "size-too-large",
    "color": "colour-other",
    "colour": "colour-other",
    "style": "style-not-liked",
    "defective": "defective",
    "unwanted": "changed-mind",
    "unwanted_item": "changed-mind",
    "wrong_item": "wrong-item",
    "not_as_described": "not-as-described",
    "other": "other",
    "其他": "other",
    "其它": "other",
    "unknown": UNKNOWN,
    # Amazon
    "apparel_too_small": "size-too-small",
    "apparel_too_large": "size-too-large",
    "apparel_style": "style-not-liked",
    "amz-pg-app-too-small": "size-too-small",
    "amz-pg-app-too-large": "size-too-large",
    "amz-pg-app-style": "style-not-liked",
    "cr-defective": "defective",
    "cr-switcheroo": "wrong-item",
    "switcheroo": "wrong-item",
    "cr-unwanted_item": "changed-mind",
    "cr-quality_unacceptable": "quality-other",
    "quality_unacceptable": "quality-other",
    "ordered_wrong_item": "ordered-by-mistake",
    "mis_ordered": "ordered-by-mistake",
    "misordered": "ordered-by-mistake",
    "found_better_price": "better-price",
    "missing_parts": "missing-parts",
    "missed_estimated_delivery": "late-delivery",
    "never_arrived": "undelivered",
    "undeliverable_unknown": "undelivered",
    "undeliverable_refused": "undelivered",
    "unauthorized_purchase": "ordered-by-mistake",
    "damaged_by_carrier": "shipping-damage",
    "damaged_by_fc": "damaged",
    "no_reason_given": UNKNOWN,
    "not_compatible": "not-as-described",
    "extra_item": "wrong-item",
    "did_not_like_color": "colour-other",
    "did_not_like_fabric": "fabric-feel",
    "part_not_compatible": "not-as-described",
}
# First match wins, so the finer come before the coarser.
_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"胸.*(紧|小)|chest.*(tight|small)", "chest-too-tight"),
    (r"腰.*(紧|小)|waist.*(tight|small)", "waist-too-tight"),
    (r"臀.*(紧|小)|hips?.*(tight|small)", "hips-too-tight"),
    (r"(尺码|尺寸|码数|大小).*(太小|偏小|小了)|太小|偏小|小了|too small|runs small", "size-too-small"),
    (r"too tight|太紧|偏紧", "size-too-small"),
    (r"(尺码|尺寸|码数|大小).*(太大|偏大|大了)|太大|偏大|大了|too (large|big|loose)", "size-too-large"),
    (r"runs large|太松|偏松", "size-too-large"),
    (r"太长|偏长|too long", "too-long"),
    (r"太短|偏短|too short", "too-short"),
    (r"版型|不合身|上身效果|显胖|(does ?n.?t|not) (fit|flatter)|\bcut\b", "fit-not-flattering"),
    (r"尺码|尺寸|码数|大小不|\bsize\b|\bsizing\b|\bfit\b", "size-other"),
    (r"(颜色|色).*(亮|艳|浅)|colou?r.*(bright|light)", "colour-too-bright"),
    (r"(颜色|色).*(暗|深)|colou?r.*dark", "colour-too-dark"),
    (r"色差|颜色.*(不符|不一致|差异|不同|图片|描述)", "colour-differs-from-picture"),
    (r"colou?r.*(differ|picture|photo|described)", "colour-differs-from-picture"),
    (r"起球|掉色|褪色|pilling|fad(ed|ing)", "pilling"),
    (r"颜色|colou?r", "colour-other"),
    (r"运输|物流.*(损|坏)|快递.*(损|坏)|(in transit|shipping|carrier).*damag", "shipping-damage"),
    (r"damag.*(in transit|shipping|carrier)", "shipping-damage"),
    (r"面料|材质|手感|fabric|material|texture", "fabric-feel"),
    (r"开线|走线|脱线|线头|做工|stitch|seam", "stitching"),
    (r"污渍|污|脏|stain|dirty", "stained"),
    (r"异味|味道|气味|smell|odou?r", "smell"),
    (r"破|损坏|瑕疵|damag|torn|broken", "damaged"),
    (r"发错|错发|wrong item|incorrect product|wrong product", "wrong-item"),
    (r"少件|漏发|少发|缺件|空包|missing", "missing-parts"),
    (r"质量|quality", "quality-other"),
    (r"故障|不能用|无法使用|坏|缺陷|defect|faulty", "defective"),
    (r"描述不符|与描述|图片不符|实物不符|货不对板|not as described", "not-as-described"),
    (r"descri?ption (is )?inaccurate|inaccurate", "not-as-described"),
    (r"款式|不喜欢.*样|style", "style-not-liked"),
    (r"想的不一样|想象|效果不好|预期|不满意|期望|expect|dissatis?fied|disappoint", "expectation-gap"),
    (r"拍错|多拍|误拍|买错|下错|信息填写错误|地址.*错|by mistake|accidental|accidently", "ordered-by-mistake"),
    (r"wrong order", "ordered-by-mistake"),
    (r"价格|降价|更便宜|优惠|price|cheaper", "better-price"),
    (r"未收到|没收到|拒收|无物流|丢件|not received|never arrived|undeliver|refused", "undelivered"),
    (r"(未按|没按|不按).*(发货|时间)|物流.*慢|发货.*慢|太慢|延迟|缺货|late|after promised", "late-delivery"),
    (r"delay", "late-delivery"),
    (r"不想要|不喜欢|七天|7天|无理由|后悔|不需要|changed? (my )?mind|no longer", "changed-mind"),
    (r"do(es)? ?n.?t (want|like)|unwanted|not needed", "changed-mind"),
    (r"^(其他|其它|other)", "other"),
)
_COMPILED = tuple((re.compile(pattern, re.I), handle) for pattern, handle in _PATTERNS)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMES = {name: reason.handle for reason in REASONS.values() for name in (reason.zh, reason.en.lower())}


def read_reason(value: str, *, chosen: Mapping[str, str]) -> Cell[str]:
    """The handle of a stated reason. `chosen` holds what a person of this shop decided for a text, and wins.

    A text nobody knows becomes `unknown` with a note, so that the unmapped share can be shown; an empty one nothing.
    """
    text = clean_code(value)
    lowered = text.lower()
    if lowered in EMPTY_WORDS:
        return Cell()
    if chosen.get(text) in REASONS:
        return Cell(chosen[text])
    handle = _find(text, lowered)
    return Cell(handle) if handle else Cell(UNKNOWN, note=Problem.REASON_UNMAPPED)


def _find(text: str, lowered: str) -> str | None:
    if lowered in REASONS:
        return lowered
    exact = _NAMES.get(text) or _NAMES.get(lowered) or _WORDS.get(lowered.replace(" ", "_"))
    if exact:
        return exact
    spaced = _CAMEL.sub(" ", text).replace("_", " ")
    return next((handle for pattern, handle in _COMPILED if pattern.search(spaced)), None)
