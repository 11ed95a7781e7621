"""The fields a column may be mapped to: one closed list, the same for every format and preset."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alliance.platform.kernel.texts import Text, _
from alliance.tenants.importing.states import ImportKind

ORDERS, PRODUCTS, RETURNS, COMBINED = ImportKind


class FieldType(StrEnum):
    """How a cell of the field is read."""

    NUMBER = "number"  # order and return numbers, waybills
    CODE = "code"
    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    QUANTITY = "quantity"
    FLAG = "flag"
    REASON = "reason"
    STATUS = "status"
    WISH = "wish"
    PHONE = "phone"
    EMAIL = "email"
    CURRENCY = "currency"
    ITEMS = "items"
    SPEC = "spec"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in mappings, its label, how it is read and for which kinds it is offered.

    `per_order` fields stand on an order's first row only in some exports and hold for all its rows.
    """

    name: str
    label: Text
    type: FieldType
    kinds: frozenset[ImportKind]
    per_order: bool = False


def _field(name: str, label: Text, kind: FieldType, *kinds: ImportKind, per_order: bool = False) -> Field:
    return Field(name, label, kind, frozenset(kinds), per_order)


_ALL = (
    _field("order_number", _("订单号"), FieldType.NUMBER, ORDERS, RETURNS, COMBINED),
    _field("line_id", _("订单行编号（子订单号）"), FieldType.NUMBER, ORDERS, RETURNS, COMBINED),
    _field("placed_at", _("下单时间"), FieldType.DATE, ORDERS, RETURNS, COMBINED, per_order=True),
    _field("shipped_at", _("发货时间"), FieldType.DATE, ORDERS, COMBINED),
    _field("delivered_at", _("签收时间"), FieldType.DATE, ORDERS, COMBINED),
    _field("order_total", _("订单总额"), FieldType.MONEY, ORDERS, COMBINED, per_order=True),
    _field("currency", _("币种"), FieldType.CURRENCY, ORDERS, PRODUCTS, RETURNS, COMBINED),
    _field("customer_id", _("顾客编号"), FieldType.CODE, ORDERS, RETURNS, COMBINED, per_order=True),
    _field("customer_name", _("顾客姓名"), FieldType.TEXT, ORDERS, COMBINED, per_order=True),
    _field("phone", _("手机号"), FieldType.PHONE, ORDERS, RETURNS, COMBINED, per_order=True),
    _field("email", _("邮箱"), FieldType.EMAIL, ORDERS, RETURNS, COMBINED, per_order=True),
    _field("sku", _("SKU（商家编码）"), FieldType.CODE, ORDERS, PRODUCTS, RETURNS, COMBINED),
    _field("product_id", _("商品编号"), FieldType.CODE, ORDERS, PRODUCTS, RETURNS, COMBINED),
    _field("product_title", _("商品名称"), FieldType.TEXT, ORDERS, PRODUCTS, RETURNS, COMBINED),
    _field("category", _("类目"), FieldType.TEXT, ORDERS, PRODUCTS, RETURNS, COMBINED),
    _field("size", _("尺码"), FieldType.TEXT, ORDERS, PRODUCTS, RETURNS, COMBINED),
    _field("colour", _("颜色"), FieldType.TEXT, ORDERS, PRODUCTS, RETURNS, COMBINED),
    _field("spec", _("规格（颜色和尺码在一起）"), FieldType.SPEC, ORDERS, PRODUCTS, RETURNS, COMBINED),
    _field("items", _("多件商品（一格）"), FieldType.ITEMS, ORDERS, RETURNS, COMBINED),
    _field("quantity", _("数量"), FieldType.QUANTITY, ORDERS, RETURNS, COMBINED),
    _field("price", _("单价"), FieldType.MONEY, ORDERS, PRODUCTS, COMBINED),
    _field("line_total", _("行金额"), FieldType.MONEY, ORDERS, COMBINED),
    _field("stock", _("库存"), FieldType.QUANTITY, PRODUCTS),
    _field("return_number", _("退货单号（售后编号）"), FieldType.NUMBER, RETURNS, COMBINED),
    _field("return_line_id", _("退货行编号"), FieldType.NUMBER, RETURNS, COMBINED),
    _field("returned", _("是否退货"), FieldType.FLAG, COMBINED),
    _field("return_quantity", _("退货数量"), FieldType.QUANTITY, RETURNS, COMBINED),
    _field("requested_at", _("申请时间"), FieldType.DATE, RETURNS, COMBINED),
    _field("received_at", _("退回收货时间"), FieldType.DATE, RETURNS, COMBINED),
    _field("resolved_at", _("完结（退款）时间"), FieldType.DATE, RETURNS, COMBINED),
    _field("deadline", _("处理期限"), FieldType.DATE, RETURNS, COMBINED),
    _field("refund", _("退款金额"), FieldType.MONEY, RETURNS, COMBINED),
    _field("return_cost", _("退货运费"), FieldType.MONEY, RETURNS, COMBINED),
    _field("handling_cost", _("处理成本"), FieldType.MONEY, RETURNS, COMBINED),
    _field("reason", _("退货原因"), FieldType.REASON, RETURNS, COMBINED),
    _field("reason_text", _("原因说明"), FieldType.TEXT, RETURNS, COMBINED),
    _field("wish", _("售后类型（退货、换货）"), FieldType.WISH, RETURNS, COMBINED),
    _field("status", _("售后状态"), FieldType.STATUS, RETURNS, COMBINED),
    _field("waybill", _("退货运单号"), FieldType.NUMBER, RETURNS, COMBINED),
    _field("carrier", _("退货快递公司"), FieldType.TEXT, RETURNS, COMBINED),
)
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}

# Every group needs one of its fields mapped, and none of them may be empty in a row.
REQUIRED: dict[ImportKind, tuple[tuple[str, ...], ...]] = {
    ORDERS: (("order_number",), ("sku", "product_id", "product_title", "items")),
    PRODUCTS: (("sku", "product_id", "product_title"),),
    RETURNS: (("order_number", "customer_id", "phone", "email"),),
    COMBINED: (
        ("order_number", "customer_id", "phone", "email"),
        ("sku", "product_id", "product_title", "items"),
        ("returned", "requested_at", "received_at", "return_quantity", "return_number", "quantity", "status", "refund"),
    ),
}


def fields_of(kind: ImportKind) -> tuple[Field, ...]:
    """The fields offered for a kind, in the order they are shown."""
    return tuple(field for field in _ALL if kind in field.kinds)
