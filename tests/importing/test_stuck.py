"""Imports whose job ended without an answer go on when asked again; the currency stays the one that was read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from support.actors import SYSTEM, ShopActor, make_shop
from support.importing import check, count, csv_bytes, read, start

from alliance.platform.kernel.errors import ConflictError
from alliance.platform.kernel.jobs import Job, JobState
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.queries import get_shop
from alliance.platform.members.settings import change_currency
from alliance.tenants.importing import committing
from alliance.tenants.importing.committing import commit_import
from alliance.tenants.importing.starting import map_import
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.orders.models import Order

ORDERS = csv_bytes("订单号,SKU,数量,单价,下单时间", "0012,A-1,1,199.00,2026-10-01 10:00:00")


@pytest.fixture
def queued(services: Services) -> Services:
    """Services that queue jobs for workers of which there are none."""
    return Services(**{**vars(services), "settings": services.settings.model_copy(update={"jobs": "rq"})})


def end_job(services: Services, job_id: UUID | None, state: JobState) -> None:
    """End a job as its last attempt does when the process dies: its row only."""
    with unit_of_work(services, SYSTEM) as uow:
        uow.session.execute(update(Job).where(Job.id == job_id).values(state=state.value))


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_a_commit_whose_job_has_ended_is_started_anew(services: Services, queued: Services, state: JobState) -> None:
    shop = make_shop(services)
    row = check(services, shop, ORDERS, kind=ImportKind.ORDERS)
    with unit_of_work(queued, shop.scope) as uow:
        first = commit_import(uow, row.id)
    with unit_of_work(queued, shop.scope) as uow:
        assert commit_import(uow, row.id) == first
    end_job(services, first, state)
    with unit_of_work(services, shop.scope) as uow:
        second = commit_import(uow, row.id)
    assert second != first
    done = read(services, shop, row.id)
    assert (done.status, done.job_id) == ("done", second)
    assert count(services, shop, Order) == (1,)


def test_a_check_whose_job_has_failed_can_be_mapped_again_and_a_running_one_not(
    services: Services, queued: Services
) -> None:
    shop = make_shop(services)
    row = start(services, shop, ORDERS, kind=ImportKind.ORDERS)
    with unit_of_work(queued, shop.scope) as uow:
        map_import(uow, row.id)
    with pytest.raises(ConflictError), unit_of_work(queued, shop.scope) as uow:
        map_import(uow, row.id)
    end_job(services, read(services, shop, row.id).job_id, JobState.FAILED)
    with unit_of_work(services, shop.scope) as uow:
        map_import(uow, row.id)
    assert read(services, shop, row.id).status == "checked"


def change_meanwhile(services: Services, shop: ShopActor, currency: str) -> Any:
    """A stand-in for the report of progress, at which somebody changes the shop's currency."""

    def report(*_arguments: object) -> None:
        with unit_of_work(services, shop.scope) as uow:
            change_currency(uow, currency=currency)

    return report


def test_a_currency_changed_during_the_commit_refuses_the_import(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(services)
    row = check(services, shop, ORDERS, kind=ImportKind.ORDERS)
    monkeypatch.setattr(committing, "report_progress", change_meanwhile(services, shop, "JPY"))
    with unit_of_work(services, shop.scope) as uow:
        commit_import(uow, row.id)
    assert read(services, shop, row.id).status == "failed"
    assert count(services, shop, Order) == (0,)
    with unit_of_work(services, shop.scope) as uow:
        found = get_shop(uow)
    assert (found.currency, found.currency_fixed_at) == ("JPY", None)
