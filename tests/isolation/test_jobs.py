"""Every background job, run by another shop with this shop's ids; and the matrix seen to fail on planted jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from isolation.matrix.jobs import arguments_of, discover, of_the_product, reaching, without_a_shop
from isolation.matrix.owners import Party
from isolation.matrix.scratch import Scratch
from sqlalchemy import update

from alliance.platform.kernel.jobs.registry import JobSpec
from alliance.platform.kernel.jobs.running import run_job
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, scope_from_payload, shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.importing.models import Import

Parties = tuple[Party, Party, Party]


@pytest.fixture(scope="module")
def specs() -> list[JobSpec]:
    """Every job of the product."""
    return of_the_product(discover())


def test_no_job_reaches_another_shop(services: Services, parties: Parties, specs: list[JobSpec]):
    victim, neighbour, stranger = parties
    assert reaching(services, specs, neighbour, victim) == []
    assert reaching(services, specs, stranger, victim) == []


def test_no_job_works_on_a_shops_thing_without_the_shop(services: Services, parties: Parties, specs: list[JobSpec]):
    assert without_a_shop(services, specs, parties[0]) == []


def test_a_job_without_a_scope_fails():
    with pytest.raises(KeyError):
        scope_from_payload({})


def test_a_shop_cannot_run_or_see_another_shops_job(services: Services, parties: Parties):
    """A job that is over is not run again, whoever names it."""
    assert run_job(services, parties[0].rows["platform.job"]["id"]) is None


def planted(function: Any) -> JobSpec:
    return JobSpec("alliance.planted", function, "default", 60, 1, 1.0, takes_job_id=False)


def test_a_job_that_takes_its_scope_from_what_it_finds_is_reported(scratch: Scratch):
    victim, neighbour, _stranger = scratch.parties

    def leak(services: Services, _scope: Scope, import_id: UUID) -> None:
        with unit_of_work(services, shop_scope(victim.id)) as uow:
            uow.session.execute(update(Import).where(Import.id == import_id).values(rows_total=Import.rows_total + 1))

    assert reaching(scratch.services, [planted(leak)], neighbour, victim) == [
        "alliance.planted changes ['tenants.import'] of another shop"
    ]


def test_a_job_that_tells_whether_an_id_exists_is_reported(scratch: Scratch):
    victim, neighbour, _stranger = scratch.parties

    def leak(_services: Services, _scope: Scope, import_id: UUID) -> dict[str, bool]:
        return {"known": import_id == victim.rows["tenants.import"]["id"]}

    assert "tells another shop's ids from nobody's" in reaching(scratch.services, [planted(leak)], neighbour, victim)[0]


def test_a_jobs_new_argument_must_be_explained():
    with pytest.raises(LookupError, match=r"add them to isolation\.matrix\.jobs\.ARGUMENTS"):
        arguments_of(planted(lambda services, scope, thing_id: None), None)
