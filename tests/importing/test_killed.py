"""A worker killed with -9 in the middle of a commit has written nothing, and the next one loses and doubles nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.actors import make_shop
from support.database import temporary_home
from support.importing import count, csv_bytes, read, start
from support.sample_jobs import wait_until
from support.worker_process import WorkerHouse, worker_house

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.jobs import JobState, get_job
from alliance.platform.kernel.jobs.sweeping import requeue_lost_jobs
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.importing.committing import commit_import
from alliance.tenants.importing.starting import map_import
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.orders.models import Order
from alliance.tenants.returns.models import Return, ReturnLine

ROWS = 200_000
CONTENT = csv_bytes(
    "订单号,SKU,退货数量,申请时间,退货原因,退款金额",
    *(f"{20261000000 + n},SKU-{n % 50},1,2026-10-{1 + n % 28:02d},尺码偏小,{n % 500}.00" for n in range(ROWS)),
)


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> Iterator[WorkerHouse]:
    with temporary_home() as redis_home, worker_house(settings, tmp_path, redis_home) as opened:
        yield opened


def test_a_commit_killed_in_the_middle_is_whole_after_the_retry(house: WorkerHouse, services: Services) -> None:
    shop = make_shop(services)
    queued = house.services
    row = start(queued, shop, CONTENT, kind=ImportKind.RETURNS)
    with unit_of_work(queued, shop.scope) as uow:
        map_import(uow, row.id)
    worker = house.start_worker()
    wait_until(lambda: read(queued, shop, row.id).status == "checked", seconds=180)
    with unit_of_work(queued, shop.scope) as uow:
        job_id = commit_import(uow, row.id)

    def written() -> bool:
        with unit_of_work(queued, shop.scope) as uow:
            return get_job(uow, job_id).done >= 50_000

    wait_until(written, seconds=180)
    house.kill(worker)
    assert read(queued, shop, row.id).status == "committing"
    assert count(services, shop, Order, Return, ReturnLine) == (0, 0, 0)
    time.sleep(1.2)
    house.start_worker()
    requeue_lost_jobs(queued, lost_after=timedelta(seconds=1))

    def done() -> bool:
        # The clock does the same every few seconds, once the wait before the next attempt is over.
        requeue_lost_jobs(queued)
        return read(queued, shop, row.id).status == "done"

    wait_until(done, seconds=240)
    assert count(services, shop, Order, Return, ReturnLine) == (ROWS, ROWS, ROWS)
    with unit_of_work(queued, shop.scope) as uow:
        job = get_job(uow, job_id)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
