"""Background work: `@job` registers a function, `enqueue` asks for it after the commit, a worker runs it.

The row in `platform.job` is the truth: state, progress, result, error. Redis only wakes a worker, so nothing is lost
when it is; work whose process died is taken up again.
"""

from alliance.platform.kernel.jobs.enqueueing import cancel_job, enqueue, retry_job
from alliance.platform.kernel.jobs.models import Job, JobState
from alliance.platform.kernel.jobs.progress import JobCancelledError, report_progress
from alliance.platform.kernel.jobs.queries import JobView, find_open_job, get_job, list_jobs
from alliance.platform.kernel.jobs.registry import QUEUES, job
from alliance.platform.kernel.jobs.running import run_job

__all__ = [
    "QUEUES",
    "Job",
    "JobCancelledError",
    "JobState",
    "JobView",
    "cancel_job",
    "enqueue",
    "find_open_job",
    "get_job",
    "job",
    "list_jobs",
    "report_progress",
    "retry_job",
    "run_job",
]
