"""Asking for a job, calling one off, and trying a failed one again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from alliance.platform.kernel import clock
from alliance.platform.kernel.elevation import own_rows
from alliance.platform.kernel.errors import ConflictError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.jobs.models import OPEN, Job, JobState
from alliance.platform.kernel.jobs.pushing import Push, push
from alliance.platform.kernel.jobs.queries import of_scope
from alliance.platform.kernel.jobs.registry import JobSpec, encode_ids, get_spec, job_name
from alliance.platform.kernel.jobs.running import run_job
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork

IMMEDIATELY = timedelta(0)


def enqueue(
    uow: UnitOfWork,
    function: Callable[..., Any],
    *,
    key: str | None = None,
    delay: timedelta = IMMEDIATELY,
    **ids: Any,
) -> UUID:
    """Ask for a registered function to run after the commit, in the caller's scope; answers the job's id.

    While a job with the same `key` waits or runs in the same shop, that one's id is answered and nothing is added.
    Arguments are ids and short codes only (TypeError).
    """
    spec, job_id, now = get_spec(job_name(function)), new_id(), clock.now()
    row = {
        "id": job_id,
        "shop_id": uow.scope.shop_id,
        "name": spec.name,
        "queue": spec.queue,
        "key": key,
        "scope": uow.scope.to_payload(),
        "arguments": encode_ids(ids),
        "max_attempts": spec.retries + 1,
        "created_by": uow.scope.actor,
        "created_at": now,
        "available_at": now + delay,
    }
    with own_rows(uow.session, uow.scope):
        existing = _insert(uow, row)
    if existing is not None:
        return existing
    if delay <= IMMEDIATELY:
        uow.on_commit(partial(start, uow, job_id, spec))
    return job_id


def start(uow: UnitOfWork, job_id: UUID, spec: JobSpec) -> None:
    """Wake a worker for a committed job, or run it here where the installation has none."""
    if uow.services.settings.jobs == "inline":
        run_job(uow.services, job_id)
    else:
        push(uow.services, [Push(job_id, 0, spec.queue, spec.timeout)])


def cancel_job(uow: UnitOfWork, *, job_id: UUID) -> JobState:
    """Call a job off: a waiting one at once, a running one when it next reports progress; a finished one stays.

    The caller has checked that the actor may. NotFoundError for another shop's job.
    """
    job = uow.session.scalar(select(Job).where(Job.id == job_id, of_scope(uow.scope)).with_for_update())
    if job is None:
        raise NotFoundError
    if job.state == JobState.QUEUED:
        job.state, job.finished_at = JobState.CANCELLED.value, clock.now()
    elif job.state == JobState.RUNNING:
        job.cancel_requested = True
    uow.session.flush()
    return JobState(job.state)


def retry_job(uow: UnitOfWork, *, job_id: UUID) -> None:
    """Queue a failed or cancelled job again with all its attempts. ConflictError for one in another state.

    The caller has checked that the actor may. NotFoundError for another shop's job.
    """
    job = uow.session.scalar(select(Job).where(Job.id == job_id, of_scope(uow.scope)).with_for_update())
    if job is None:
        raise NotFoundError
    if job.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise ConflictError(_("只有失败或已取消的任务可以重试"))
    if job.key is not None and _find_open(uow, job.shop_id, job.key) is not None:
        raise ConflictError(_("同一任务已在进行中"))
    again = update(Job).where(Job.id == job_id)
    values = {"attempts": 0, "done": 0, "cancel_requested": False, "error": None, "error_id": None, "finished_at": None}
    try:
        uow.session.execute(again.values(state=JobState.QUEUED.value, available_at=clock.now(), **values))
    except IntegrityError as problem:
        # Another job of the key was queued since we looked.
        raise ConflictError(_("同一任务已在进行中")) from problem
    uow.on_commit(partial(start, uow, job_id, get_spec(job.name)))


def _insert(uow: UnitOfWork, row: dict[str, Any]) -> UUID | None:
    """Insert the row; the id of the open job with the same key where there is one."""
    statement = insert(Job).values(state=JobState.QUEUED.value, done=0, attempts=0, cancel_requested=False, **row)
    if row["key"] is None:
        uow.session.execute(statement)
        return None
    keyed = statement.on_conflict_do_nothing(
        index_elements=["shop_id", "key"], index_where=text(f"key IS NOT NULL AND {OPEN}")
    ).returning(Job.id)
    # The open job may end between the two statements; then the second round inserts.
    while uow.session.scalar(keyed) is None:
        existing = _find_open(uow, row["shop_id"], row["key"])
        if existing is not None:
            return existing
    return None


def _find_open(uow: UnitOfWork, shop_id: UUID | None, key: str) -> UUID | None:
    return uow.session.scalar(
        select(Job.id).where(Job.shop_id.is_not_distinct_from(shop_id), Job.key == key, text(OPEN))
    )
