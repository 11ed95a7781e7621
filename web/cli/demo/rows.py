"""The story as cells of the importer's fields, the way a shop's own exports would write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from alliance.platform.grading.reasons import get_reason
from alliance.platform.grading.scale import Responsibility
from alliance.platform.kernel.money import minor_to_text
from alliance.platform.kernel.texts import DEFAULT_LOCALE
from alliance.tenants.returns.states import InspectionState, RefundState
from alliance.web.cli.demo.catalogue import Variant
from alliance.web.cli.demo.comebacks import Comeback, ReturnedPiece
from alliance.web.cli.demo.generate import ShopStory
from alliance.web.cli.demo.profiles import ZONE
from alliance.web.cli.demo.sales import Sale

CURRENCY = "CNY"
Cells = Mapping[str, str]


def product_rows(story: ShopStory) -> Iterator[Cells]:
    """Every SKU with its price and stock."""
    for variants in story.catalogue.variants.values():
        for variant in variants:
            yield {**_item(variant), "price": _money(variant.price_minor), "stock": str(variant.stock)}


def order_rows(story: ShopStory) -> Iterator[Cells]:
    """Every sold line with its order, in the order of their times."""
    for sale in story.sales():
        yield from _sold(sale, until=story.span.until)


def return_rows(story: ShopStory) -> Iterator[Cells]:
    """Every returned piece with its return, in the order of the sales."""
    for comeback in story.comebacks():
        for place, piece in enumerate(comeback.pieces):
            yield {
                **_return(comeback),
                **(_costs(comeback) if place == 0 else {"return_cost": "", "handling_cost": ""}),
                **_piece(comeback, piece),
                **_found(comeback, piece, until=story.span.until),
            }


def _sold(sale: Sale, *, until: datetime) -> Iterator[Cells]:
    order = {
        "order_number": sale.number,
        "channel": sale.channel,
        "placed_at": _time(sale.placed_at),
        "delivered_at": _time(sale.delivered_at if sale.delivered_at < until else None),
        "customer_id": sale.buyer.key,
        "customer_name": sale.buyer.name,
        "phone": sale.buyer.phone,
        "email": sale.buyer.email,
        "currency": CURRENCY,
    }
    for line in sale.lines:
        yield {
            **order,
            **_item(line.variant),
            "quantity": str(line.quantity),
            "price": _money(line.unit_price_minor),
            "supplier": line.variant.style.supplier,
            "batch": line.batch,
        }


def _return(comeback: Comeback) -> Cells:
    standing, journey = comeback.standing, comeback.journey
    return {
        "return_number": comeback.number,
        "order_number": comeback.sale.number,
        "channel": comeback.sale.channel,
        "requested_at": _time(journey.requested_at),
        "received_at": _time(journey.received_at),
        "resolved_at": _time(standing.resolved_at),
        "deadline": _time(standing.deadline),
        "wish": journey.wish.value,
        "authorisation": standing.authorisation.value,
        "logistics": standing.logistics.value,
        "method": comeback.method,
        "carrier": comeback.carrier,
        "waybill": comeback.waybill,
        "currency": CURRENCY,
    }


def _costs(comeback: Comeback) -> Cells:
    """What the whole return cost stands on its first row only, so that no reader counts it twice."""
    return {"return_cost": _money(comeback.freight_minor), "handling_cost": _money(comeback.handling_minor)}


def _piece(comeback: Comeback, piece: ReturnedPiece) -> Cells:
    settlement = _settlement(comeback, piece)
    paid_back = piece.line.unit_price_minor if settlement is RefundState.REFUNDED else None
    return {
        **_item(piece.line.variant),
        "return_quantity": "1",
        "reason": get_reason(piece.reason).name(DEFAULT_LOCALE),
        "reason_text": piece.remark,
        "settlement": settlement.value,
        "refund": _money(paid_back),
        "supplier": piece.line.variant.style.supplier,
        "batch": piece.line.batch,
    }


def _found(comeback: Comeback, piece: ReturnedPiece, *, until: datetime) -> Cells:
    finding = piece.finding
    if finding is None:
        decided = comeback.responsibility
        return {"responsibility": "" if decided is Responsibility.UNDETERMINED else decided.value}
    sold = finding.resold_at is not None and finding.resold_at < until
    kind, place = finding.defect or ("", "")
    return {
        "inspection": finding.inspection.value,
        "found_reason": get_reason(finding.found).name(DEFAULT_LOCALE) if finding.found else "",
        "responsibility": finding.responsibility.value,
        "resellability": finding.resellability.value if finding.resellability else "",
        "grade": finding.grade.value if finding.grade else "",
        "disposition": finding.disposition.value if finding.disposition else "",
        "defect": kind,
        "defect_place": place,
        "site": comeback.site,
        "handling_minutes": str(finding.minutes),
        "recovered": _money(finding.recovered_minor if sold else None),
        "resale_channel": finding.resale_channel if sold else "",
        "resold_at": _time(finding.resold_at if sold else None),
    }


def _settlement(comeback: Comeback, piece: ReturnedPiece) -> RefundState:
    """Of the return, but nothing is paid for a piece that was not in the parcel and not paid for yet."""
    settled, missing = comeback.journey.settled_at, piece.inspection is InspectionState.MISSING
    late = settled is not None and comeback.journey.inspected_at is not None and settled > comeback.journey.inspected_at
    return RefundState.DENIED if missing and late else comeback.standing.settlement


def _item(variant: Variant) -> Cells:
    style = variant.style
    return {
        "sku": variant.sku,
        "product_id": style.code,
        "product_title": style.draft.title,
        "category": style.draft.category,
        "size": variant.size,
        "colour": variant.colour.name,
    }


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _money(amount_minor: int | None) -> str:
    return "" if amount_minor is None else minor_to_text(amount_minor, CURRENCY)
