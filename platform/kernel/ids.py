"""Identifiers. UUIDv7 keeps new rows at the end of an index; ids that other shops see must not tell time."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from alliance.platform.kernel import clock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A time-ordered UUIDv7 of the clock's now: primary keys of rows that only their owner sees.

    In order also within a millisecond, but for a simulated time, which stands still.
    """
    moment = clock.simulated()
    if moment is None:
        return uuid7()
    since = moment - EPOCH
    return uuid7(nanoseconds=(since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000)


def random_id() -> UUID:
    """A UUIDv4: ids that other shops see (offers, proposals) and must not be able to order."""
    return uuid4()


def new_secret() -> str:
    """256 random bits as text, for links, cookies and tokens; only its SHA-256 may be stored."""
    return secrets.token_urlsafe(32)
