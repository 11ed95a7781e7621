"""Periodic tasks, run by the product itself: each worker's clock looks what is due, one at a time by an advisory lock.

What is due is a row, so restarts neither lose nor double a run; a period missed while everything was down is made up
for once. `run_due` takes the moment, so a simulation can drive it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select

from alliance.platform.kernel import clock, events
from alliance.platform.kernel.errors import UnavailableError
from alliance.platform.kernel.files.sweeping import sweep_blobs
from alliance.platform.kernel.jobs.enqueueing import enqueue
from alliance.platform.kernel.jobs.registry import job
from alliance.platform.kernel.jobs.sweeping import purge_old_jobs, requeue_lost_jobs
from alliance.platform.kernel.locking import Lock, try_lock
from alliance.platform.kernel.logging import report_fault
from alliance.platform.kernel.models import ScheduleEntry
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, system_scope
from alliance.platform.kernel.work import UnitOfWork, unit_of_work

ZONE = ZoneInfo("Asia/Shanghai")
KERNEL = system_scope("schedule")


class Rhythm(Protocol):
    """When a task is due again."""

    def after(self, moment: datetime) -> datetime:
        """The first due moment later than `moment`."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """Due again a fixed time after it was last run."""

    seconds: float

    def after(self, moment: datetime) -> datetime:
        """`moment` and the interval."""
        return moment + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Daily:
    """Due at one time of day in the installation's zone."""

    at: time

    def after(self, moment: datetime) -> datetime:
        """The next such time of day."""
        local = moment.astimezone(ZONE)
        today = datetime.combine(local.date(), self.at, ZONE)
        due = today if today > local else datetime.combine(local.date() + timedelta(days=1), self.at, ZONE)
        return due.astimezone(moment.tzinfo)


@dataclass(frozen=True, slots=True)
class Monthly:
    """Due on one day of each month (1 to 28), at one time of day in the installation's zone."""

    day: int
    at: time

    def after(self, moment: datetime) -> datetime:
        """That day of this month, or of the next one."""
        local = moment.astimezone(ZONE)
        due = datetime.combine(local.date().replace(day=self.day), self.at, ZONE)
        if due <= local:
            following = (local.date().replace(day=1) + timedelta(days=32)).replace(day=self.day)
            due = datetime.combine(following, self.at, ZONE)
        return due.astimezone(moment.tzinfo)


@dataclass(frozen=True, slots=True)
class Task:
    """A periodic task: a registered job, asked for as the system, or a short action run by the clock itself."""

    name: str
    rhythm: Rhythm
    job: Callable[..., Any] | None = None
    action: Callable[[Services], Any] | None = None


_TASKS: dict[str, Task] = {}


def schedule(name: str, rhythm: Rhythm, function: Callable[..., Any]) -> None:
    """Have a registered job asked for in this rhythm, as the system; while one waits or runs no second is added."""
    _TASKS[name] = Task(name, rhythm, job=function)


def schedule_action(name: str, rhythm: Rhythm, action: Callable[[Services], Any]) -> None:
    """Run something short (well under a second) in this rhythm inside the clock's process."""
    _TASKS[name] = Task(name, rhythm, action=action)


def run_due(services: Services, now: datetime) -> list[str]:
    """Run what is due at `now`; answers the names. Nothing if another process is just looking.

    A task seen for the first time waits for its first due moment; one with an interval runs at once. Whatever it runs
    sees `now` as the clock's time, so that a simulation may move it.
    """
    with clock.at(now):
        with unit_of_work(services, KERNEL) as uow:
            due = _take_due(uow, now) if try_lock(uow.session, Lock.SCHEDULE) else []
        for task in due:
            if task.action is not None:
                _run_action(services, task.name, task.action)
    return [task.name for task in due]


def _take_due(uow: UnitOfWork, now: datetime) -> list[Task]:
    """The due tasks, their next moments written; jobs are asked for in the same transaction."""
    entries = {entry.name: entry for entry in uow.session.scalars(select(ScheduleEntry))}
    due = []
    for task in _TASKS.values():
        following = task.rhythm.after(now)
        entry = entries.get(task.name)
        if entry is None:
            entry = ScheduleEntry(name=task.name, due_at=now if isinstance(task.rhythm, Every) else following)
            uow.session.add(entry)
        # A moment beyond the next one is left from a clock that ran ahead (a simulation).
        entry.due_at = min(entry.due_at, following)
        if entry.due_at > now:
            continue
        entry.last_due_at, entry.due_at = entry.due_at, following
        due.append(task)
        if task.job is not None:
            enqueue(uow, task.job, key=f"schedule:{task.name}")
    return due


def _run_action(services: Services, name: str, action: Callable[[Services], Any]) -> None:
    try:
        action(services)
    except UnavailableError:
        # Due again in its next period; the outage is logged where it is noticed.
        return
    except Exception as problem:  # noqa: BLE001  # one task's fault must not stop the clock
        report_fault(problem, room=f"{__name__}:{name}")


@job(queue="schedule", timeout=600, retries=1)
def clean_up(services: Services, _scope: Scope) -> dict[str, Any]:
    """Daily: remove finished jobs and handled events of more than a month ago, and traces of destroyed keys."""
    services.keys.purge()
    return {"jobs": purge_old_jobs(services), "events": events.purge_old_events(services)}


schedule_action("kernel.requeue_lost_jobs", Every(seconds=2), requeue_lost_jobs)
schedule_action("kernel.dispatch_events", Every(seconds=10), events.wake_dispatcher)
schedule("kernel.sweep_blobs", Daily(time(3, 10)), sweep_blobs)
schedule("kernel.clean_up", Daily(time(3, 40)), clean_up)
