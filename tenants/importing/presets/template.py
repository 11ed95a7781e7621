"""Our own templates, with Chinese or English headers."""

from __future__ import annotations

from alliance.platform.kernel.texts import Locale, _
from alliance.tenants.importing.presets.preset import Preset
from alliance.tenants.importing.states import ImportKind

_ORDER = {
    "order_number": ("订单号", "Order number"),
    "line_id": ("子订单号", "Line id"),
    "placed_at": ("下单时间", "Placed at"),
    "delivered_at": ("签收时间", "Delivered at"),
    "customer_name": ("顾客姓名", "Customer name"),
    "phone": ("手机号", "Phone"),
    "email": ("邮箱", "E-mail"),
}
_ITEM = {
    "sku": ("SKU", "Sku"),
    "product_title": ("商品名称", "Product title"),
    "category": ("类目", "Category"),
    "size": ("尺码", "Size"),
    "colour": ("颜色", "Colour"),
}
_RETURN = {
    "return_number": ("退货单号", "Return number"),
    "requested_at": ("申请时间", "Requested at"),
    "received_at": ("收货时间", "Received at"),
    "resolved_at": ("完结时间", "Resolved at"),
    "reason": ("退货原因", "Reason"),
    "reason_text": ("原因说明", "Reason text"),
    "wish": ("售后类型", "Wish"),
    "status": ("售后状态", "Status"),
    "refund": ("退款金额", "Refund"),
    "deadline": ("处理期限", "Deadline"),
    "carrier": ("退货快递公司", "Return carrier"),
    "waybill": ("退货运单号", "Return waybill"),
}
_SOLD = {"quantity": ("数量", "Quantity"), "price": ("单价", "Unit price")}

ORDERS = Preset(
    "template_orders",
    _("邻里退模板：订单"),
    ImportKind.ORDERS,
    {**_ORDER, **_ITEM, **_SOLD},
    marks=(("订单号", "SKU", "下单时间"), ("Order number", "Sku", "Placed at")),
)
PRODUCTS = Preset(
    "template_products",
    _("邻里退模板：商品"),
    ImportKind.PRODUCTS,
    {**_ITEM, "price": ("单价", "Unit price"), "stock": ("库存", "Stock")},
    marks=(("SKU", "库存"), ("Sku", "Stock")),
)
RETURNS = Preset(
    "template_returns",
    _("邻里退模板：退货"),
    ImportKind.RETURNS,
    {"order_number": _ORDER["order_number"], **_ITEM, "return_quantity": ("退货数量", "Return quantity"), **_RETURN},
    marks=(("订单号", "退货数量", "申请时间"), ("Order number", "Return quantity", "Requested at")),
)
COMBINED = Preset(
    "template_combined",
    _("邻里退模板：销售和退货一张表"),
    ImportKind.COMBINED,
    {**_ORDER, **_ITEM, **_SOLD, "return_quantity": ("退货数量", "Return quantity"), **_RETURN},
    marks=(("订单号", "下单时间", "数量", "退货数量"), ("Order number", "Placed at", "Quantity", "Return quantity")),
)
PRESETS = (COMBINED, ORDERS, RETURNS, PRODUCTS)
_BY_KIND = {preset.kind: preset for preset in PRESETS}


def template_headers(kind: ImportKind, locale: Locale) -> list[str]:
    """The header row of the template to download, in one language."""
    position = 0 if locale == "zh_CN" else 1
    return [aliases[position] for aliases in _BY_KIND[kind].columns.values()]
