"""Words and tones for the codes that rows carry, so that a page never shows a code."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from flask import Flask

from alliance.platform.kernel.texts import Text, _


class Tone(StrEnum):
    """The colour family of a badge; never the only carrier of a meaning."""

    NEUTRAL = "neutral"
    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


Labels = Mapping[str, tuple[Text, Tone]]
PLAIN, INFO, GOOD, WARN, BAD = Tone.NEUTRAL, Tone.INFO, Tone.GOOD, Tone.WARN, Tone.BAD

AUTHORISATION: Labels = {
    "requested": (_("待审核"), WARN),
    "approved": (_("已同意"), GOOD),
    "rejected": (_("已拒绝"), BAD),
    "cancelled": (_("已取消"), PLAIN),
    "expired": (_("已过期"), PLAIN),
}
LOGISTICS: Labels = {
    "awaiting_parcel": (_("等待寄出"), PLAIN),
    "dropped_off": (_("已交寄"), INFO),
    "in_transit": (_("运输中"), INFO),
    "received": (_("已收货"), GOOD),
    "lost": (_("丢失"), BAD),
}
INSPECTION: Labels = {
    "pending": (_("待验货"), PLAIN),
    "passed": (_("验货通过"), GOOD),
    "failed": (_("验货未通过"), BAD),
    "needs_review": (_("需复核"), WARN),
    "missing": (_("缺件"), BAD),
    "undeclared": (_("未申报商品"), WARN),
}
SETTLEMENT: Labels = {
    "none": (_("未处理"), PLAIN),
    "pending": (_("退款中"), WARN),
    "refunded": (_("已退款"), GOOD),
    "exchanged": (_("已换货"), GOOD),
    "credited": (_("已退到余额"), GOOD),
    "kept_with_points": (_("留用换积分"), GOOD),
    "denied": (_("不退款"), BAD),
}
GRADE: Labels = {
    "A": (_("A级 全新"), GOOD),
    "B": (_("B级 轻微痕迹"), INFO),
    "C": (_("C级 明显瑕疵"), WARN),
    "D": (_("D级 无法使用"), BAD),
}
WISH: Labels = {"exchange": (_("换货"), PLAIN), "refund": (_("退款"), PLAIN), "points": (_("积分"), PLAIN)}
RESELLABILITY: Labels = {"yes": (_("可再售"), GOOD), "no": (_("不可再售"), BAD), "needs_work": (_("需处理"), WARN)}
RESPONSIBILITY: Labels = {
    "customer": (_("顾客"), PLAIN),
    "shop": (_("店铺"), PLAIN),
    "carrier": (_("物流"), PLAIN),
    "supplier": (_("供应商"), PLAIN),
    "undetermined": (_("未判定"), PLAIN),
}
DISPOSITION: Labels = {
    "restock": (_("重新上架"), GOOD),
    "rebuy_zone": (_("复购专区"), GOOD),
    "circular_channel": (_("循环专区"), GOOD),
    "alliance_exchange": (_("联盟调剂"), INFO),
    "repair": (_("修复"), WARN),
    "material_pack": (_("材料包"), PLAIN),
    "donate": (_("捐赠"), PLAIN),
    "recycle": (_("回收"), PLAIN),
    "return_to_supplier": (_("退回供应商"), WARN),
    "destroy": (_("销毁"), BAD),
}
ROLE: Labels = {
    "owner": (_("店主"), GOOD),
    "manager": (_("店长"), INFO),
    "staff": (_("店员"), PLAIN),
    "analyst": (_("分析"), PLAIN),
    "auditor": (_("审计"), PLAIN),
    "coordinator": (_("联盟管理员"), INFO),
}
REASON_LEVEL: Labels = {
    "size": (_("尺寸"), PLAIN),
    "colour": (_("颜色"), PLAIN),
    "quality": (_("质量"), PLAIN),
    "other": (_("其他"), PLAIN),
}
JOB_STATE: Labels = {
    "queued": (_("排队中"), PLAIN),
    "running": (_("进行中"), INFO),
    "done": (_("已完成"), GOOD),
    "failed": (_("失败"), BAD),
    "cancelled": (_("已取消"), PLAIN),
}

CHANNELS: Mapping[str, Text] = {
    "taobao": _("淘宝天猫"),
    "douyin": _("抖店"),
    "xiaohongshu": _("小红书"),
    "channels": _("视频号小店"),
    "kuaishou": _("快手小店"),
    "youzan": _("有赞"),
    "shopify": Text("Shopify"),
    "woocommerce": Text("WooCommerce"),
    "amazon": _("亚马逊"),
}

KINDS: Mapping[str, Labels] = {
    "authorisation": AUTHORISATION,
    "logistics": LOGISTICS,
    "inspection": INSPECTION,
    "settlement": SETTLEMENT,
    "grade": GRADE,
    "wish": WISH,
    "resellability": RESELLABILITY,
    "responsibility": RESPONSIBILITY,
    "disposition": DISPOSITION,
    "role": ROLE,
    "reason_level": REASON_LEVEL,
    "job": JOB_STATE,
}
AXES: Mapping[str, Text] = {
    "authorisation": _("审核"),
    "logistics": _("物流"),
    "inspection": _("验货"),
    "settlement": _("退款"),
}


def label(kind: str, code: str) -> Text:
    """The word for a code. An unknown code is a KeyError: every code has a word."""
    return KINDS[kind][str(code)][0]


def tone(kind: str, code: str) -> Tone:
    """The tone for a code."""
    return KINDS[kind][str(code)][1]


def channel(code: str) -> Text | str:
    """The sales platform by name; a shop's own word for one we do not know stays as it is."""
    return CHANNELS.get(code, code or "—")


def install_labels(app: Flask) -> None:
    """Give the templates `label(kind, code)` and `tone(kind, code)` and `channel(code)`."""
    app.jinja_env.globals.update(label=label, tone=tone, channel=channel, AXES=AXES)
