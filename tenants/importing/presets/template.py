"""Our own templates, with Chinese or English headers."""

from __future__ import annotations

from alliance.platform.kernel.texts import Locale, _
from alliance.tenants.importing.cells.statuses import Axes
from alliance.tenants.importing.presets.preset import Preset
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.returns.states import AuthorisationState as A
from alliance.tenants.returns.states import LogisticsState as L
from alliance.tenants.returns.states import RefundState as R

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
# Our own words keep the axes apart: money may have moved before the parcel has.
STATUSES = {
    "待审核": Axes(A.REQUESTED, L.AWAITING_PARCEL, R.NONE),
    "待寄回": Axes(A.APPROVED, L.AWAITING_PARCEL, R.NONE),
    "待寄回，已退款": Axes(A.APPROVED, L.AWAITING_PARCEL, R.REFUNDED),
    "已投递": Axes(A.APPROVED, L.DROPPED_OFF, R.NONE),
    "已投递，已退款": Axes(A.APPROVED, L.DROPPED_OFF, R.REFUNDED),
    "运输中": Axes(A.APPROVED, L.IN_TRANSIT, R.NONE),
    "运输中，已退款": Axes(A.APPROVED, L.IN_TRANSIT, R.REFUNDED),
    "已收货": Axes(A.APPROVED, L.RECEIVED, R.PENDING),
    "已收货，已退款": Axes(A.APPROVED, L.RECEIVED, R.REFUNDED),
    "已收货，已换货": Axes(A.APPROVED, L.RECEIVED, R.EXCHANGED),
    "已收货，已发积分": Axes(A.APPROVED, L.RECEIVED, R.CREDITED),
    "已收货，不予退款": Axes(A.APPROVED, L.RECEIVED, R.DENIED),
    "留货得积分": Axes(A.APPROVED, L.AWAITING_PARCEL, R.KEPT_WITH_POINTS),
    "已丢件": Axes(A.APPROVED, L.LOST, R.NONE),
    "已丢件，已退款": Axes(A.APPROVED, L.LOST, R.REFUNDED),
    "已拒绝": Axes(A.REJECTED, L.AWAITING_PARCEL, R.DENIED),
    "已撤销": Axes(A.CANCELLED, L.AWAITING_PARCEL, R.NONE),
    "已过期": Axes(A.EXPIRED, L.AWAITING_PARCEL, R.NONE),
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
    statuses=STATUSES,
)
COMBINED = Preset(
    "template_combined",
    _("邻里退模板：销售和退货一张表"),
    ImportKind.COMBINED,
    {**_ORDER, **_ITEM, **_SOLD, "return_quantity": ("退货数量", "Return quantity"), **_RETURN},
    marks=(("订单号", "下单时间", "数量", "退货数量"), ("Order number", "Placed at", "Quantity", "Return quantity")),
    statuses=STATUSES,
)
PRESETS = (COMBINED, ORDERS, RETURNS, PRODUCTS)
_BY_KIND = {preset.kind: preset for preset in PRESETS}


def template_headers(kind: ImportKind, locale: Locale) -> list[str]:
    """The header row of the template to download, in one language."""
    position = 0 if locale == "zh_CN" else 1
    return [aliases[position] for aliases in _BY_KIND[kind].columns.values()]
