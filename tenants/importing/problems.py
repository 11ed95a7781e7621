"""Everything that can be wrong with a row, in words: what is wrong, what was expected, how to mend it.

A problem is an ERROR (the row is not imported) or a WARNING (it is, and this is how it was understood).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alliance.platform.kernel.texts import Text, _


class Severity(StrEnum):
    """Whether the row is left out or only talked about."""

    ERROR = "error"
    WARNING = "warning"


class Problem(StrEnum):
    """The stable code of a cause."""

    ROW_QUOTES = "row_quotes"
    ROW_TOO_LONG = "row_too_long"
    ROW_UNDECODABLE = "row_undecodable"
    ROW_CONTROL = "row_control"
    REQUIRED_MISSING = "required_missing"
    PRODUCT_MISSING = "product_missing"
    TEXT_TOO_LONG = "text_too_long"
    SCIENTIFIC_NUMBER = "scientific_number"
    DATE_UNREADABLE = "date_unreadable"
    DATE_AMBIGUOUS = "date_ambiguous"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    DATE_BEFORE_ORDER = "date_before_order"
    MONEY_UNREADABLE = "money_unreadable"
    MONEY_NEGATIVE = "money_negative"
    MONEY_TOO_LARGE = "money_too_large"
    CURRENCY_MISMATCH = "currency_mismatch"
    QUANTITY_UNREADABLE = "quantity_unreadable"
    QUANTITY_NOT_POSITIVE = "quantity_not_positive"
    ITEMS_UNEVEN = "items_uneven"
    SALE_NOT_FOUND = "sale_not_found"

    DATE_FORMATS_MIXED = "date_formats_mixed"
    DATE_ORDER_GUESSED = "date_order_guessed"
    DATE_BEFORE_ORDER_SAME_DAY = "date_before_order_same_day"
    SHIPPED_BEFORE_ORDER = "shipped_before_order"
    MONEY_REREAD = "money_reread"
    MONEY_SIGN_DROPPED = "money_sign_dropped"
    MONEY_ROUNDED = "money_rounded"
    ITEMS_EXPLODED = "items_exploded"
    CONTACT_DROPPED = "contact_dropped"
    REASON_UNMAPPED = "reason_unmapped"
    STATUS_UNKNOWN = "status_unknown"
    FLAG_UNKNOWN = "flag_unknown"
    ORDER_UNKNOWN = "order_unknown"
    PRODUCT_UNKNOWN = "product_unknown"
    PRODUCT_UNNAMED = "product_unnamed"
    DATE_ASSUMED = "date_assumed"
    JOIN_UNMATCHED = "join_unmatched"


@dataclass(frozen=True, slots=True)
class Advice:
    """What a person is told about a cause."""

    severity: Severity
    message: Text
    expected: Text
    mend: Text


def _error(message: Text, expected: Text, mend: Text) -> Advice:
    return Advice(Severity.ERROR, message, expected, mend)


def _warning(message: Text, expected: Text, mend: Text) -> Advice:
    return Advice(Severity.WARNING, message, expected, mend)


ADVICE: dict[Problem, Advice] = {
    Problem.ROW_QUOTES: _error(
        _("这一行的引号没有闭合"), _("每个左引号都有右引号"), _("请检查这一行及下一行的双引号，改好后重新上传")
    ),
    Problem.ROW_TOO_LONG: _error(
        _("这一行比表头多出几列"), _("与表头相同的列数"), _("多半是文字里有没加引号的逗号，请加上双引号")
    ),
    Problem.ROW_UNDECODABLE: _error(
        _("这一行有无法识别的字符"), _("UTF-8 或 GB18030 编码的文字"), _("请用 Excel 或 WPS 另存为 UTF-8 编码的 CSV")
    ),
    Problem.ROW_CONTROL: _error(
        _("这一行含有控制字符"), _("普通文字"), _("请在来源系统中重新导出，或删去这一行的乱码")
    ),
    Problem.REQUIRED_MISSING: _error(_("必填的内容是空的"), _("不能为空"), _("请补上，或在上一步把另一列对应到这里")),
    Problem.PRODUCT_MISSING: _error(
        _("没有 SKU，也没有商品名称"), _("SKU 或商品名称至少有一个"), _("请补上 SKU 或商品名称")
    ),
    Problem.TEXT_TOO_LONG: _error(_("文字太长"), _("不超过 2000 字"), _("请缩短，或检查前面是否少了引号")),
    Problem.SCIENTIFIC_NUMBER: _error(
        _("编号被 Excel 变成了科学计数或丢了末尾的数字"),
        _("完整的编号，例如 20261103882"),
        _("请把该列设为“文本”后从来源重新导出；已经变成科学计数的编号无法还原"),
    ),
    Problem.DATE_UNREADABLE: _error(
        _("看不出是什么日期"), _("例如 2026-11-04 或 2026年11月4日"), _("请改成 年-月-日 的写法")
    ),
    Problem.DATE_AMBIGUOUS: _error(
        _("日期看不出哪个是日、哪个是月"), _("例如 2026-04-03"), _("请改成 年-月-日，或选择整列的读法")
    ),
    Problem.DATE_OUT_OF_RANGE: _error(
        _("日期不在合理范围内"), _("2000 年以后、一年之内"), _("请检查年份，或该列是否对应错了")
    ),
    Problem.DATE_BEFORE_ORDER: _error(
        _("退货日期早于下单日期一天以上"), _("不早于下单"), _("请检查退货日期和订单号是否写错")
    ),
    Problem.MONEY_UNREADABLE: _error(_("看不出是多少钱"), _("例如 268.00"), _("请只保留数字和小数点")),
    Problem.MONEY_NEGATIVE: _error(_("金额不能是负数"), _("零或正数"), _("请去掉负号；退款请对应到“退款金额”列")),
    Problem.MONEY_TOO_LARGE: _error(_("金额大得不合理"), _("不超过一百亿"), _("请检查该列是否对应错了")),
    Problem.CURRENCY_MISMATCH: _error(
        _("币种与店铺的不同"),
        _("店铺的币种"),
        _("本店只能导入一个币种；请换算后再导入，或在另一家店铺导入"),
    ),
    Problem.QUANTITY_UNREADABLE: _error(_("看不出数量"), _("整数，例如 1"), _("请改成整数")),
    Problem.QUANTITY_NOT_POSITIVE: _error(
        _("数量必须大于零"), _("1 或以上"), _("请改正；退货数量请对应到“退货数量”列")
    ),
    Problem.ITEMS_UNEVEN: _error(
        _("一格里有多件商品，但数量或金额的个数对不上"),
        _("每件商品各有一个数量"),
        _("请拆成每件商品一行，或让各列的个数相同"),
    ),
    Problem.SALE_NOT_FOUND: _error(
        _("没有订单号，按顾客和商品也找不到此前的销售"), _("订单号，或已导入的销售"), _("请先导入订单，或补上订单号")
    ),
    Problem.DATE_FORMATS_MIXED: _warning(
        _("这一列有不止一种日期写法"), _("整列一种写法"), _("已分别识别；请抽查几行是否正确")
    ),
    Problem.DATE_ORDER_GUESSED: _warning(
        _("这一列的斜杠日期按其中能确定的行统一识别"), _("年-月-日"), _("如果不对，请在下面改选整列的读法")
    ),
    Problem.DATE_BEFORE_ORDER_SAME_DAY: _warning(
        _("退货时间比下单时间略早（一天以内）"), _("不早于下单"), _("多半是时区不同，照样导入")
    ),
    Problem.SHIPPED_BEFORE_ORDER: _warning(
        _("发货或签收时间早于下单时间"), _("不早于下单"), _("照样导入；这些行不计入时长")
    ),
    Problem.MONEY_REREAD: _warning(
        _("金额带有符号或千分位，已按数字理解"), _("例如 1268.00"), _("将按数字导入，请抽查")
    ),
    Problem.MONEY_SIGN_DROPPED: _warning(_("退款写成了负数"), _("正数"), _("将按正数导入")),
    Problem.MONEY_ROUNDED: _warning(_("金额有多余的小数"), _("到分为止"), _("已四舍五入到分")),
    Problem.ITEMS_EXPLODED: _warning(_("一格里有多件商品"), _("每件商品一行"), _("已拆开；只有一个总金额时按件平均分")),
    Problem.CONTACT_DROPPED: _warning(
        _("手机号或邮箱不完整"), _("完整的手机号或邮箱"), _("这一行照样导入，但不记联系方式")
    ),
    Problem.REASON_UNMAPPED: _warning(
        _("原因没有归类"), _("能对应到退货原因表"), _("照样导入，计入“未归类”；可以在下面指定归到哪一类")
    ),
    Problem.STATUS_UNKNOWN: _warning(_("看不懂这个状态"), _("平台的售后状态"), _("照样导入，按日期和退款推断进度")),
    Problem.FLAG_UNKNOWN: _warning(_("看不出是否退货"), _("是 或 否"), _("按没有退货导入")),
    Problem.ORDER_UNKNOWN: _warning(
        _("订单还没有导入"), _("已导入的订单"), _("会先建一张不完整的订单，之后导入订单时自动补全")
    ),
    Problem.PRODUCT_UNKNOWN: _warning(_("商品还没有导入"), _("已有的 SKU"), _("会按这一行新建商品")),
    Problem.PRODUCT_UNNAMED: _warning(
        _("退货没有写明商品"), _("SKU 或商品名称"), _("订单已知时按整单退货，否则记为“未注明商品”")
    ),
    Problem.DATE_ASSUMED: _warning(_("没有下单时间"), _("下单时间"), _("订单时间暂记为退货时间或导入时间")),
    Problem.JOIN_UNMATCHED: _warning(
        _("退货表里的订单不在订单表里"), _("两张表的订单号一致"), _("这些退货没有导入，请检查订单号的写法")
    ),
}


def severity_of(code: str) -> Severity:
    """Whether a code leaves the row out."""
    return ADVICE[Problem(code)].severity
