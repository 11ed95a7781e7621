"""Each platform's export is known by its headers, and its columns by their meaning."""

from __future__ import annotations

import pytest

from alliance.tenants.importing.fields import FIELDS, fields_of
from alliance.tenants.importing.presets.registry import PRESETS, guess_preset
from alliance.tenants.importing.presets.template import template_headers
from alliance.tenants.importing.states import ImportKind

EXPORTS = {
    "shopify_orders": (
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Refunded Amount",
        {"order_number": "Name", "sku": "Lineitem sku", "placed_at": "Created at", "order_total": "Total"},
    ),
    "woocommerce_orders": (
        "Order Number,Order Status,Order Date,Email (Billing),Phone (Billing),Order Total Amount,SKU,Item #,Item Name,"
        "Quantity (- Refund),Item Cost",
        {"order_number": "Order Number", "quantity": "Quantity (- Refund)", "price": "Item Cost"},
    ),
    "woocommerce_refunds": (
        "refund_id,order_id,date_created,amount,reason,refunded_by",
        {"return_number": "refund_id", "order_number": "order_id", "refund": "amount"},
    ),
    "taobao_refunds": (
        "订单编号,退款编号,支付单号,订单付款时间,商品编码,退款的申请时间,超时时间,买家退款金额,买家退款原因,退款状态,"
        "宝贝标题,退货物流单号,退货物流公司",
        {
            "return_number": "退款编号",
            "requested_at": "退款的申请时间",
            "deadline": "超时时间",
            "status": "退款状态",
            "waybill": "退货物流单号",
        },
    ),
    "taobao_orders": (
        "订单编号,子订单编号,标题,价格,购买数量,外部系统编号,商品属性,订单状态,订单创建时间,买家应付货款",
        {"order_number": "订单编号", "line_id": "子订单编号", "quantity": "购买数量", "placed_at": "订单创建时间"},
    ),
    "amazon_fba_returns": (
        "return-date,order-id,sku,asin,fnsku,product-name,quantity,fulfillment-center-id,detailed-disposition,reason,"
        "status,license-plate-number,customer-comments",
        {"received_at": "return-date", "return_line_id": "license-plate-number", "reason": "reason"},
    ),
    "aftership_returns": (
        "RMA number,Order number,Submitted at,Approval status,SKU,Product title,Return quantity,Return reason,Currency,"
        "Refund amount,Return tracking number",
        {"return_number": "RMA number", "waybill": "Return tracking number", "status": "Approval status"},
    ),
    "returngo_returns": (
        "RMA ID,Order Name,Request Date,RMA Status,SKU,Product Name,Quantity,Return Reason,"
        "Resolution Type,Tracking Number",
        {"return_number": "RMA ID", "wish": "Resolution Type", "status": "RMA Status"},
    ),
    "douyin_after_sales": (
        "售后单号,订单号,商品单号,商品ID,商品名称,商家编码,售后类型,售后状态,申请时间,售后原因,退商品金额,退货物流单号,"
        "处理截止时间",
        {"return_number": "售后单号", "deadline": "处理截止时间", "waybill": "退货物流单号", "status": "售后状态"},
    ),
    "douyin_orders": (
        "主订单编号,子订单编号,选购商品,商品规格,商品数量,商家编码,商品单价,订单提交时间,订单状态,售后状态",
        {"order_number": "主订单编号", "line_id": "子订单编号", "spec": "商品规格"},
    ),
    "xiaohongshu_after_sales": (
        "售后单号,包裹号,小红书编码,商品名称,规格,售后类型,售后状态,申请时间,售后原因,退款金额,退货快递单号",
        {"order_number": "包裹号", "sku": "小红书编码", "waybill": "退货快递单号"},
    ),
    "xiaohongshu_orders": (
        "订单号,小红书编码,商品名称,规格,SKU件数,用户下单时间,订单状态",
        {"order_number": "订单号", "quantity": "SKU件数", "placed_at": "用户下单时间"},
    ),
    "channels_after_sales": (
        "售后单编号,订单号,商品名称,商品编码,售后类型,售后状态,申请时间,售后原因,退款金额,退货快递单号",
        {"return_number": "售后单编号", "order_number": "订单号"},
    ),
    "channels_orders": (
        "订单号,商品名称,商品编码(平台),商品编码(自定义),商品数量,商品单价,下单时间,订单状态",
        {"sku": "商品编码(自定义)", "product_id": "商品编码(平台)"},
    ),
    "kuaishou_after_sales": (
        "退款编号,订单编号,商品名称,skuNick,申请件数,退款金额,申请时间,退款原因,退款状态,退货物流单号",
        {"return_number": "退款编号", "sku": "skuNick", "return_quantity": "申请件数"},
    ),
    "kuaishou_orders": (
        "订单号,商品名称,SKU编码,成交数量,实付款,下单时间,订单状态",
        {"quantity": "成交数量", "line_total": "实付款", "sku": "SKU编码"},
    ),
    "youzan_after_sales": (
        "售后编号,订单号,商品名称,规格编码,售后方式,退款金额,申请时间,退款原因,售后状态,退货物流单号",
        {"return_number": "售后编号", "wish": "售后方式", "sku": "规格编码"},
    ),
    "youzan_orders": (
        "订单号,收货人/提货人,商品名称,规格编码,商品数量,商品单价,订单创建时间,订单状态",
        {"order_number": "订单号", "customer_name": "收货人/提货人", "placed_at": "订单创建时间"},
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_recognised_with_its_columns(name: str) -> None:
    text, expected = EXPORTS[name]
    headers = text.split(",")
    guess = guess_preset(headers, None)
    assert guess.preset.name == name
    found = {field: headers[index] for index, field in guess.fields.items()}
    assert {field: found.get(field) for field in expected} == expected


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", list(ImportKind))
def test_our_templates_are_recognised_whole_in_both_languages(kind: ImportKind, locale: str) -> None:
    headers = template_headers(kind, locale)  # type: ignore[arg-type]  # a parameter of pytest
    guess = guess_preset(headers, None)
    assert guess.preset.name == f"template_{kind}"
    assert len(guess.fields) == len(headers)


def test_every_preset_names_known_fields_of_its_kind_and_is_tried() -> None:
    for preset in PRESETS:
        assert set(preset.columns) <= {field.name for field in fields_of(preset.kind)}, preset.name
        assert set(preset.columns) <= set(FIELDS)
    assert {preset.name for preset in PRESETS} == {*EXPORTS, *(f"template_{kind}" for kind in ImportKind)}
