"""Return portals: AfterShip Returns and ReturnGO."""

from __future__ import annotations

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.presets.preset import Preset
from alliance.tenants.importing.states import ImportKind

AFTERSHIP = Preset(
    "aftership_returns",
    _("AfterShip Returns 导出"),
    ImportKind.RETURNS,
    {
        "return_number": ("RMA number", "rma_number", "RMA"),
        "order_number": ("Order number", "order_number", "Order name"),
        "requested_at": ("Submitted at", "Request date", "Requested date", "created_at"),
        "received_at": ("Received at", "Received date"),
        "resolved_at": ("Resolved at", "Refunded at", "resolved_at", "refunded_at"),
        "deadline": ("Expired at", "expired_at"),
        "email": ("Customer email", "Email", "customer_email"),
        "sku": ("SKU", "sku", "Item SKU"),
        "product_title": ("Product title", "Product name", "Item name", "product_title"),
        "return_quantity": ("Return quantity", "return_quantity", "Returned quantity"),
        "reason": ("Return reason", "return_reason", "Reason"),
        "reason_text": ("Additional notes", "additional_notes", "Customer comment", "Comments"),
        "wish": ("Resolution", "Requested resolution", "Return resolution"),
        "status": ("Approval status", "approval_status", "Return status", "Status"),
        "refund": ("Refund amount", "Refunded amount", "refund_amount", "Refund total"),
        "return_cost": ("Return shipping fee", "Label cost"),
        "currency": ("Currency",),
        "carrier": ("Return carrier", "Courier", "Carrier"),
        "waybill": ("Return tracking number", "Tracking number", "tracking_number"),
    },
    marks=(("RMA number",), ("rma_number",)),
    ignored=(
        "Subreason",
        "Filed by",
        "Reject reason",
        "Ordered quantity",
        "Product tags",
        "Variant title",
        "Customer name",
    ),
)
RETURNGO = Preset(
    "returngo_returns",
    _("ReturnGO 导出"),
    ImportKind.RETURNS,
    {
        "return_number": ("RMA ID", "RMA #", "Request ID", "rmaId"),
        "order_number": ("Order Name", "Order #", "Order ID", "orderName"),
        "requested_at": ("Request Date", "Created At", "Date Created", "createdAt"),
        "received_at": ("Received Date", "Date Received"),
        "resolved_at": ("Resolution Date", "Date Resolved", "Resolved Date"),
        "email": ("Customer Email", "Email"),
        "sku": ("SKU", "Item SKU", "Product SKU"),
        "product_title": ("Product Name", "Item", "Product"),
        "return_quantity": ("Quantity", "Qty"),
        "reason": ("Return Reason", "Reason"),
        "reason_text": ("Reason Comment", "Customer Comment", "Comment"),
        "wish": ("Resolution Type", "Resolution", "Requested Resolution"),
        "status": ("RMA Status", "Request Status", "Status"),
        "refund": ("Refund Amount", "Refunded Amount"),
        "currency": ("Currency",),
        "carrier": ("Carrier", "Shipping Carrier"),
        "waybill": ("Tracking Number", "Tracking #"),
    },
    marks=(("RMA ID",), ("RMA #",), ("rmaId",), ("RMA Status",)),
    ignored=("Customer Name", "Country", "Item Price", "Return Policy", "Item Status", "Variant"),
)
PRESETS = (AFTERSHIP, RETURNGO)
