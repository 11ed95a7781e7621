"""WooCommerce: order exports of the usual export plug-ins, and refunds in the words of its interface."""

from __future__ import annotations

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.cells.statuses import REFUNDED_ONLY
from alliance.tenants.importing.presets.preset import Preset
from alliance.tenants.importing.states import ImportKind

ORDERS = Preset(
    "woocommerce_orders",
    _("WooCommerce 订单导出"),
    ImportKind.ORDERS,
    {
        "order_number": ("Order Number", "order_number", "Order ID", "order_id"),
        "placed_at": ("Order Date", "order_date", "date_created"),
        "order_total": ("Order Total Amount", "order_total"),
        "currency": ("Order Currency", "currency", "order_currency"),
        "email": ("Email (Billing)", "billing_email"),
        "phone": ("Phone (Billing)", "billing_phone"),
        "customer_name": ("Full Name (Billing)", "Last Name (Billing)", "billing_last_name"),
        "line_id": ("Item ID", "item_id"),
        "sku": ("SKU", "item_sku", "line_item_sku"),
        "product_id": ("Product Id", "item_product_id"),
        "product_title": ("Item Name", "item_name", "Product Name"),
        "category": ("Category", "item_category"),
        "quantity": ("Quantity", "Quantity (- Refund)", "item_quantity"),
        "price": ("Item Cost", "item_price", "Item Price"),
        "line_total": ("Order Line Subtotal", "item_total", "line_item_total"),
    },
    marks=(
        ("Order Number", "Item Cost", "Item Name"),
        ("billing_email", "item_name"),
        ("Email (Billing)", "Item Name"),
    ),
    channel="woocommerce",
    ignored=(
        "Order Status",
        "Customer Note",
        "First Name (Billing)",
        "Company (Billing)",
        "Address 1&2 (Billing)",
        "City (Billing)",
        "State Code (Billing)",
        "Postcode (Billing)",
        "Country Code (Billing)",
        "Item #",
        "First Name (Shipping)",
        "Last Name (Shipping)",
        "Address 1&2 (Shipping)",
        "City (Shipping)",
        "State Code (Shipping)",
        "Postcode (Shipping)",
        "Country Code (Shipping)",
        "Payment Method Title",
        "Cart Discount Amount",
        "Order Subtotal Amount",
        "Shipping Method Title",
        "Order Shipping Amount",
        "Order Refund Amount",
        "Order Total Tax Amount",
        "Coupon Code",
        "Discount Amount",
        "Discount Amount Tax",
    ),
)
REFUNDS = Preset(
    "woocommerce_refunds",
    _("WooCommerce 退款"),
    ImportKind.RETURNS,
    {
        "return_number": ("refund_id", "Refund ID"),
        "order_number": ("parent_order_number", "order_number", "Order Number", "parent_id", "order_id"),
        "resolved_at": ("date_created_gmt", "date_created", "Refund Date"),
        "refund": ("amount", "refund_amount", "Refund Amount"),
        "reason": ("reason", "refund_reason", "Refund Reason"),
        "sku": ("item_sku", "SKU"),
        "product_title": ("item_name", "Item Name"),
        "return_quantity": ("item_quantity", "Quantity"),
        "currency": ("currency",),
    },
    marks=(("refund_id", "amount", "reason"), ("Refund ID", "Refund Amount"), ("refund_id", "refund_amount")),
    channel="woocommerce",
    default=REFUNDED_ONLY,
    ignored=("refunded_by", "refunded_payment", "meta_data", "line_items", "tax_lines", "api_refund", "api_restock"),
)
PRESETS = (ORDERS, REFUNDS)
