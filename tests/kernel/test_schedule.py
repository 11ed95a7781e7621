"""The schedule: due once a period, by one process, through restarts, and drivable by a simulated clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from alliance.platform.kernel import clock, schedule
from alliance.platform.kernel.jobs import Job, JobState, job
from alliance.platform.kernel.locking import Lock, lock
from alliance.platform.kernel.models import ScheduleEntry
from alliance.platform.kernel.schedule import Daily, Every, Monthly, run_due, schedule_action
from alliance.platform.kernel.tenancy import system_scope
from alliance.platform.kernel.work import unit_of_work

SYSTEM = system_scope("tests")
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ran: list[datetime] = []


@job(queue="schedule", retries=0)
def note_time(_services, _scope):
    ran.append(clock.now())


@pytest.fixture
def name(monkeypatch):
    """A task name of this test's own, in an otherwise empty schedule."""
    monkeypatch.setattr(schedule, "_TASKS", {})
    ran.clear()
    return f"test.{uuid4().hex}"


def at(**distance: float) -> datetime:
    return START + timedelta(**distance)


def test_an_interval_runs_at_once_and_then_once_a_period(services, name):
    schedule_action(name, Every(seconds=60), lambda _services: ran.append(clock.now()))
    moments = [at(), at(seconds=59), at(seconds=60), at(seconds=61), at(minutes=30), at(minutes=30, seconds=59)]
    assert [run_due(services, moment) for moment in moments] == [[name], [], [name], [], [name], []]
    assert ran == [at(), at(seconds=60), at(minutes=30)]


def test_a_daily_job_waits_for_its_time_and_is_made_up_for_once(services, name):
    schedule.schedule(name, Daily(time(3, 10)), note_time)
    # 03:10 in Shanghai is 19:10 UTC of the day before.
    assert run_due(services, at()) == []
    assert run_due(services, at(hours=7, minutes=9)) == []
    assert run_due(services, at(hours=7, minutes=10)) == [name]
    assert run_due(services, at(days=9)) == [name]
    assert run_due(services, at(days=9)) == []
    assert ran == [at(hours=7, minutes=10), at(days=9)]
    with unit_of_work(services, SYSTEM) as uow:
        states = uow.session.scalars(select(Job.state).where(Job.key == f"schedule:{name}")).all()
    assert states == [JobState.DONE, JobState.DONE]


def test_only_one_process_looks_at_a_time(services, name):
    schedule_action(name, Every(seconds=60), lambda _services: ran.append(clock.now()))
    with unit_of_work(services, SYSTEM) as other:
        lock(other.session, Lock.SCHEDULE)
        assert run_due(services, at()) == []
    assert run_due(services, at()) == [name]


def test_a_failing_task_does_not_stop_the_others(services, name):
    def fail(_services) -> None:
        raise RuntimeError("broken")

    schedule_action(f"{name}.a", Every(seconds=60), fail)
    schedule_action(f"{name}.b", Every(seconds=60), lambda _services: ran.append(clock.now()))
    assert run_due(services, at()) == [f"{name}.a", f"{name}.b"]
    assert ran == [at()]


def test_a_moment_left_by_a_clock_that_ran_ahead_is_drawn_back(services, name):
    schedule_action(name, Every(seconds=60), lambda _services: ran.append(clock.now()))
    run_due(services, at(days=300))
    assert run_due(services, at()) == []
    assert run_due(services, at(seconds=60)) == [name]


def test_the_kernels_own_tasks_run(services):
    assert "kernel.requeue_lost_jobs" in run_due(services, clock.now() + timedelta(days=2))
    with unit_of_work(services, SYSTEM) as uow:
        names = set(uow.session.scalars(select(ScheduleEntry.name)))
        failed = uow.session.scalars(
            select(Job.name).where(Job.key.startswith("schedule:kernel."), Job.state == JobState.FAILED)
        ).all()
    assert {"kernel.sweep_blobs", "kernel.clean_up", "kernel.dispatch_events"} <= names
    assert failed == []


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # gets UTC


@given(MOMENTS, st.times(), st.integers(1, 28))
def test_a_rhythms_next_moment_is_later_and_the_nearest(moment, at_time, day):
    daily, monthly = Daily(at_time).after(moment), Monthly(day, at_time).after(moment)
    assert timedelta(0) < daily - moment <= timedelta(days=1)
    assert timedelta(0) < monthly - moment <= timedelta(days=31)
    local = monthly.astimezone(schedule.ZONE)
    assert (local.day, local.time()) == (day, at_time)
    assert daily.tzinfo is UTC
