"""Platforms where content shops sell: 抖店, 小红书, 视频号小店, 快手小店, 有赞. After-sales and orders of each.

The headers follow what the platforms document and show; their exports let a seller choose columns, so each field
lists every name seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.presets.preset import Preset
from alliance.tenants.importing.states import ImportKind

_AFTER_SALES: dict[str, Sequence[str]] = {
    "return_number": ("售后单号", "售后编号", "售后单编号", "售后ID", "维权编号", "退款编号", "退款单号"),
    "order_number": ("主订单编号", "订单号", "订单编号", "包裹号", "订单ID"),
    "line_id": ("商品单号", "子订单编号", "子订单号", "商品订单号"),
    "requested_at": (
        "售后申请时间",
        "申请时间",
        "售后创建时间",
        "创建时间",
        "维权发起时间",
        "退款申请时间",
        "申请售后时间",
    ),
    "received_at": ("退货签收时间", "商家收货时间", "确认收货时间", "仓库签收时间"),
    "resolved_at": ("退款时间", "退款成功时间", "退款完成时间", "售后完结时间", "完结时间", "完成时间", "维权完成时间"),
    "deadline": (
        "售后处理截止时间",
        "处理截止时间",
        "逾期时间",
        "超时时间",
        "售后超时时间",
        "商家处理截止时间",
        "自动处理时间",
    ),
    "refund": ("退款金额", "退商品金额", "退款金额(元)", "实退金额", "申请退款金额", "应退金额", "退款总金额"),
    "return_cost": ("退运费金额", "退货运费", "运费补偿金额"),
    "reason": ("售后原因", "申请原因", "退款原因", "退货原因", "维权原因", "售后申请原因"),
    "reason_text": ("售后描述", "问题描述", "退款说明", "申请说明", "买家留言", "维权说明", "补充描述"),
    "wish": ("售后类型", "售后方式", "维权类型", "退款类型", "退款方式"),
    "status": ("售后状态", "退款状态", "维权状态", "售后单状态"),
    "product_title": ("商品名称", "商品标题", "商品", "选购商品", "商品信息"),
    "sku": ("商家编码", "商品编码", "规格编码", "SKU编码", "小红书编码", "商家SKU编码", "skuNick", "货号", "SKU ID"),
    "product_id": ("商品ID", "商品id", "商品编号"),
    "spec": ("商品规格", "规格", "规格名称", "SKU规格"),
    "return_quantity": ("售后数量", "申请售后数量", "退货数量", "申请件数", "退款数量", "商品数量", "数量", "购买数量"),
    "carrier": ("退货物流公司", "退货快递公司", "退货快递", "退货物流", "退货承运商", "买家退货物流公司"),
    "waybill": ("退货物流单号", "退货快递单号", "退货运单号", "买家退货物流单号", "退货单号", "寄回物流单号"),
}
_ORDERS: dict[str, Sequence[str]] = {
    "order_number": ("主订单编号", "订单号", "订单编号", "订单ID"),
    "line_id": ("子订单编号", "子订单号", "商品单号", "商品订单号"),
    "placed_at": ("订单提交时间", "下单时间", "订单创建时间", "创建时间", "用户下单时间", "支付时间"),
    "shipped_at": ("发货时间", "订单发货时间"),
    "delivered_at": ("签收时间", "订单完成时间", "完成时间", "交易成功时间", "确认收货时间"),
    "order_total": ("订单实付金额", "订单总金额"),
    "customer_name": ("收件人", "收货人", "收件人姓名", "收货人姓名", "收货人/提货人"),
    "phone": ("收件人手机号", "收货人手机号", "手机号", "联系电话", "收货人手机号/提货人手机号"),
    "product_title": ("选购商品", "商品名称", "商品标题", "全部商品名称"),
    "sku": ("商家编码", "规格编码", "SKU编码", "商家SKU编码", "小红书编码", "商品编码(自定义)", "货号", "skuNick"),
    "product_id": ("商品ID", "商品id", "商品编码", "商品编号", "商品编码(平台)"),
    "spec": ("商品规格", "规格", "SKU规格", "规格名称"),
    "quantity": ("商品数量", "数量", "购买数量", "成交数量", "SKU件数"),
    "price": ("商品单价", "单价", "商品金额", "商品价格", "商品实际成交金额"),
    "line_total": ("订单应付金额", "商品实付金额", "实付金额", "实付款", "商品总价"),
}
_ORDER_NOISE = (
    "订单状态",
    "取消原因",
    "售后状态",
    "订单类型",
    "支付方式",
    "支付完成时间",
    "平台优惠",
    "商家优惠",
    "达人优惠",
    "省",
    "市",
    "区",
    "街道",
    "详细地址",
    "买家留言",
    "商家备注",
    "达人ID",
    "达人昵称",
    "流量来源",
    "流量体裁",
    "运费",
    "优惠总金额",
    "快递信息",
    "快递公司",
    "快递单号",
    "物流公司",
    "物流单号",
    "承诺发货时间",
    "app渠道",
    "是否平台仓自流转",
    "旗帜颜色",
)
_AFTER_NOISE = (
    "店铺名称",
    "店铺ID",
    "商品单价",
    "订单金额",
    "实付金额",
    "发货状态",
    "发货物流公司",
    "发货物流单号",
    "买家昵称",
    "达人昵称",
    "责任方",
    "仲裁状态",
    "平台介入状态",
    "订单状态",
    "商家备注",
    "售后标签",
    "运费险",
    "支付时间",
    "下单时间",
    "客服备注",
)


def _with(table: Mapping[str, Sequence[str]], **first: Sequence[str]) -> dict[str, Sequence[str]]:
    """The common table with a platform's own names in front."""
    return {name: (*first.get(name, ()), *aliases) for name, aliases in table.items()}


