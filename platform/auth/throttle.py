"""Counting failed logins so that guessing is slow and nobody can lock a shop out.

Every attempt is counted before its password is looked at, and uncounted when it was right: guesses made in parallel
gain nothing. A stranger's failures slow down strangers only; a browser that has logged in before has its own count. An
account's wait never exceeds half a minute, so that even its owner on a new device gets in while someone else guesses.
Unknown e-mails are counted like known ones. Keys are keyed hashes: the table names nobody.
"""

from __future__ import annotations

import hmac
import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.auth.models import LoginThrottle
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import LimitExceededError
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Rule:
    """`free` failures cost nothing; then each doubles the wait from `first` up to `most`. Forgotten after `window`."""

    name: str
    free: int
    first: timedelta
    most: timedelta
    window: timedelta
    forgiven: bool

    def wait(self, failures: int) -> timedelta:
        """How long the next attempt has to wait."""
        over = failures - self.free
        return timedelta(0) if over < 1 else min(self.most, self.first * 2 ** min(over - 1, 20))


MINUTE = timedelta(minutes=1)
PAIR = Rule("pair", free=5, first=MINUTE / 2, most=15 * MINUTE, window=60 * MINUTE, forgiven=True)
DEVICE = Rule("device", free=10, first=MINUTE / 2, most=15 * MINUTE, window=60 * MINUTE, forgiven=True)
ACCOUNT = Rule("account", free=20, first=MINUTE / 12, most=MINUTE / 2, window=24 * 60 * MINUTE, forgiven=False)
ADDRESS = Rule("address", free=60, first=MINUTE / 2, most=15 * MINUTE, window=60 * MINUTE, forgiven=False)


@dataclass(frozen=True, slots=True)
class Counter:
    """One rule applied to one thing."""

    rule: Rule
    key: bytes


def counters(secret: str, *, email: str, address: str, device: str | None) -> list[Counter]:
    """What an attempt counts against: a known device alone, or else account and address, apart and together."""
    place = _network(address)
    if device is not None:
        named = [(DEVICE, f"{email}\n{device}")]
    else:
        named = [(PAIR, f"{email}\n{place}"), (ACCOUNT, email), (ADDRESS, place)]
    keyed = [
        Counter(rule, hmac.digest(secret.encode(), f"{rule.name}\n{text}".encode(), "sha256")) for rule, text in named
    ]
    # Always in the same order, so that two attempts never wait for each other in a ring.
    return sorted(keyed, key=lambda counter: counter.key)


def count_attempt(uow: UnitOfWork, counted: Sequence[Counter]) -> None:
    """Count one attempt. Where any of the counters has to wait: LimitExceededError, and nothing is counted."""
    now = clock.now()
    failures = {counter: _increase(uow, counter, now) for counter in counted}
    for counter, count in failures.items():
        wait = counter.rule.wait(count)
        if wait:
            _set_block(uow, counter, now + wait)


def forgive(uow: UnitOfWork, counted: Sequence[Counter]) -> None:
    """The attempt was right: forget the failures of this device or pair, take this attempt off the shared counts."""
    forgiven = [counter.key for counter in counted if counter.rule.forgiven]
    shared = [counter.key for counter in counted if not counter.rule.forgiven]
    uow.session.execute(delete(LoginThrottle).where(LoginThrottle.key.in_(forgiven)))
    uow.session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key.in_(shared), LoginThrottle.failures > 0)
        .values(failures=LoginThrottle.failures - 1, blocked_until=None)
    )


def forget_expired(uow: UnitOfWork) -> int:
    """Delete counts that no longer matter; answers how many. System scope."""
    gone = uow.session.execute(
        delete(LoginThrottle).where(LoginThrottle.expires_at <= clock.now()).returning(LoginThrottle.key)
    )
    return len(gone.all())


def _increase(uow: UnitOfWork, counter: Counter, now: datetime) -> int:
    """One more failure; the row stays locked, so parallel attempts come one after the other."""
    table, expires = LoginThrottle, now + counter.rule.window
    statement = (
        insert(table)
        .values(key=counter.key, failures=1, blocked_until=None, expires_at=expires)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"failures": case((table.expires_at <= now, 1), else_=table.failures + 1), "expires_at": expires},
        )
        .returning(table.failures, table.blocked_until)
    )
    failures, blocked_until = uow.session.execute(statement).one()
    if blocked_until is not None and blocked_until > now:
        seconds = math.ceil((blocked_until - now).total_seconds())
        raise LimitExceededError(_("尝试次数过多，请在 %(seconds)s 秒后再试", seconds=seconds), retry_after=seconds)
    return int(failures)


def _set_block(uow: UnitOfWork, counter: Counter, until: datetime) -> None:
    uow.session.execute(update(LoginThrottle).where(LoginThrottle.key == counter.key).values(blocked_until=until))


def _network(address: str) -> str:
    """The part of an address that one person has: IPv4 whole, of IPv6 the first 64 bits."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
