"""The story as the rows of three files a shop would import, in the headers of our own template."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from typing import IO

from alliance.platform.grading.reasons import get_reason
from alliance.platform.kernel.money import minor_to_text
from alliance.platform.kernel.texts import DEFAULT_LOCALE
from alliance.tenants.importing.cells.statuses import Axes
from alliance.tenants.importing.presets.template import STATUSES
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.returns.states import InspectionState, RefundState, Wish
from alliance.web.cli.demo.catalogue import Variant
from alliance.web.cli.demo.comebacks import Comeback, ReturnedPiece
from alliance.web.cli.demo.generate import ShopStory
from alliance.web.cli.demo.profiles import ZONE

CURRENCY = "CNY"
WORDS = {axes: word for word, axes in STATUSES.items()}
WISHES = {Wish.EXCHANGE: "换货", Wish.REFUND: "退货退款", Wish.POINTS: "退积分"}
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DemoFile:
    """One file of a shop: its name, what it holds, its headers, and its rows by header.

    `extra` are headers that the template does not have, with the field each one means.
    """

    name: str
    kind: ImportKind
    headers: tuple[str, ...]
    rows: Callable[[ShopStory], Iterator[Cells]]
    extra: Mapping[str, str]

    @property
    def preset(self) -> str:
        """The importer's name of our template for this kind."""
        return f"template_{self.kind.value}"


def product_rows(story: ShopStory) -> Iterator[Cells]:
    """Every SKU with its price and stock."""
    for variants in story.catalogue.variants.values():
        for variant in variants:
            yield {**_item(variant), "单价": _money(variant.price_minor), "库存": str(variant.stock)}


def order_rows(story: ShopStory) -> Iterator[Cells]:
    """Every sold line with its order, in the order of their times."""
    for sale in story.sales:
        delivered = sale.delivered_at if sale.delivered_at < story.span.until else None
        for line in sale.lines:
            yield {
                "订单号": sale.number,
                "下单时间": _time(sale.placed_at),
                "签收时间": _time(delivered),
                "顾客姓名": sale.buyer.name,
                "手机号": sale.buyer.phone,
                "邮箱": sale.buyer.email,
                **_item(line.variant),
                "数量": str(line.quantity),
                "单价": _money(line.unit_price_minor),
            }


def return_rows(story: ShopStory) -> Iterator[Cells]:
    """Every returned piece with its return, in the order of the sales.

    What the whole return cost stands on its first row only, so that no reader counts it twice.
    """
    for comeback in story.comebacks:
        for place, piece in enumerate(comeback.pieces):
            first = place == 0
            yield {
                **_return(comeback),
                **_piece(comeback, piece),
                "退货运费": _money(comeback.freight_minor if first else None),
                "处理成本": _money(comeback.handling_minor if first else None),
            }


def write_rows(rows: Iterable[Cells], headers: tuple[str, ...], stream: IO[bytes]) -> int:
    """Write the rows as a CSV file into a binary stream; how many they were."""
    text = TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.DictWriter(text, headers, restval="")
    writer.writeheader()
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 (the last number is the answer)
        writer.writerow(row)
    text.flush()
    text.detach()
    return count


def _return(comeback: Comeback) -> Cells:
    standing, journey = comeback.standing, comeback.journey
    return {
        "订单号": comeback.sale.number,
        "退货单号": comeback.number,
        "申请时间": _time(journey.requested_at),
        "收货时间": _time(journey.received_at),
        "完结时间": _time(standing.resolved_at),
        "处理期限": _time(standing.deadline),
        "售后类型": WISHES[journey.wish],
        "退货快递公司": comeback.carrier,
        "退货运单号": comeback.waybill,
    }


def _piece(comeback: Comeback, piece: ReturnedPiece) -> Cells:
    settlement = _settlement(comeback, piece)
    paid_back = piece.line.unit_price_minor if settlement is RefundState.REFUNDED else None
    standing = comeback.standing
    return {
        **_item(piece.line.variant),
        "退货数量": "1",
        "退货原因": get_reason(piece.reason).name(DEFAULT_LOCALE),
        "原因说明": piece.remark,
        "售后状态": WORDS[Axes(standing.authorisation, standing.logistics, settlement)],
        "退款金额": _money(paid_back),
    }


def _settlement(comeback: Comeback, piece: ReturnedPiece) -> RefundState:
    """Of the return, but nothing is paid for a piece that was not in the parcel and not paid for yet."""
    settled, missing = comeback.journey.settled_at, piece.inspection is InspectionState.MISSING
    late = settled is not None and comeback.journey.inspected_at is not None and settled > comeback.journey.inspected_at
    return RefundState.DENIED if missing and late else comeback.standing.settlement


def _item(variant: Variant) -> Cells:
    style = variant.style
    return {
        "SKU": variant.sku,
        "商品名称": style.draft.title,
        "类目": style.draft.category,
        "尺码": variant.size,
        "颜色": variant.colour.name,
    }


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _money(amount_minor: int | None) -> str:
    return "" if amount_minor is None else minor_to_text(amount_minor, CURRENCY)


_ITEM = ("SKU", "商品名称", "类目", "尺码", "颜色")
FILES = (
    DemoFile("商品.csv", ImportKind.PRODUCTS, (*_ITEM, "单价", "库存"), product_rows, {}),
    DemoFile(
        "订单.csv",
        ImportKind.ORDERS,
        ("订单号", "下单时间", "签收时间", "顾客姓名", "手机号", "邮箱", *_ITEM, "数量", "单价"),
        order_rows,
        {},
    ),
    DemoFile(
        "退货.csv",
        ImportKind.RETURNS,
        (
            *("订单号", "退货单号", "申请时间", "收货时间", "完结时间", "处理期限", "售后类型", "售后状态"),
            *_ITEM,
            *("退货数量", "退货原因", "原因说明", "退款金额", "退货快递公司", "退货运单号", "退货运费", "处理成本"),
        ),
        return_rows,
        {"退货运费": "return_cost", "处理成本": "handling_cost"},
    ),
)
