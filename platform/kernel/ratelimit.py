"""Rate limits over a sliding window, counted in Redis for all processes together.

The window is approximated from two fixed ones: what the previous one held counts for the share of it that is still in
view. Where Redis does not answer, each process counts for itself: nobody is locked out, and guessing stays slow.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import LimitExceededError
from alliance.platform.kernel.logging import get_logger
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.texts import _

# Takes one if there is room. Answers the two counts before it, and whether it was taken.
SPEND = """
local current = tonumber(redis.call('GET', KEYS[1]) or '0')
local previous = tonumber(redis.call('GET', KEYS[2]) or '0')
local taken = 0
if previous * tonumber(ARGV[2]) + current < tonumber(ARGV[1]) then
    redis.call('INCR', KEYS[1])
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    taken = 1
end
return {current, previous, taken}
"""
# How long a silent Redis is left alone, so that an outage does not slow every request by a connection attempt.
REST_SECONDS = 5.0
LOCAL_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `most` within `seconds`, per key; `name` keeps the counts of different limits apart."""

    name: str
    most: int
    seconds: int


@dataclass
class _LocalCounts:
    """This process's own counts, bounded; used while Redis is away."""

    counts: OrderedDict[str, int] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    redis_rests_until: float = 0.0

    def spend(self, keys: tuple[str, str], *, most: int, weight: float) -> tuple[int, int, bool]:
        with self.lock:
            current, previous = self.counts.get(keys[0], 0), self.counts.get(keys[1], 0)
            taken = previous * weight + current < most
            if taken:
                self.counts[keys[0]] = current + 1
                self.counts.move_to_end(keys[0])
                while len(self.counts) > LOCAL_KEYS:
                    self.counts.popitem(last=False)
            return current, previous, taken


_LOCAL = _LocalCounts()


def spend(services: Services, limit: RateLimit, key: str) -> None:
    """Count one attempt of `key` (an address, an account, a token), or refuse it with LimitExceededError.

    A refused attempt is not counted. The error's `retry_after` says in how many seconds the next one has room.
    Keys are hashed before they are stored.
    """
    moment = clock.now().timestamp()
    window, elapsed = divmod(moment, limit.seconds)
    weight = 1 - elapsed / limit.seconds
    digest = hmac.digest(services.settings.secret_key.get_secret_value().encode(), key.encode(), hashlib.sha256)
    base = f"limit:{limit.name}:{digest[:16].hex()}"
    keys = (f"{base}:{int(window)}", f"{base}:{int(window) - 1}")
    current, previous, taken = _spend(services.redis, keys, limit=limit, weight=weight)
    if not taken:
        wait = seconds_to_wait(limit, current=current, previous=previous, elapsed=elapsed)
        raise LimitExceededError(_("操作过于频繁，请在 %(seconds)s 秒后重试", seconds=wait), retry_after=wait)


def seconds_to_wait(limit: RateLimit, *, current: int, previous: int, elapsed: float) -> int:
    """Whole seconds until one more has room, given the counts of this window and the one before."""
    if current < limit.most:
        # The previous window's share must shrink below what is free.
        wait = limit.seconds * (1 - (limit.most - current) / max(previous, 1)) - elapsed
    else:
        wait = limit.seconds - elapsed + limit.seconds * (1 - limit.most / current)
    return max(1, math.floor(wait) + 1)


def _spend(redis: Redis, keys: tuple[str, str], *, limit: RateLimit, weight: float) -> tuple[int, int, bool]:
    if time.monotonic() >= _LOCAL.redis_rests_until:
        try:
            answer = redis.eval(SPEND, 2, *keys, str(limit.most), repr(weight), str(limit.seconds * 2000))
            current, previous, taken = (int(value) for value in answer)
            return current, previous, bool(taken)
        except RedisError as problem:
            _LOCAL.redis_rests_until = time.monotonic() + REST_SECONDS
            get_logger(__name__).warning("rate limits count per process: Redis is away", reason=type(problem).__name__)
    return _LOCAL.spend(keys, most=limit.most, weight=weight)