DOUYIN_AFTER = Preset(
    "douyin_after_sales",
    _("抖店售后单"),
    ImportKind.RETURNS,
    _with(_AFTER_SALES),
    marks=(
        ("售后单号", "商品单号"),
        ("售后单号", "售后类型", "退商品金额"),
        ("售后单号", "售后状态", "订单号", "商品ID"),
    ),
    channel="douyin",
    ignored=_AFTER_NOISE,
)
DOUYIN_ORDERS = Preset(
    "douyin_orders",
    _("抖店订单"),
    ImportKind.ORDERS,
    _with(_ORDERS),
    marks=(("主订单编号", "选购商品"), ("主订单编号", "子订单编号", "订单提交时间")),
    channel="douyin",
    ignored=_ORDER_NOISE,
)
XIAOHONGSHU_AFTER = Preset(
    "xiaohongshu_after_sales",
    _("小红书售后单"),
    ImportKind.RETURNS,
    _with(_AFTER_SALES, order_number=("订单号", "包裹号"), waybill=("退货快递单号",)),
    marks=(
        ("售后单号", "小红书编码"),
        ("售后单号", "包裹号"),
        ("售后ID", "售后方式"),
        ("售后单号", "退货快递单号", "售后原因"),
    ),
    channel="xiaohongshu",
    ignored=_AFTER_NOISE,
)
XIAOHONGSHU_ORDERS = Preset(
    "xiaohongshu_orders",
    _("小红书订单"),
    ImportKind.ORDERS,
    _with(_ORDERS, placed_at=("订单创建时间", "用户下单时间")),
    marks=(("订单号", "小红书编码"), ("订单号", "SKU件数"), ("订单号", "用户下单时间", "规格名称")),
    channel="xiaohongshu",
    ignored=_ORDER_NOISE,
)
CHANNELS_AFTER = Preset(
    "channels_after_sales",
    _("视频号小店售后单"),
    ImportKind.RETURNS,
    _with(_AFTER_SALES, return_number=("售后单编号", "售后单号")),
    marks=(("售后单编号",), ("售后单号", "申请售后时间"), ("售后编号", "商品编码(平台)")),
    channel="channels",
    ignored=_AFTER_NOISE,
)
CHANNELS_ORDERS = Preset(
    "channels_orders",
    _("视频号小店订单"),
    ImportKind.ORDERS,
    _with(_ORDERS, sku=("商品编码(自定义)", "SKU编码(自定义)")),
    marks=(("订单号", "商品编码(平台)"), ("订单号", "商品编码(自定义)"), ("订单号", "SKU编码(自定义)")),
    channel="channels",
    ignored=_ORDER_NOISE,
)
KUAISHOU_AFTER = Preset(
    "kuaishou_after_sales",
    _("快手小店售后单"),
    ImportKind.RETURNS,
    _with(
        _AFTER_SALES,
        return_number=("退款编号", "售后单号"),
        order_number=("订单编号", "订单号"),
        sku=("skuNick", "SKU编码"),
    ),
    marks=(
        ("退款编号", "skuNick"),
        ("售后单号", "skuNick"),
        ("售后单号", "申请件数"),
        ("售后单号", "退款方式", "SKU编码"),
    ),
    channel="kuaishou",
    ignored=_AFTER_NOISE,
)
KUAISHOU_ORDERS = Preset(
    "kuaishou_orders",
    _("快手小店订单"),
    ImportKind.ORDERS,
    _with(_ORDERS, sku=("SKU编码", "skuNick"), quantity=("成交数量",), line_total=("实付款",)),
    marks=(("订单号", "成交数量", "实付款"), ("订单编号", "成交数量", "实付款"), ("订单号", "skuNick")),
    channel="kuaishou",
    ignored=_ORDER_NOISE,
)
YOUZAN_AFTER = Preset(
    "youzan_after_sales",
    _("有赞售后（维权）单"),
    ImportKind.RETURNS,
    _with(_AFTER_SALES, return_number=("售后编号", "维权编号")),
    marks=(("维权编号",), ("售后编号", "售后方式"), ("售后编号", "规格编码")),
    channel="youzan",
    ignored=_AFTER_NOISE,
)
YOUZAN_ORDERS = Preset(
    "youzan_orders",
    _("有赞订单"),
    ImportKind.ORDERS,
    _with(_ORDERS, product_title=("商品名称", "全部商品名称"), placed_at=("订单创建时间",)),
    marks=(("订单号", "收货人/提货人"), ("订单号", "全部商品名称"), ("订单号", "规格编码", "商品实际成交金额")),
    channel="youzan",
    ignored=_ORDER_NOISE,
)
PRESETS = (
    DOUYIN_AFTER,
    DOUYIN_ORDERS,
    XIAOHONGSHU_AFTER,
    XIAOHONGSHU_ORDERS,
    CHANNELS_AFTER,
    CHANNELS_ORDERS,
    KUAISHOU_AFTER,
    KUAISHOU_ORDERS,
    YOUZAN_AFTER,
    YOUZAN_ORDERS,
)
