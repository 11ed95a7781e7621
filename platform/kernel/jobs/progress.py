"""How far a job is, and whether it was called off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update

from alliance.platform.kernel import clock
from alliance.platform.kernel.jobs.models import Job, JobState
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, system_scope
from alliance.platform.kernel.work import unit_of_work


@dataclass(frozen=True, slots=True)
class Attempt:
    """The attempt that this thread runs; a row that has moved on to another one is no longer its own."""

    job_id: UUID
    number: int


_RUNNING: ContextVar[Attempt | None] = ContextVar("running_attempt", default=None)


class JobCancelledError(Exception):
    """Somebody called the job off, or gave this attempt up for lost: it stops here and is rolled back."""


@contextmanager
def running(attempt: Attempt) -> Iterator[None]:
    """Inside the block this thread runs the attempt."""
    token = _RUNNING.set(attempt)
    try:
        yield
    finally:
        _RUNNING.reset(token)


def report_progress(services: Services, scope: Scope, job_id: UUID, done: int, total: int | None = None) -> None:
    """Write the progress in a transaction of its own, so that it shows at once.

    Raises JobCancelledError if the job was called off or its row is another attempt's by now; let it pass. Outside a
    job (no such row) it does nothing.
    """
    attempt = _RUNNING.get()
    own_attempt = attempt is not None and attempt.job_id == job_id
    values = {"done": done, "total": None if total is None else max(done, total), "heartbeat_at": clock.now()}
    statement = update(Job).where(Job.id == job_id, Job.state == JobState.RUNNING.value)
    if attempt is not None and own_attempt:
        statement = statement.where(Job.attempts == attempt.number)
    own = scope if scope.shop_id is not None else system_scope("jobs")
    with unit_of_work(services, own) as uow:
        cancelled = uow.session.scalar(statement.values(values).returning(Job.cancel_requested))
    if cancelled or (cancelled is None and own_attempt):
        raise JobCancelledError
