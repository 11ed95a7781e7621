"""Real workers: killed in the middle, without Redis, past their time, told to stop. No job is lost or done twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from support.database import temporary_home
from support.sample_jobs import add_mark, die_once, fail_always, marks, sleep_long, wait_for_file, wait_until
from support.worker_process import WorkerHouse, children_of, worker_house

from alliance.platform.kernel import schedule
from alliance.platform.kernel.clock import now
from alliance.platform.kernel.events import emit
from alliance.platform.kernel.jobs import JobState, JobView, cancel_job, enqueue, get_job
from alliance.platform.kernel.jobs.sweeping import requeue_lost_jobs
from alliance.platform.kernel.models import EventState, OutboxEvent, ScheduleEntry
from alliance.platform.kernel.tenancy import Scope, shop_scope, system_scope
from alliance.platform.kernel.work import unit_of_work

ENDED = {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


@pytest.fixture(scope="module")
def house(settings, tmp_path_factory) -> Iterator[WorkerHouse]:
    with temporary_home() as redis_home, worker_house(settings, tmp_path_factory.mktemp("house"), redis_home) as opened:
        yield opened


@pytest.fixture
def worker(house):
    if not house.redis_answers():
        house.start_redis()
    yield house.start_worker()
    house.kill_all()


def ask(house: WorkerHouse, scope: Scope, function, **arguments) -> UUID:
    with unit_of_work(house.services, scope) as uow:
        return enqueue(uow, function, **arguments)


def view(house: WorkerHouse, scope: Scope, job_id: UUID) -> JobView:
    with unit_of_work(house.services, scope) as uow:
        return get_job(uow, job_id)


def wait_for_end(house: WorkerHouse, scope: Scope, job_id: UUID) -> JobView:
    return wait_until(lambda: (found := view(house, scope, job_id)).state in ENDED and found, seconds=40)


def wait_for_mark(house: WorkerHouse, mark: str, count: int = 1) -> list[str]:
    home = house.services.settings.alliance_home
    return wait_until(lambda: len(found := marks(home, mark)) >= count and found)


def test_a_worker_runs_jobs_of_every_queue(house, worker):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    job_ids = [ask(house, scope, add_mark, mark=mark, thing=uuid4()) for _ in range(3)]
    assert {wait_for_end(house, scope, job_id).state for job_id in job_ids} == {JobState.DONE}
    assert len(marks(house.services.settings.alliance_home, mark)) == 3


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(house, worker):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    job_id = ask(house, scope, wait_for_file, mark=mark)
    wait_for_mark(house, mark)
    house.kill(worker)
    assert view(house, scope, job_id).state is JobState.RUNNING
    (house.services.settings.alliance_home / f"{mark}.go").touch()
    time.sleep(1.2)
    house.start_worker()
    # The clock does the same once the heartbeat is silent long enough.
    requeue_lost_jobs(house.services, lost_after=schedule.timedelta(seconds=1))
    done = wait_for_end(house, scope, job_id)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    first, second = marks(house.services.settings.alliance_home, mark)
    assert first != second
    assert done.result == {"pid": int(second)}


def test_a_child_killed_without_a_word_is_tried_again_at_once(house, worker):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    done = wait_for_end(house, scope, ask(house, scope, die_once, mark=mark))
    assert (done.state, done.attempts, done.result) == (JobState.DONE, 2, {"survived": True})
    assert worker.poll() is None


def test_an_event_whose_handler_is_killed_comes_again_and_its_work_is_done_once(house, worker):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    home = house.services.settings.alliance_home
    with unit_of_work(house.services, scope) as uow:
        event_id = emit(uow, "test.heard", {"mark": mark})
    wait_for_mark(house, f"{mark}.done")

    def state() -> str:
        with unit_of_work(house.services, scope) as uow:
            return uow.session.get_one(OutboxEvent, event_id).state

    assert wait_until(lambda: state() == EventState.DONE)
    assert marks(home, mark) == ["heard", "heard"]
    assert len(marks(home, f"{mark}.done")) == 1


def test_a_fault_uses_up_its_attempts_and_is_kept(house, worker):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    dead = wait_for_end(house, scope, ask(house, scope, fail_always, mark=mark))
    assert (dead.state, dead.attempts) == (JobState.FAILED, 3)
    assert len(marks(house.services.settings.alliance_home, mark)) == 3


def test_a_job_past_its_time_limit_is_stopped_and_says_so(house, worker):
    scope = shop_scope(uuid4())
    dead = wait_for_end(house, scope, ask(house, scope, sleep_long))
    assert dead.state is JobState.FAILED
    assert dead.error.render("en") == "The job ran longer than its limit of 1 seconds and was stopped"


def test_a_running_job_is_cancelled_from_outside(house, worker):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    job_id = ask(house, scope, wait_for_file, mark=mark)
    wait_for_mark(house, mark)
    with unit_of_work(house.services, scope) as uow:
        cancel_job(uow, job_id=job_id)
    assert wait_for_end(house, scope, job_id).state is JobState.CANCELLED


def test_jobs_asked_for_while_redis_is_away_run_when_it_is_back(house, worker):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    house.stop_redis()
    job_id = ask(house, scope, add_mark, mark=mark)
    assert view(house, scope, job_id).state is JobState.QUEUED
    house.start_redis()
    wait_until(house.redis_answers)
    requeue_lost_jobs(house.services, grace=schedule.timedelta(0))
    assert wait_for_end(house, scope, job_id).state is JobState.DONE
    assert len(marks(house.services.settings.alliance_home, mark)) == 1


def test_a_redis_that_lost_everything_is_filled_again_and_nothing_runs_twice(house, worker):
    house.kill(worker)
    scope, mark = shop_scope(uuid4()), uuid4().hex
    job_ids = [ask(house, scope, add_mark, mark=mark) for _ in range(3)]
    house.services.redis.flushall()
    assert requeue_lost_jobs(house.services, grace=schedule.timedelta(0)) >= 3
    assert requeue_lost_jobs(house.services, grace=schedule.timedelta(0)) == 0
    house.start_worker()
    assert {wait_for_end(house, scope, job_id).state for job_id in job_ids} == {JobState.DONE}
    assert len(marks(house.services.settings.alliance_home, mark)) == 3


def test_the_clock_of_a_worker_keeps_the_schedule_and_is_started_again_if_it_dies(house, worker):
    def due_at():
        with unit_of_work(house.services, system_scope("tests")) as uow:
            entry = uow.session.get(ScheduleEntry, "kernel.requeue_lost_jobs")
            return entry.due_at if entry else None

    began = now()
    assert wait_until(lambda: (found := due_at()) is not None and found > began)
    (clock_pid,) = wait_until(lambda: children_of(worker.pid))
    os.kill(clock_pid, signal.SIGKILL)
    killed = now()
    scope = shop_scope(uuid4())
    wait_for_end(house, scope, ask(house, scope, add_mark, mark=uuid4().hex))
    assert wait_until(lambda: due_at() > killed + schedule.timedelta(seconds=2))


def test_a_worker_told_to_stop_finishes_its_job_and_leaves_no_process(house, worker):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    job_id = ask(house, scope, wait_for_file, mark=mark)
    wait_for_mark(house, mark)
    children = children_of(worker.pid)
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert worker.poll() is None
    (house.services.settings.alliance_home / f"{mark}.go").touch()
    assert worker.wait(timeout=20) == 0
    assert view(house, scope, job_id).state is JobState.DONE
    assert [pid for pid in children if os.path.exists(f"/proc/{pid}")] == []  # noqa: PTH110  # shorter than a Path


def test_a_worker_told_to_stop_while_redis_is_away_ends_at_once(house, worker):
    scope = shop_scope(uuid4())
    wait_for_end(house, scope, ask(house, scope, add_mark, mark=uuid4().hex))
    children = children_of(worker.pid)
    house.stop_redis()
    time.sleep(4)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
    assert [pid for pid in children if os.path.exists(f"/proc/{pid}")] == []  # noqa: PTH110  # shorter than a Path
