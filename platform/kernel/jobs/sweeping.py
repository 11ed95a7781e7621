"""Finding jobs that Redis forgot or whose worker died, and clearing away old ones. The schedule runs it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import delete, select

from alliance.platform.kernel import clock
from alliance.platform.kernel.jobs.models import Job, JobState
from alliance.platform.kernel.jobs.pushing import Push, find_pushed, push
from alliance.platform.kernel.jobs.registry import get_spec
from alliance.platform.kernel.jobs.running import KERNEL, Claim, Outcome, finish, run_job
from alliance.platform.kernel.logging import get_logger
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import unit_of_work

# Four missed heartbeats.
LOST_AFTER = timedelta(seconds=45)
# A fresh job is pushed by its own commit; the sweep leaves it that long.
GRACE = timedelta(seconds=10)
KEPT_FOR = timedelta(days=30)
BATCH = 500


def requeue_lost_jobs(services: Services, *, lost_after: timedelta = LOST_AFTER, grace: timedelta = GRACE) -> int:
    """Give running jobs without a heartbeat another attempt, and push due jobs that Redis does not hold.

    Answers how many were pushed (run, where jobs run inline). Safe to run at any time, by several processes.
    """
    give_up_silent(services, lost_after=lost_after)
    due = _list_due(services, grace=grace)
    if services.settings.jobs == "inline":
        return sum(run_job(services, one.job_id) is not None for one in due)
    try:
        waiting = {queue: find_pushed(services.redis, queue) for queue in {one.queue for one in due}}
    except RedisError as problem:
        get_logger(__name__).warning("jobs wait for Redis", reason=type(problem).__name__)
        return 0
    return push(services, [one for one in due if one.rq_id not in waiting[one.queue]])


def give_up_silent(services: Services, *, lost_after: timedelta) -> int:
    """End the attempts whose worker has fallen silent; each is queued again or, after its last, failed."""
    with unit_of_work(services, KERNEL) as uow:
        rows = uow.session.execute(
            select(Job.id, Job.attempts, Job.max_attempts, Job.name, Job.scope, Job.arguments)
            .where(Job.state == JobState.RUNNING.value, Job.heartbeat_at < clock.now() - lost_after)
            .limit(BATCH)
        ).all()
    return sum(give_up(services, Claim(*row)) for row in rows)


def give_up_killed(services: Services, job_id: UUID) -> bool:
    """End the attempt of a job whose process was seen to die; whether it was still running."""
    with unit_of_work(services, KERNEL) as uow:
        row = uow.session.execute(
            select(Job.id, Job.attempts, Job.max_attempts, Job.name, Job.scope, Job.arguments).where(
                Job.id == job_id, Job.state == JobState.RUNNING.value
            )
        ).one_or_none()
    return row is not None and give_up(services, Claim(*row))


def give_up(services: Services, claim: Claim) -> bool:
    """End a lost attempt; whether it was still the current one."""
    lost = Outcome(JobState.FAILED, error=_("处理进程意外中断，请重试"), again=True)
    return finish(services, claim, lost) is not None


def purge_old_jobs(services: Services, *, kept_for: timedelta = KEPT_FOR) -> int:
    """Remove finished jobs after a month; answers how many."""
    over = [JobState.DONE.value, JobState.CANCELLED.value, JobState.FAILED.value]
    with unit_of_work(services, KERNEL) as uow:
        gone = uow.session.scalars(
            delete(Job).where(Job.state.in_(over), Job.finished_at < clock.now() - kept_for).returning(Job.id)
        ).all()
    return len(gone)


def _list_due(services: Services, *, grace: timedelta) -> list[Push]:
    now = clock.now()
    with unit_of_work(services, KERNEL) as uow:
        rows = uow.session.execute(
            select(Job.id, Job.attempts, Job.queue, Job.name)
            .where(Job.state == JobState.QUEUED.value, Job.available_at <= now)
            .where((Job.attempts > 0) | (Job.available_at <= now - grace))
            .order_by(Job.available_at)
            .limit(BATCH)
        ).all()
    return [Push(job_id, attempts, queue, _timeout(name)) for job_id, attempts, queue, name in rows]


def _timeout(name: str) -> int:
    try:
        return get_spec(name).timeout
    except (LookupError, ImportError):
        return 60
