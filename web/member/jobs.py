"""How far a piece of background work is. One may leave the page and come back: the address lasts."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from babel.dates import format_timedelta
from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alliance.platform.kernel import clock
from alliance.platform.kernel.jobs.enqueueing import cancel_job
from alliance.platform.kernel.jobs.models import JobState
from alliance.platform.kernel.jobs.queries import JobView, get_job
from alliance.platform.kernel.texts import _
from alliance.platform.members.roles import Permission
from alliance.web.security.access import requires
from alliance.web.security.current import work
from alliance.web.security.forms import safe_next
from alliance.web.security.locale import current_locale

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")
# htmx ends its polling at this status.
STOP_POLLING = 286
OPEN = (JobState.QUEUED, JobState.RUNNING)


@blueprint.get("/<uuid:job_id>")
@requires(Permission.IMPORTS_READ)
def show(job_id: UUID) -> str:
    """The progress page; without script it reloads itself while the work is open."""
    return render_template("jobs/show.html", **_about(job_id))


@blueprint.get("/<uuid:job_id>/progress")
@requires(Permission.IMPORTS_READ)
def progress(job_id: UUID) -> tuple[str, int, dict[str, str]]:
    """The part of the page that changes; 286 once there is nothing to wait for, then on to the result."""
    about = _about(job_id)
    body = render_template("jobs/progress.html", **about)
    if about["is_open"]:
        return body, 200, {}
    onward = {"HX-Redirect": str(about["next_url"])} if about["is_done"] and about["next_url"] else {}
    return body, STOP_POLLING, onward


@blueprint.post("/<uuid:job_id>/cancel")
@requires(Permission.IMPORTS_WRITE)
def call_off(job_id: UUID) -> Response:
    """Call the work off; what it had not yet committed is dropped."""
    with work() as uow:
        cancel_job(uow, job_id=job_id)
    flash(_("已请求取消").render(current_locale()), "info")
    return redirect(url_for("jobs.show", job_id=job_id, next=request.form.get("next") or None), 303)


def _about(job_id: UUID) -> dict[str, object]:
    with work() as uow:
        job = get_job(uow, job_id)
    after = request.args.get("next")
    return {
        "job": job,
        "is_open": job.state in OPEN,
        "is_done": job.state is JobState.DONE,
        "remaining": remaining(job),
        "next_url": safe_next(after, ""),
    }


def remaining(job: JobView) -> str | None:
    """About how long it still takes, in words, from the pace so far; None where nobody can tell."""
    if job.state is not JobState.RUNNING or not job.total or not job.done or job.started_at is None:
        return None
    elapsed = (clock.now() - job.started_at).total_seconds()
    left = elapsed / job.done * (job.total - job.done)
    return str(format_timedelta(timedelta(seconds=max(1, round(left))), locale=current_locale()))
