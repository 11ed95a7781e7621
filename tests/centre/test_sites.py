"""Sites: opened by who runs the alliance, seen by its members, unique by handle within it."""

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from support.actors import SYSTEM, make_alliance, make_coordinator, make_shop

from alliance.platform.audit.models import AuditEntry
from alliance.platform.centre.models import Site
from alliance.platform.centre.sites import find_site, list_open_sites, open_site
from alliance.platform.kernel.errors import BadInputError, ConflictError, ForbiddenError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work

PLACE = {"name": "杭州处理中心", "region": "浙江杭州"}


def test_a_coordinator_opens_a_site_that_member_shops_see(services: Services) -> None:
    alliance = make_alliance(services)
    coordinator, member = make_coordinator(services, alliance), make_shop(services, alliance=alliance)
    with unit_of_work(services, coordinator.scope) as uow:
        site_id = open_site(uow, alliance_id=alliance.id, handle="Hangzhou", capacity_minutes=9_000, **PLACE)
    with unit_of_work(services, member.scope) as uow:
        (site,) = list_open_sites(uow, alliance_id=alliance.id)
        assert (site.id, site.handle, site.name, site.capacity_minutes) == (
            site_id,
            "hangzhou",
            "杭州处理中心",
            9_000,
        )
    with unit_of_work(services, coordinator.scope) as uow:
        entry = uow.session.scalars(select(AuditEntry).where(AuditEntry.action == "site.opened")).one()
        assert (entry.alliance_id, entry.target) == (alliance.id, f"site:{site_id}")


def test_another_alliance_does_not_see_the_site(services: Services) -> None:
    alliance, other = make_alliance(services), make_alliance(services)
    stranger = make_shop(services, alliance=other)
    with unit_of_work(services, SYSTEM) as uow:
        open_site(uow, alliance_id=alliance.id, handle="suzhou", **PLACE)
    with unit_of_work(services, stranger.scope) as uow:
        assert find_site(uow, alliance_id=alliance.id, handle="suzhou") is None


def test_a_handle_is_taken_once_in_an_alliance_and_free_in_another(services: Services) -> None:
    alliance, other = make_alliance(services), make_alliance(services)
    with unit_of_work(services, SYSTEM) as uow:
        open_site(uow, alliance_id=alliance.id, handle="wuhan", **PLACE)
        open_site(uow, alliance_id=other.id, handle="wuhan", **PLACE)
    with pytest.raises(ConflictError), unit_of_work(services, SYSTEM) as uow:
        open_site(uow, alliance_id=alliance.id, handle="wuhan", **PLACE)


def test_a_member_may_not_open_a_site(services: Services) -> None:
    alliance = make_alliance(services)
    member = make_shop(services, alliance=alliance)
    with pytest.raises(ForbiddenError), unit_of_work(services, member.scope) as uow:
        open_site(uow, alliance_id=alliance.id, handle="chengdu", **PLACE)
    with unit_of_work(services, member.scope) as uow:
        assert list_open_sites(uow, alliance_id=alliance.id) == []


def test_the_database_itself_lets_no_member_shop_write_a_site(services: Services) -> None:
    alliance = make_alliance(services)
    member = make_shop(services, alliance=alliance)
    with unit_of_work(services, SYSTEM) as uow:
        site_id = open_site(uow, alliance_id=alliance.id, handle="nanjing", **PLACE)
    row = {"id": new_id(), "alliance_id": alliance.id, "handle": "own", "capacity_minutes": 0, **PLACE}
    for deed in (insert(Site).values(row), delete(Site)):
        with pytest.raises(DBAPIError), unit_of_work(services, member.scope) as uow:
            uow.session.execute(deed)
    with unit_of_work(services, member.scope) as uow:
        assert uow.session.execute(update(Site).values(name="我们的中心")).rowcount == 0
    with unit_of_work(services, member.scope) as uow:
        (site,) = list_open_sites(uow, alliance_id=alliance.id)
        assert (site.id, site.name) == (site_id, "杭州处理中心")


def test_a_coordinator_opens_no_site_elsewhere(services: Services) -> None:
    alliance, other = make_alliance(services), make_alliance(services)
    coordinator = make_coordinator(services, alliance)
    for elsewhere in (other.id, new_id()):
        with pytest.raises(NotFoundError), unit_of_work(services, coordinator.scope) as uow:
            open_site(uow, alliance_id=elsewhere, handle="ningbo", **PLACE)


@pytest.mark.parametrize("minutes", [-1, 1_000_001])
def test_an_impossible_capacity_is_refused(services: Services, minutes: int) -> None:
    alliance = make_alliance(services)
    with pytest.raises(BadInputError) as refusal, unit_of_work(services, SYSTEM) as uow:
        open_site(uow, alliance_id=alliance.id, handle="wuxi", capacity_minutes=minutes, **PLACE)
    assert refusal.value.field == ("capacity_minutes",)
