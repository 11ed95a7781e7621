"""Jobs: after the commit, once per key, in the caller's scope, ending in a row whatever happens."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from support.sample_jobs import add_mark, fail_always, marks, refuse, wait_until

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import ConflictError, NotFoundError
from alliance.platform.kernel.jobs import (
    Job,
    JobCancelledError,
    JobState,
    cancel_job,
    enqueue,
    enqueueing,
    find_open_job,
    get_job,
    job,
    list_jobs,
    report_progress,
    retry_job,
    run_job,
)
from alliance.platform.kernel.jobs import running as jobs_running
from alliance.platform.kernel.jobs.registry import decode_ids, encode_ids, get_spec, job_name
from alliance.platform.kernel.jobs.sweeping import give_up_silent, purge_old_jobs, requeue_lost_jobs
from alliance.platform.kernel.paging import PageRequest
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, account_scope, alliance_scope, shop_scope, system_scope
from alliance.platform.kernel.work import unit_of_work

SYSTEM = system_scope("tests")
LATER = timedelta(hours=1)
PAST = datetime(2026, 1, 1, tzinfo=UTC)


def ask(services: Services, scope: Scope, function, **arguments) -> UUID:
    with unit_of_work(services, scope) as uow:
        return enqueue(uow, function, **arguments)


def end(services: Services, job_id: UUID) -> None:
    with unit_of_work(services, SYSTEM) as uow:
        uow.session.execute(update(Job).where(Job.id == job_id).values(state="failed"))


def view(services: Services, scope: Scope, job_id: UUID):
    with unit_of_work(services, scope) as uow:
        return get_job(uow, job_id)


def test_a_job_runs_after_the_commit_in_the_callers_scope(services):
    scope, mark, thing = shop_scope(uuid4()), uuid4().hex, uuid4()
    with unit_of_work(services, scope) as uow:
        job_id = enqueue(uow, add_mark, mark=mark, thing=thing)
        assert marks(services.settings.alliance_home, mark) == []
    assert marks(services.settings.alliance_home, mark) == [f"{scope.shop_id} {thing}"]
    done = view(services, scope, job_id)
    assert (done.state, done.result, done.attempts) == (JobState.DONE, {"thing": str(thing)}, 1)


def test_a_rolled_back_job_leaves_nothing(services):
    scope, mark = shop_scope(uuid4()), uuid4().hex

    def ask_and_fail() -> None:
        with unit_of_work(services, scope) as uow:
            enqueue(uow, add_mark, mark=mark)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    with unit_of_work(services, scope) as uow:
        assert list_jobs(uow, PageRequest()).items == []
    assert marks(services.settings.alliance_home, mark) == []


def test_another_shop_neither_sees_nor_cancels_a_job(services):
    scope, other = shop_scope(uuid4()), shop_scope(uuid4())
    job_id = ask(services, scope, add_mark, mark=uuid4().hex, delay=LATER)
    with pytest.raises(NotFoundError):
        view(services, other, job_id)
    with pytest.raises(NotFoundError), unit_of_work(services, other) as uow:
        cancel_job(uow, job_id=job_id)
    assert view(services, scope, job_id).state is JobState.QUEUED


def test_the_same_key_is_one_job_while_it_is_open_and_only_in_its_shop(services):
    scope, other, mark = shop_scope(uuid4()), shop_scope(uuid4()), uuid4().hex
    first = ask(services, scope, add_mark, key="import:1", mark=mark, delay=LATER)
    assert ask(services, scope, add_mark, key="import:1", mark=mark, delay=LATER) == first
    assert ask(services, other, add_mark, key="import:1", mark=mark, delay=LATER) != first
    with unit_of_work(services, scope) as uow:
        found = find_open_job(uow, "import:1")
        assert found is not None
        assert found.id == first
        cancel_job(uow, job_id=first)
        assert find_open_job(uow, "import:1") is None
    assert ask(services, scope, add_mark, key="import:1", mark=mark, delay=LATER) != first


def test_jobs_of_no_shop_are_the_systems_and_may_be_asked_for_by_an_account_or_an_alliance(services):
    for scope in (account_scope(uuid4()), alliance_scope(uuid4()), SYSTEM):
        job_id = ask(services, scope, add_mark, mark=uuid4().hex)
        assert view(services, SYSTEM, job_id).state is JobState.DONE
        if scope is not SYSTEM:
            with pytest.raises(NotFoundError):
                view(services, scope, job_id)


def test_asking_as_an_account_gives_the_rest_of_the_transaction_no_right_of_the_system(services):
    ask(services, SYSTEM, add_mark, mark=uuid4().hex)
    with unit_of_work(services, account_scope(uuid4())) as uow:
        enqueue(uow, add_mark, mark=uuid4().hex)
        assert uow.session.scalars(select(Job.id)).all() == []


def test_a_fault_is_tried_again_and_ends_in_the_dead_letters_with_an_error_id(services):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    job_id = ask(services, scope, fail_always, mark=mark)
    assert view(services, scope, job_id).state is JobState.QUEUED
    for _attempt in range(3):
        requeue_lost_jobs(services)
    dead = view(services, scope, job_id)
    assert (dead.state, dead.attempts) == (JobState.FAILED, 3)
    assert len(marks(services.settings.alliance_home, mark)) == 3
    assert dead.error_id in str(dead.error)
    assert "138" not in dead.error.render("en")
    with unit_of_work(services, scope) as uow:
        assert [one.id for one in list_jobs(uow, PageRequest(), state=JobState.FAILED).items] == [job_id]


def test_a_refusal_is_not_tried_again_and_says_why_in_both_languages(services):
    scope = shop_scope(uuid4())
    failed = view(services, scope, ask(services, scope, refuse))
    assert (failed.state, failed.attempts, failed.error_id) == (JobState.FAILED, 1, None)
    assert failed.error.render("zh_CN") == "文件超过 1 MB 的上限"
    assert failed.error.render("en") == "The file is larger than the limit of 1 MB"


def test_a_dead_job_can_be_queued_again_by_hand_and_a_finished_one_not(services):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    dead = ask(services, scope, refuse)
    with unit_of_work(services, scope) as uow:
        retry_job(uow, job_id=dead)
    assert view(services, scope, dead).attempts == 1
    done = ask(services, scope, add_mark, mark=mark)
    with pytest.raises(ConflictError), unit_of_work(services, scope) as uow:
        retry_job(uow, job_id=done)
    assert len(marks(services.settings.alliance_home, mark)) == 1


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(services):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    job_id = ask(services, scope, add_mark, mark=mark, delay=LATER)
    with unit_of_work(services, scope) as uow:
        assert cancel_job(uow, job_id=job_id) is JobState.CANCELLED
    with clock.at(clock.now() + 2 * LATER):
        assert run_job(services, job_id) is None
    assert marks(services.settings.alliance_home, mark) == []


@job(retries=0)
def cancel_itself(services: Services, scope: Scope, *, job_id: UUID) -> None:
    report_progress(services, scope, job_id, 3, 10)
    with unit_of_work(services, scope) as uow:
        assert cancel_job(uow, job_id=job_id) is JobState.RUNNING
    report_progress(services, scope, job_id, 4, 10)


def test_a_running_job_stops_when_it_next_reports_after_being_cancelled(services):
    scope = shop_scope(uuid4())
    stopped = view(services, scope, ask(services, scope, cancel_itself))
    assert (stopped.state, stopped.done, stopped.total) == (JobState.CANCELLED, 4, 10)


@job(retries=0)
def fall_behind(services: Services, scope: Scope, *, job_id: UUID) -> None:
    with unit_of_work(services, SYSTEM) as uow:
        uow.session.execute(
            update(Job).where(Job.id == job_id).values(attempts=2, max_attempts=2, done=7, total=10, heartbeat_at=PAST)
        )
    report_progress(services, scope, job_id, 3, 10)


def test_a_run_that_was_given_up_for_lost_stops_and_signs_nothing_of_the_next(services):
    scope = shop_scope(uuid4())
    job_id = ask(services, scope, fall_behind)
    with unit_of_work(services, scope) as uow:
        row = uow.session.get_one(Job, job_id)
    assert (row.state, row.attempts, row.done, row.heartbeat_at) == ("running", 2, 7, PAST)
    end(services, job_id)


@job(retries=0)
def wait_for_heartbeats(services: Services, scope: Scope, *, job_id: UUID) -> None:
    def signed() -> bool:
        with unit_of_work(services, scope) as uow:
            job = uow.session.get_one(Job, job_id)
            return job.heartbeat_at > job.started_at

    wait_until(signed)


def test_a_heart_that_missed_a_beat_goes_on(services, monkeypatch):
    beats = []

    def fail_once(*arguments):
        beats.append(arguments)
        if threading.current_thread().name.startswith("heartbeat") and len(beats) < 4:
            raise ArithmeticError
        return unit_of_work(*arguments)

    monkeypatch.setattr(jobs_running, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(jobs_running, "unit_of_work", fail_once)
    scope = shop_scope(uuid4())
    assert view(services, scope, ask(services, scope, wait_for_heartbeats)).state is JobState.DONE
    assert len(beats) >= 4


def test_two_retries_of_one_key_at_the_same_moment_are_a_conflict(services, monkeypatch):
    scope = shop_scope(uuid4())
    dead = ask(services, scope, refuse, key="same")
    ask(services, scope, add_mark, key="same", mark=uuid4().hex, delay=LATER)
    monkeypatch.setattr(enqueueing, "_find_open", lambda *_arguments: None)
    with pytest.raises(ConflictError), unit_of_work(services, scope) as uow:
        retry_job(uow, job_id=dead)
    assert view(services, scope, dead).state is JobState.FAILED


def test_progress_of_a_job_that_does_not_run_changes_nothing(services):
    scope = shop_scope(uuid4())
    job_id = ask(services, scope, add_mark, mark=uuid4().hex, delay=LATER)
    report_progress(services, scope, job_id, 1, 2)
    waiting = view(services, scope, job_id)
    assert (waiting.state, waiting.done, waiting.total) == (JobState.QUEUED, 0, None)


def test_a_delayed_job_runs_when_it_is_due(services):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    job_id = ask(services, scope, add_mark, mark=mark, delay=LATER)
    requeue_lost_jobs(services)
    assert marks(services.settings.alliance_home, mark) == []
    with clock.at(clock.now() + LATER + timedelta(minutes=1)):
        requeue_lost_jobs(services)
    assert view(services, scope, job_id).state is JobState.DONE


def test_a_running_job_without_a_heartbeat_gets_another_attempt_and_its_late_end_changes_nothing(services):
    scope, mark = shop_scope(uuid4()), uuid4().hex
    job_id = ask(services, scope, add_mark, mark=mark, delay=LATER)
    silent = clock.now() - timedelta(minutes=5)
    with unit_of_work(services, SYSTEM) as uow:
        values = {"state": "running", "attempts": 1, "heartbeat_at": silent}
        uow.session.execute(update(Job).where(Job.id == job_id).values(values))
    assert give_up_silent(services, lost_after=timedelta(minutes=1)) >= 1
    assert view(services, scope, job_id).state is JobState.QUEUED
    requeue_lost_jobs(services)
    assert view(services, scope, job_id).attempts == 2
    assert len(marks(services.settings.alliance_home, mark)) == 1


def test_finished_jobs_go_after_a_month_and_open_ones_stay(services):
    scope = shop_scope(uuid4())
    with clock.at(clock.now() - timedelta(days=40)):
        old = ask(services, scope, add_mark, mark=uuid4().hex)
        waiting = ask(services, scope, add_mark, mark=uuid4().hex, delay=timedelta(days=400))
    fresh = ask(services, scope, add_mark, mark=uuid4().hex)
    assert purge_old_jobs(services) >= 1
    with unit_of_work(services, scope) as uow:
        left = {one.id for one in list_jobs(uow, PageRequest()).items}
    assert left == {waiting, fresh}
    assert old not in left


def test_arguments_are_ids_and_short_codes_only():
    thing = uuid4()
    ids = {"thing": thing, "count": 3, "flag": True, "code": "csv", "nothing": None}
    assert decode_ids(encode_ids(ids)) == ids
    for unfit in ({"text": "x" * 201}, {"data": {"email": "a@b.cn"}}, {"data": [1]}, {"raw": b"x"}, {"price": 1.5}):
        with pytest.raises(TypeError):
            encode_ids(unfit)


def test_waits_between_attempts_grow_to_a_quarter_of_an_hour():
    spec = get_spec(job_name(refuse))
    waits = [spec.wait_after(attempt).total_seconds() for attempt in (1, 2, 3, 4, 5, 9)]
    assert waits == [10, 30, 90, 270, 810, 900]


def test_unknown_queues_and_jobs_are_refused():
    with pytest.raises(LookupError):
        job(queue="elsewhere")
    with pytest.raises(LookupError):
        get_spec("alliance.platform.kernel.clock:gone")
    assert issubclass(JobCancelledError, Exception)
