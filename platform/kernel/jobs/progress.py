"""How far a job is, and whether it was called off."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from alliance.platform.kernel import clock
from alliance.platform.kernel.jobs.models import Job, JobState
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, system_scope
from alliance.platform.kernel.work import unit_of_work


class JobCancelledError(Exception):
    """Somebody called the job off; it stops here and its open transaction is rolled back."""


def report_progress(services: Services, scope: Scope, job_id: UUID, done: int, total: int | None = None) -> None:
    """Write the progress in a transaction of its own, so that it shows at once.

    Raises JobCancelledError if the job was called off; let it pass. Outside a job (no such row) it does nothing.
    """
    values = {"done": done, "total": None if total is None else max(done, total), "heartbeat_at": clock.now()}
    own = scope if scope.shop_id is not None else system_scope("jobs")
    with unit_of_work(services, own) as uow:
        cancelled = uow.session.scalar(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.RUNNING.value)
            .values(values)
            .returning(Job.cancel_requested)
        )
    if cancelled:
        raise JobCancelledError
