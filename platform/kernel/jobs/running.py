"""Running one job: claim its row, do the work, write how it ended. A crash anywhere leaves a row the sweep finds.

The row counts attempts; whoever finishes must still hold the attempt it claimed, so that a run which was given up for
lost and comes back late changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from rq.timeouts import BaseTimeoutException
from sqlalchemy import update

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import AllianceError, UnavailableError
from alliance.platform.kernel.jobs.models import Job, JobState
from alliance.platform.kernel.jobs.progress import Attempt, JobCancelledError, running
from alliance.platform.kernel.jobs.registry import JobSpec, decode_ids, get_spec
from alliance.platform.kernel.jobs.reporting import encode_text
from alliance.platform.kernel.logging import get_logger, log_context, report_fault
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, scope_from_payload, system_scope
from alliance.platform.kernel.texts import Text, _
from alliance.platform.kernel.work import unit_of_work

HEARTBEAT_SECONDS = 10.0
# Whoever queued the job may be on another machine, whose clock is a little ahead.
CLOCK_SKEW = timedelta(seconds=2)
KERNEL = system_scope("jobs")


@dataclass(frozen=True, slots=True)
class Claim:
    """A job this process has taken: which attempt, of how many, in whose scope, with which ids."""

    job_id: UUID
    attempt: int
    max_attempts: int
    name: str
    scope: dict[str, Any]
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: `again` if it may be tried once more."""

    state: JobState
    result: dict[str, Any] | None = None
    error: Text | None = None
    error_id: str | None = None
    again: bool = False


def run_job(services: Services, job_id: UUID) -> JobState | None:
    """Run a waiting job to its end; None if it is not due, taken by another, or over already.

    An outage of the database in the middle raises UnavailableError: the sweep takes the row up again.
    """
    claim = _claim(services, job_id)
    if claim is None:
        return None
    own = running(Attempt(claim.job_id, claim.attempt))
    with log_context(job_id=job_id, job=claim.name), _heartbeat(services, claim), own:
        outcome = _attempt(services, claim)
    return finish(services, claim, outcome)


def finish(services: Services, claim: Claim, outcome: Outcome) -> JobState | None:
    """Write an attempt's end into the row; None if the attempt was given up for lost meanwhile."""
    now = clock.now()
    again = outcome.again and claim.attempt < claim.max_attempts
    state = JobState.QUEUED if again else outcome.state
    values: dict[str, Any] = {
        "state": state.value,
        "result": outcome.result,
        "error": encode_text(outcome.error),
        "error_id": outcome.error_id,
        "available_at": now + _spec(claim).wait_after(claim.attempt) if again else Job.available_at,
        "finished_at": None if again else now,
    }
    with unit_of_work(services, KERNEL) as uow:
        changed = uow.session.scalar(_mine(claim).values(values).returning(Job.id))
    get_logger(__name__).info("job ended", job=claim.name, job_id=str(claim.job_id), state=state, tries=claim.attempt)
    return state if changed is not None else None


def _claim(services: Services, job_id: UUID) -> Claim | None:
    now = clock.now()
    statement = (
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.QUEUED.value, Job.available_at <= now + CLOCK_SKEW)
        .values(state=JobState.RUNNING.value, attempts=Job.attempts + 1, started_at=now, heartbeat_at=now, error=None)
        .returning(Job.id, Job.attempts, Job.max_attempts, Job.name, Job.scope, Job.arguments)
    )
    with unit_of_work(services, KERNEL) as uow:
        row = uow.session.execute(statement).one_or_none()
    return None if row is None else Claim(*row)


def _attempt(services: Services, claim: Claim) -> Outcome:
    try:
        spec, scope = get_spec(claim.name), scope_from_payload(claim.scope)
        result = _call(services, scope, spec, claim)
        if result is not None and not isinstance(result, dict):
            raise TypeError(f"{claim.name} answered {type(result).__name__}; a job answers a dict or nothing")
        return Outcome(JobState.DONE, result=result)
    except JobCancelledError:
        return Outcome(JobState.CANCELLED)
    except UnavailableError as problem:
        return Outcome(JobState.FAILED, error=problem.message, again=True)
    except AllianceError as problem:
        return Outcome(JobState.FAILED, error=problem.message)
    except BaseTimeoutException as problem:
        limit = _("任务超过 %(seconds)s 秒的时限，已停止", seconds=_spec(claim).timeout)
        return Outcome(JobState.FAILED, error=limit, error_id=report_fault(problem, room=__name__), again=True)
    except Exception as problem:  # noqa: BLE001  # whatever a job raises ends in its row, never in silence
        identity = report_fault(problem, room=__name__)
        fault = _("处理时发生内部错误，错误编号 %(error_id)s，请联系管理员", error_id=identity)
        return Outcome(JobState.FAILED, error=fault, error_id=identity, again=True)


def _call(services: Services, scope: Scope, spec: JobSpec, claim: Claim) -> Any:
    own = {"job_id": claim.job_id} if spec.takes_job_id else {}
    return spec.function(services, scope, **own, **decode_ids(claim.arguments))


def _spec(claim: Claim) -> JobSpec:
    try:
        return get_spec(claim.name)
    except (LookupError, ImportError):
        # A job of a version that is gone: it ends in the dead-letter list after its attempts, with default waits.
        return JobSpec(claim.name, _gone, "default", 600, 0, 10, takes_job_id=False)


def _gone() -> None:
    """Stands for a function that no longer exists; never called."""


def _mine(claim: Claim) -> Any:
    return update(Job).where(Job.id == claim.job_id, Job.state == JobState.RUNNING.value, Job.attempts == claim.attempt)


@contextmanager
def _heartbeat(services: Services, claim: Claim) -> Iterator[None]:
    """Sign the row every few seconds from a thread of its own, whatever the job is busy with."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            try:
                with unit_of_work(services, KERNEL) as uow:
                    uow.session.execute(_mine(claim).values(heartbeat_at=clock.now()))
            except Exception as problem:  # noqa: BLE001  # a heart that stops at any error would give the job up
                get_logger(__name__).warning("a heartbeat was lost", reason=type(problem).__name__)

    thread = threading.Thread(target=beat, name=f"heartbeat-{claim.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
