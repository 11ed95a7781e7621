"""A platform's one status to the axes of a return. Whoever exports one word has coupled what we keep apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from alliance.tenants.importing.cells.words import EMPTY_WORDS, clean_code
from alliance.tenants.returns.states import AuthorisationState as A
from alliance.tenants.returns.states import LogisticsState as L
from alliance.tenants.returns.states import RefundState as R
from alliance.tenants.returns.states import Wish


@dataclass(frozen=True, slots=True)
class Axes:
    """Where a return stands on authorisation, logistics and money."""

    authorisation: str
    logistics: str
    settlement: str


ASKED = Axes(A.REQUESTED, L.AWAITING_PARCEL, R.NONE)
AGREED = Axes(A.APPROVED, L.AWAITING_PARCEL, R.PENDING)
ON_ITS_WAY = Axes(A.APPROVED, L.IN_TRANSIT, R.PENDING)
ARRIVED = Axes(A.APPROVED, L.RECEIVED, R.PENDING)
REFUNDED = Axes(A.APPROVED, L.RECEIVED, R.REFUNDED)
REFUNDED_ONLY = Axes(A.APPROVED, L.AWAITING_PARCEL, R.REFUNDED)
EXCHANGED = Axes(A.APPROVED, L.RECEIVED, R.EXCHANGED)
CREDITED = Axes(A.APPROVED, L.RECEIVED, R.CREDITED)
REFUSED = Axes(A.REJECTED, L.AWAITING_PARCEL, R.DENIED)
WITHDRAWN = Axes(A.CANCELLED, L.AWAITING_PARCEL, R.NONE)
LAPSED = Axes(A.EXPIRED, L.AWAITING_PARCEL, R.NONE)
LOST = Axes(A.APPROVED, L.LOST, R.PENDING)

_WORDS: dict[str, Axes] = {
    # Taobao, Tmall
    "wait_seller_agree": ASKED,
    "wait_buyer_return_goods": AGREED,
    "wait_seller_confirm_goods": ON_ITS_WAY,
    "seller_refuse_buyer": REFUSED,
    "closed": WITHDRAWN,
    "success": REFUNDED,
    "exchange_wait_buyer_confirm_goods": EXCHANGED,
    # AfterShip, ReturnGO, Shopify, Loop
    "submitted": ASKED,
    "requested": ASKED,
    "pending": ASKED,
    "pending approval": ASKED,
    "open": AGREED,
    "approved": AGREED,
    "label sent": AGREED,
    "awaiting shipment": AGREED,
    "shipped": ON_ITS_WAY,
    "in transit": ON_ITS_WAY,
    "in_transit": ON_ITS_WAY,
    "received": ARRIVED,
    "validated": ARRIVED,
    "inspected": ARRIVED,
    "resolved": REFUNDED,
    "refunded": REFUNDED,
    "refund issued": REFUNDED,
    "done": REFUNDED,
    "completed": REFUNDED,
    "complete": REFUNDED,
    "exchanged": EXCHANGED,
    "credited": CREDITED,
    "rejected": REFUSED,
    "declined": REFUSED,
    "denied": REFUSED,
    "expired": LAPSED,
    "canceled": WITHDRAWN,
    "cancelled": WITHDRAWN,
    "lost": LOST,
    # Amazon
    "unit returned to inventory": REFUNDED,
    "repackaged successfully": REFUNDED,
    "reimbursed": REFUNDED,
    "pending repackaging": ARRIVED,
    "returned": REFUNDED,
}
# In the order they must be asked: a sentence like "已同意,待买家退货" names several.
_PATTERNS: tuple[tuple[str, Axes], ...] = (
    (r"换货(成功|完成|完结)|已换货", EXCHANGED),
    (r"(拒绝|驳回|不同意)", REFUSED),
    (r"(关闭|撤销|取消|撤回)", WITHDRAWN),
    (r"(超时|过期|逾期)", LAPSED),
    (r"(待|等待)((买家|用户|消费者|客户).{0,4}(退货|寄回|发货|填写|处理)|退货|寄回)|已同意", AGREED),
    (
        r"(待|等待)(商家|卖家|仓库)?.{0,4}(收货|签收|确认收货)|退货中|(买家|用户)已(退货|寄出|发货)|寄回中|在途",
        ON_ITS_WAY,
    ),
    (r"(已收货|已签收|已入库|待验|验货|待退款|退款中|待打款|等待退款)", ARRIVED),
    (r"(待|等待)(商家|卖家|平台|系统|客服)?.{0,6}(处理|审核|同意|确认|介入)|处理中|申请中|审核中|平台介入|仲裁", ASKED),
    (r"(退款|售后|退货|维权).{0,4}(成功|完成|完结|结束)|已退款|已完成|已完结|全额退款|部分退款", REFUNDED),
    (r"丢件|丢失", LOST),
)
_COMPILED = tuple((re.compile(pattern), axes) for pattern, axes in _PATTERNS)

_WISHES: tuple[tuple[str, Wish], ...] = (
    (r"换货|补寄|维修|exchange|replace", Wish.EXCHANGE),
    (r"积分|store credit|gift card|credit", Wish.POINTS),
    (r"退款|退货|refund|return", Wish.REFUND),
)
_COMPILED_WISHES = tuple((re.compile(pattern, re.I), wish.value) for pattern, wish in _WISHES)
_NO_PARCEL = re.compile(r"仅退款|未发货|refund only|without return|no return needed", re.I)


def read_status(value: str) -> Axes | None:
    """The axes of a status word or sentence; None for an empty cell and for what nobody knows."""
    text = clean_code(value).lower()
    if text in EMPTY_WORDS:
        return None
    known = _WORDS.get(text)
    return known or next((axes for pattern, axes in _COMPILED if pattern.search(text)), None)


def read_wish(value: str) -> str | None:
    """What the customer wants by the kind of after-sale (退货退款, 换货); None where the text does not say."""
    text = clean_code(value)
    return next((wish for pattern, wish in _COMPILED_WISHES if pattern.search(text)), None)


def is_refund_only(value: str) -> bool:
    """Whether the kind of after-sale sends nothing back, so that no parcel will ever arrive."""
    return bool(_NO_PARCEL.search(clean_code(value)))
