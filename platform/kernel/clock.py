"""The one source of time. Aware UTC everywhere; a simulation (the demo, a test) may move it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_simulated: ContextVar[datetime | None] = ContextVar("simulated_now", default=None)


def now() -> datetime:
    """The current moment, aware and in UTC; the simulated one inside `at`."""
    return _simulated.get() or datetime.now(UTC)


def simulated() -> datetime | None:
    """The simulated moment inside `at`, else None."""
    return _simulated.get()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Run the block as if it were `moment`. Refuses a naive time with ValueError."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes aware times only")
    token = _simulated.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _simulated.reset(token)
