"""Reading jobs: one, a shop's list, the dead letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, true

from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.kernel.jobs.models import Job, JobState
from alliance.platform.kernel.jobs.reporting import decode_text
from alliance.platform.kernel.paging import Key, Page, PageRequest, list_page
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.texts import Text
from alliance.platform.kernel.work import UnitOfWork

NEWEST_FIRST = (Key(Job.created_at.expression, descending=True), Key(Job.id.expression, descending=True))


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as a person sees it; `error` is a text, `error_id` names the log lines of a fault."""

    id: UUID
    name: str
    state: JobState
    done: int
    total: int | None
    result: Mapping[str, Any] | None
    error: Text | None
    error_id: str | None
    attempts: int
    cancel_requested: bool
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def of_scope(scope: Scope) -> ColumnElement[bool]:
    """The jobs of the scope's shop; of a scope without one, whatever its policies let it see."""
    return true() if scope.shop_id is None else Job.shop_id == scope.shop_id


def get_job(uow: UnitOfWork, job_id: UUID) -> JobView:
    """One job of the scope's shop. NotFoundError for another's."""
    job = uow.session.scalar(select(Job).where(Job.id == job_id, of_scope(uow.scope)))
    if job is None:
        raise NotFoundError
    return _view(job)


def find_open_job(uow: UnitOfWork, key: str) -> JobView | None:
    """The waiting or running job of this key in the scope's shop."""
    job = uow.session.scalar(
        select(Job).where(
            Job.shop_id.is_not_distinct_from(uow.scope.shop_id),
            Job.key == key,
            Job.state.in_([JobState.QUEUED.value, JobState.RUNNING.value]),
        )
    )
    return None if job is None else _view(job)


def list_jobs(uow: UnitOfWork, request: PageRequest, *, state: JobState | None = None) -> Page[JobView]:
    """The jobs the scope sees, newest first; with `JobState.FAILED` the dead letters."""
    statement = select(Job).where(of_scope(uow.scope))
    if state is not None:
        statement = statement.where(Job.state == state.value)
    return list_page(uow.session, statement, order=NEWEST_FIRST, request=request, map_row=lambda row: _view(row[0]))


def _view(job: Job) -> JobView:
    return JobView(
        id=job.id,
        name=job.name,
        state=JobState(job.state),
        done=job.done,
        total=job.total,
        result=job.result,
        error=decode_text(job.error),
        error_id=job.error_id,
        attempts=job.attempts,
        cancel_requested=job.cancel_requested,
        created_by=job.created_by,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
