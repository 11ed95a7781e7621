"""The way of one return through the four axes: each moment drawn on its own, then seen as it stands at a given time.

The axes stay independent: money may move before the parcel does, a parcel may be lost, a piece may be missing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from alliance.tenants.returns.states import AuthorisationState, LogisticsState, RefundState, Wish
from alliance.web.cli.demo.chance import Chance, days, hours, pick


class Fate(StrEnum):
    """How a return ends."""

    NORMAL = "normal"
    KEPT = "kept"
    LOST = "lost"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


FATES = ((Fate.NORMAL, 93.4), (Fate.LOST, 0.6), (Fate.REJECTED, 2.4), (Fate.CANCELLED, 2.2), (Fate.EXPIRED, 1.4))
KEEPS_FOR_POINTS = 0.55
REFUNDED_AT_ONCE = 0.07
# A few returns lie around; they are the overdue ones of the workbench.
LIES_AROUND, LIES_LONGER = 0.16, 7.0
TO_DECIDE, TO_SEND, TO_ARRIVE, TO_INSPECT, TO_SETTLE = (
    timedelta(hours=48),
    timedelta(days=7),
    timedelta(days=10),
    timedelta(hours=72),
    timedelta(hours=48),
)
LOST_AFTER = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Journey:
    """The moments of one return; None where it never comes to that, or not yet."""

    fate: Fate
    wish: Wish
    requested_at: datetime
    decided_at: datetime | None
    sent_at: datetime | None = None
    moving_at: datetime | None = None
    received_at: datetime | None = None
    inspected_at: datetime | None = None
    settled_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a return stands on the axes that belong to it as a whole, and what is due when."""

    authorisation: AuthorisationState
    logistics: LogisticsState
    settlement: RefundState
    deadline: datetime | None
    resolved_at: datetime | None


def travel(chance: Chance, *, wish: Wish, requested_at: datetime, pace: float) -> Journey:
    """The whole journey of a return asked at a moment; `pace` stretches what the shop itself does."""
    slow = LIES_LONGER if chance.random() < LIES_AROUND else 1.0
    decided = requested_at + hours(chance, 0.3, 36) * slow
    fate = pick(chance, FATES)
    if fate is Fate.NORMAL and wish is Wish.POINTS and chance.random() < KEEPS_FOR_POINTS:
        fate = Fate.KEPT
    start = Journey(fate, wish, requested_at, decided)
    if fate in (Fate.NORMAL, Fate.LOST):
        return _sent_back(chance, start, decided, stretch=pace * slow)
    if fate is Fate.KEPT:
        return replace(start, settled_at=decided + hours(chance, 0.5, 6))
    if fate is Fate.EXPIRED:
        return replace(start, closed_at=decided + TO_SEND)
    if fate is Fate.CANCELLED:
        closed = requested_at + hours(chance, 2, 60)
        return replace(start, decided_at=decided if decided < closed else None, closed_at=closed)
    return replace(start, closed_at=decided)


def seen(journey: Journey, until: datetime) -> Journey:
    """The journey as known at a moment: what comes later has not happened."""
    names = ("decided_at", "sent_at", "moving_at", "received_at", "inspected_at", "settled_at", "closed_at")
    later: dict[str, Any] = {name: None for name in names if (at := getattr(journey, name)) is not None and at > until}
    return replace(journey, **later) if later else journey


def standing(journey: Journey, until: datetime) -> Standing:
    """The axes of a journey that `seen` has cut at `until`."""
    authorisation, logistics = _authorisation(journey), _logistics(journey, until)
    settlement = _settlement(journey, authorisation, logistics)
    return Standing(
        authorisation,
        logistics,
        settlement,
        deadline=_deadline(journey, authorisation, settlement),
        resolved_at=journey.settled_at or journey.closed_at,
    )


def _sent_back(chance: Chance, start: Journey, decided: datetime, *, stretch: float) -> Journey:
    sent = decided + days(chance, 0.3, 3.5)
    moving = sent + hours(chance, 1, 12)
    # Only money can go ahead of the parcel; a new piece or points wait for it.
    hurried = chance.random() < REFUNDED_AT_ONCE and start.wish is Wish.REFUND
    at_once = decided + hours(chance, 0.1, 1) if hurried else None
    if start.fate is Fate.LOST:
        lost = sent + LOST_AFTER
        return replace(start, sent_at=sent, moving_at=moving, settled_at=at_once or lost + hours(chance, 4, 48))
    received = moving + days(chance, 1.2, 4)
    inspected = received + hours(chance, 3, 40) * stretch
    settled = at_once or inspected + hours(chance, 0.5, 26) * stretch
    return replace(
        start, sent_at=sent, moving_at=moving, received_at=received, inspected_at=inspected, settled_at=settled
    )


def _authorisation(journey: Journey) -> AuthorisationState:
    if journey.closed_at is not None:
        return AuthorisationState(journey.fate.value)
    return AuthorisationState.REQUESTED if journey.decided_at is None else AuthorisationState.APPROVED


def _logistics(journey: Journey, until: datetime) -> LogisticsState:
    if journey.received_at is not None:
        return LogisticsState.RECEIVED
    if journey.sent_at is None:
        return LogisticsState.AWAITING_PARCEL
    if journey.fate is Fate.LOST and journey.sent_at + LOST_AFTER <= until:
        return LogisticsState.LOST
    return LogisticsState.IN_TRANSIT if journey.moving_at is not None else LogisticsState.DROPPED_OFF


def _settlement(journey: Journey, authorisation: AuthorisationState, logistics: LogisticsState) -> RefundState:
    if authorisation is AuthorisationState.REJECTED:
        return RefundState.DENIED
    if journey.settled_at is None:
        return RefundState.PENDING if logistics is LogisticsState.RECEIVED else RefundState.NONE
    if journey.fate is Fate.KEPT:
        return RefundState.KEPT_WITH_POINTS
    if journey.fate is Fate.LOST:
        return RefundState.REFUNDED
    return {
        Wish.EXCHANGE: RefundState.EXCHANGED,
        Wish.REFUND: RefundState.REFUNDED,
        Wish.POINTS: RefundState.CREDITED,
    }[journey.wish]


def _deadline(journey: Journey, authorisation: AuthorisationState, settlement: RefundState) -> datetime | None:
    """What the shop or the customer must do next, and by when; None once nothing is owed."""
    if settlement not in (RefundState.NONE, RefundState.PENDING) or journey.closed_at is not None:
        return None
    for at, allowed in (
        (journey.inspected_at, TO_SETTLE),
        (journey.received_at, TO_INSPECT),
        (journey.sent_at, TO_ARRIVE),
        (journey.decided_at, TO_SEND),
    ):
        if at is not None:
            return at + allowed
    return journey.requested_at + TO_DECIDE
