"""Rate limits: a sliding window shared by all processes, and a window of each process where Redis is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from alliance.platform.kernel import clock, ratelimit
from alliance.platform.kernel.errors import LimitExceededError
from alliance.platform.kernel.ratelimit import RateLimit, seconds_to_wait, spend
from alliance.platform.kernel.services import open_services

START = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT = RateLimit("test", most=3, seconds=60)


@pytest.fixture(params=["redis", "no redis"])
def counted(request, services, settings, monkeypatch):
    monkeypatch.setattr(ratelimit, "_LOCAL", ratelimit._LocalCounts())
    if request.param == "redis":
        yield services
        return
    alone = open_services(settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1")}))
    yield alone
    alone.close()


def attempts(services, key: str, *moments: float) -> list[bool]:
    taken = []
    for seconds in moments:
        with clock.at(START + timedelta(seconds=seconds)):
            try:
                spend(services, LIMIT, key)
                taken.append(True)
            except LimitExceededError:
                taken.append(False)
    return taken


def test_the_fourth_attempt_in_a_window_is_refused_and_says_when_there_is_room(counted):
    key = uuid4().hex
    assert attempts(counted, key, 0, 1, 2) == [True, True, True]
    with clock.at(START + timedelta(seconds=3)), pytest.raises(LimitExceededError) as caught:
        spend(counted, LIMIT, key)
    wait = caught.value.retry_after
    assert 0 < wait <= 120
    assert attempts(counted, key, 3 + wait) == [True]


def test_a_burst_at_the_border_of_two_windows_has_no_second_allowance(counted):
    assert attempts(counted, uuid4().hex, 57, 58, 59, 61, 62, 63) == [True, True, True, True, False, False]


def test_refused_attempts_do_not_lengthen_the_wait(counted):
    key = uuid4().hex
    assert attempts(counted, key, 0, 0, 0, *range(1, 40)) == [True] * 3 + [False] * 39
    assert attempts(counted, key, 119) == [True]


def test_keys_and_limits_are_counted_apart(counted):
    first, second = uuid4().hex, uuid4().hex
    assert attempts(counted, first, 0, 0, 0, 0) == [True, True, True, False]
    assert attempts(counted, second, 0) == [True]
    with clock.at(START):
        spend(counted, RateLimit("other", most=1, seconds=60), first)


def test_nothing_readable_is_stored(services):
    key = f"{uuid4().hex}@example.com"
    with clock.at(START):
        spend(services, LIMIT, key)
    assert [name for name in services.redis.scan_iter("limit:*") if key.encode() in name] == []


def test_a_silent_redis_is_left_alone_for_a_while(settings, monkeypatch):
    monkeypatch.setattr(ratelimit, "_LOCAL", ratelimit._LocalCounts())
    alone = open_services(settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1")}))
    spend(alone, LIMIT, "x")
    asked: list[object] = []
    monkeypatch.setattr(alone.redis, "eval", lambda *arguments: asked.append(arguments))
    spend(alone, LIMIT, "x")
    assert asked == []
    alone.close()


def test_a_process_holds_a_bounded_number_of_counts(monkeypatch):
    monkeypatch.setattr(ratelimit, "LOCAL_KEYS", 10)
    counts = ratelimit._LocalCounts()
    for number in range(50):
        counts.spend((f"a{number}", "b"), most=1, weight=1)
    assert len(counts.counts) == 10


@given(
    st.integers(1, 50), st.integers(1, 3600), st.integers(0, 50), st.integers(0, 50), st.floats(0, 1, exclude_max=True)
)
def test_after_the_stated_wait_there_is_room(most, seconds, current, previous, share):
    limit, elapsed = RateLimit("p", most, seconds), share * seconds
    current, previous = min(current, most), min(previous, most)
    if previous * (1 - share) + current < most:
        return
    wait = seconds_to_wait(limit, current=current, previous=previous, elapsed=elapsed)
    later = elapsed + wait
    if later < seconds:
        assert previous * (1 - later / seconds) + current < most
    elif later < 2 * seconds:
        assert current * (2 - later / seconds) < most
