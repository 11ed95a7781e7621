"""Redis only wakes a worker: what is pushed names a row or an entry of ours, as JSON, and may be lost or doubled."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from alliance.platform.kernel.logging import get_logger
from alliance.platform.kernel.services import Services

ENTRY = "alliance.platform.kernel.worker.run_queued_job"
DISPATCH = "alliance.platform.kernel.worker.dispatch_queued_events"
DISPATCH_TIMEOUT = 600
# How long RQ keeps what it knows of a failed run; our row keeps the rest.
FAILURE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Push:
    """A row to wake a worker for."""

    job_id: UUID
    attempt: int
    queue: str
    timeout: int

    @property
    def rq_id(self) -> str:
        """RQ's id: one per attempt, so that a late duplicate is recognised."""
        return f"{self.job_id}-{self.attempt}"


def open_queue(redis: Redis, name: str) -> Queue:
    """An RQ queue that carries JSON, never pickles."""
    return Queue(name, connection=redis, serializer=JSONSerializer)


def push(services: Services, pushes: Collection[Push]) -> int:
    """Wake workers; answers how many were pushed. A Redis that is away is only logged: the sweep pushes again."""
    pushed = 0
    try:
        for one in pushes:
            open_queue(services.redis, one.queue).enqueue_call(
                ENTRY,
                args=(str(one.job_id),),
                timeout=one.timeout,
                job_id=one.rq_id,
                result_ttl=0,
                failure_ttl=FAILURE_SECONDS,
                description=ENTRY,
            )
            pushed += 1
    except RedisError as problem:
        get_logger(__name__).warning("jobs wait for Redis", reason=type(problem).__name__)
    return pushed


def push_dispatch(services: Services) -> None:
    """Wake a worker for the outbox, at most once until it looks."""
    try:
        if services.redis.set("alliance:dispatch", "1", nx=True, ex=5):
            open_queue(services.redis, "default").enqueue_call(
                DISPATCH, timeout=DISPATCH_TIMEOUT, result_ttl=0, failure_ttl=FAILURE_SECONDS, description=DISPATCH
            )
    except RedisError as problem:
        get_logger(__name__).warning("events wait for Redis", reason=type(problem).__name__)


def find_pushed(redis: Redis, queue: str) -> set[str]:
    """RQ's ids of what waits in a queue. RedisError where Redis is away."""
    return set(open_queue(redis, queue).get_job_ids())
