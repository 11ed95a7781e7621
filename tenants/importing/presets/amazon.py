"""Amazon: the FBA customer returns report. Every row is a piece that has arrived."""

from __future__ import annotations

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.cells.statuses import REFUNDED
from alliance.tenants.importing.presets.preset import Preset
from alliance.tenants.importing.states import ImportKind

PRESET = Preset(
    "amazon_fba_returns",
    _("亚马逊 FBA 买家退货报告"),
    ImportKind.RETURNS,
    {
        "received_at": ("return-date",),
        "order_number": ("order-id",),
        "return_line_id": ("license-plate-number",),
        "sku": ("sku",),
        "product_id": ("asin",),
        "product_title": ("product-name",),
        "return_quantity": ("quantity",),
        "reason": ("reason",),
        "reason_text": ("customer-comments",),
        "status": ("status",),
    },
    marks=(("return-date", "order-id", "detailed-disposition"), ("return-date", "order-id", "fulfillment-center-id")),
    channel="amazon",
    default=REFUNDED,
    ignored=("fnsku", "fulfillment-center-id", "detailed-disposition"),
)
PRESETS = (PRESET,)
