"""The four independent axes of a return, and what a customer wishes. Never one status."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class AuthorisationState(StrEnum):
    """Whether the shop agrees to the return."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class LogisticsState(StrEnum):
    """Where the parcel is."""

    AWAITING_PARCEL = "awaiting_parcel"
    DROPPED_OFF = "dropped_off"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    LOST = "lost"


class InspectionState(StrEnum):
    """What the inspection of a unit found; `worst` orders them."""

    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"
    NEEDS_REVIEW = "needs_review"
    MISSING = "missing"
    UNDECLARED = "undeclared"


class RefundState(StrEnum):
    """Where the money is; `least_advanced` orders them."""

    NONE = "none"
    PENDING = "pending"
    REFUNDED = "refunded"
    EXCHANGED = "exchanged"
    CREDITED = "credited"
    KEPT_WITH_POINTS = "kept_with_points"
    DENIED = "denied"


class Wish(StrEnum):
    """What the customer wants instead."""

    EXCHANGE = "exchange"
    REFUND = "refund"
    POINTS = "points"


class ReturnOrder(StrEnum):
    """The orders a list of returns can be shown in."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LARGEST = "largest"


_FROM_WORST = (
    InspectionState.MISSING,
    InspectionState.FAILED,
    InspectionState.UNDECLARED,
    InspectionState.NEEDS_REVIEW,
    InspectionState.PENDING,
    InspectionState.PASSED,
)
_OPEN_MONEY = (RefundState.NONE, RefundState.PENDING)


def worst(states: Iterable[InspectionState]) -> InspectionState:
    """The inspection of a line or return: the worst of its units; PENDING where there is no unit yet."""
    return min(states, key=_FROM_WORST.index, default=InspectionState.PENDING)


def least_advanced(states: Iterable[RefundState]) -> RefundState:
    """The settlement of a return: the least advanced of its lines; all settled ones count as equally far.

    With several kinds of settlement the first line's is shown. NONE where there is no line.
    """
    lines = list(states)
    for waiting in _OPEN_MONEY:
        if waiting in lines:
            return waiting
    return lines[0] if lines else RefundState.NONE
