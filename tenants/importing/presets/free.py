"""The free mapping: every header we have ever seen for a field, used to guess where no preset fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.presets.preset import Preset
from alliance.tenants.importing.states import ImportKind

_WORDS: dict[str, Sequence[str]] = {
    "order_number": ("订单号", "订单编号", "单号", "order id", "order number", "order no", "order name", "order"),
    "line_id": ("row id", "line id", "item id", "order item id", "行号", "id"),
    "placed_at": (
        "下单时间",
        "下单日期",
        "order date",
        "placed at",
        "created at",
        "purchase date",
        "sale date",
        "日期",
        "date",
    ),
    "shipped_at": ("发货时间", "发货日期", "shipped at", "ship date", "shipped"),
    "delivered_at": ("签收时间", "收货日期", "delivered at", "delivery date", "delivered"),
    "order_total": ("订单总额", "订单金额", "order total"),
    "currency": ("币种", "货币", "currency"),
    "customer_id": ("顾客编号", "客户编号", "会员号", "customer id", "user id", "customer", "buyer id"),
    "customer_name": ("顾客", "客户", "姓名", "收货人", "customer name", "name", "buyer name"),
    "phone": ("手机号", "手机", "电话", "phone", "mobile"),
    "email": ("邮箱", "email", "e-mail", "mail"),
    "sku": ("sku", "商家编码", "货号", "款号", "product id", "variant sku", "item number", "stock code", "stockcode"),
    "product_id": ("商品ID", "商品编号", "product id", "spu", "style", "id"),
    "product_title": (
        "商品名称",
        "商品",
        "品名",
        "product name",
        "product",
        "title",
        "description",
        "item name",
        "name",
    ),
    "category": ("类目", "品类", "分类", "sub-category", "category", "department"),
    "size": ("尺码", "尺寸", "size"),
    "colour": ("颜色", "colour", "color"),
    "spec": ("规格", "商品规格", "variant"),
    "items": ("商品明细", "商品清单", "products", "items", "line items"),
    "quantity": ("数量", "件数", "quantity", "qty", "units"),
    "price": ("单价", "售价", "unit price", "sale price", "price", "retail price"),
    "line_total": ("行金额", "金额", "小计", "实付金额", "sales", "amount", "line total", "total"),
    "stock": ("库存", "stock", "inventory"),
    "return_number": (
        "退货单号",
        "售后单号",
        "退款编号",
        "return number",
        "return id",
        "rma",
        "rma number",
        "return order id",
    ),
    "returned": ("是否退货", "退货", "returned", "is returned", "return"),
    "return_quantity": ("退货数量", "退货件数", "return quantity", "returned quantity", "return qty"),
    "requested_at": (
        "退货日期",
        "申请时间",
        "退货时间",
        "return date",
        "returned at",
        "requested at",
        "return request date",
    ),
    "received_at": ("收到退货", "退货入库时间", "received at", "return received"),
    "resolved_at": ("退款时间", "完结时间", "refund date", "refunded at", "resolved at"),
    "refund": ("退款金额", "退款", "refund amount", "refund", "refunded amount"),
    "reason": ("退货原因", "原因", "退款原因", "return reason", "reason"),
    "reason_text": ("原因说明", "备注", "customer comments", "comment", "notes"),
    "wish": ("售后类型", "resolution", "return type"),
    "status": ("售后状态", "退货状态", "退款状态", "return status"),
    "deadline": ("处理期限", "截止时间", "deadline"),
    "carrier": ("退货快递公司", "快递公司", "return carrier"),
    "waybill": ("退货运单号", "退货物流单号", "快递单号", "return tracking", "tracking number"),
}


def free_preset(kind: ImportKind, allowed: Iterable[str]) -> Preset:
    """The free mapping for one kind: the guesses for the fields it knows."""
    names = set(allowed)
    columns = {name: words for name, words in _WORDS.items() if name in names}
    return Preset("free", _("自由对应"), kind, columns)
