"""Row-level security of the members' tables: what each scope sees and may write, asked of the database itself."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError
from support.actors import SYSTEM, make_account, make_alliance, make_coordinator, make_member, make_shop

from alliance.platform.kernel import clock
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.tenancy import account_scope, alliance_scope, customer_scope, shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.models import (
    AccessGrant,
    Account,
    Alliance,
    AllianceMembership,
    LegalGroup,
    Shop,
)
from alliance.platform.members.roles import MemberRole


def ids(services, scope, model, column=None):
    with unit_of_work(services, scope) as uow:
        return set(uow.session.scalars(select(model.id if column is None else column)))


@pytest.fixture(scope="module")
def town(services):
    """Two shops in one alliance, one in another; a person in each, one in both of the first."""

    class Town:
        alliance, other = make_alliance(services), make_alliance(services)
        ours = make_shop(services, alliance=alliance)
        allied = make_shop(services, alliance=alliance)
        foreign = make_shop(services, alliance=other)
        owner = make_member(services, ours)
        colleague = make_member(services, ours, MemberRole.STAFF)
        neighbour = make_member(services, allied)
        stranger = make_member(services, foreign)
        coordinator = make_coordinator(services, alliance)
        make_member(services, allied, MemberRole.STAFF, account=colleague)

    return Town


def test_a_member_sees_the_own_shop_and_those_of_the_alliance(services, town):
    assert ids(services, town.owner.scope, Shop) == {town.ours.id, town.allied.id}


def test_an_account_without_a_chosen_shop_sees_the_shops_it_has_a_role_in(services, town):
    assert ids(services, account_scope(town.colleague.account_id), Shop) == {town.ours.id, town.allied.id}
    assert ids(services, account_scope(town.owner.account_id), Shop) == {town.ours.id}


def test_a_coordinator_sees_the_shops_of_the_alliance_and_no_people_of_theirs(services, town):
    scope = town.coordinator.scope
    assert ids(services, scope, Shop) == {town.ours.id, town.allied.id}
    assert ids(services, scope, Account) == {town.coordinator.account_id}


def test_a_shop_that_has_left_is_no_longer_seen(services):
    alliance = make_alliance(services)
    stays, leaves = make_shop(services, alliance=alliance), make_shop(services, alliance=alliance)
    with unit_of_work(services, SYSTEM) as uow:
        uow.session.execute(
            update(AllianceMembership).where(AllianceMembership.shop_id == leaves.id).values(left_at=clock.now())
        )
    assert ids(services, stays.scope, Shop) == {stays.id}


def test_colleagues_see_each_other_and_nobody_of_another_shop(services, town):
    seen = ids(services, town.owner.scope, Account)
    assert seen == {town.owner.account_id, town.colleague.account_id, town.coordinator.account_id}


def test_a_person_alone_sees_only_the_own_account_and_grants(services, town):
    scope = account_scope(town.colleague.account_id)
    assert ids(services, scope, Account) == {town.colleague.account_id}
    assert ids(services, scope, AccessGrant, AccessGrant.scope_id) == {town.ours.id, town.allied.id}


def test_grants_of_another_shop_are_hidden(services, town):
    seen = ids(services, shop_scope(town.ours.id), AccessGrant, AccessGrant.scope_id)
    assert seen == {town.ours.id}


def test_a_customer_of_the_shop_sees_its_name_and_no_person(services, town):
    scope = customer_scope(town.ours.id, new_id())
    assert ids(services, scope, Shop) == {town.ours.id}
    assert ids(services, scope, Account) == set()
    assert ids(services, scope, AccessGrant) == set()


def test_memberships_and_alliances_of_others_are_hidden(services, town):
    assert ids(services, town.owner.scope, Alliance) == {town.alliance.id}
    assert ids(services, town.owner.scope, AllianceMembership, AllianceMembership.shop_id) == {
        town.ours.id,
        town.allied.id,
    }
    assert ids(services, alliance_scope(town.other.id), Shop) == {town.foreign.id}


def test_ownership_groups_are_for_the_system_alone(services, town):
    assert ids(services, town.owner.scope, LegalGroup) == set()
    assert ids(services, town.coordinator.scope, LegalGroup) == set()


def test_without_a_scope_nothing_is_seen(services, town):
    with services.database.engine.begin() as connection:
        for model in (Shop, Account, AccessGrant, Alliance, AllianceMembership, LegalGroup):
            assert connection.execute(select(model.id)).all() == []


def grant_row(account_id, shop_id):
    return insert(AccessGrant).values(
        id=new_id(), account_id=account_id, scope_kind="shop", scope_id=shop_id, role="owner", since=clock.now()
    )


def test_the_database_itself_lets_nobody_give_himself_a_role_elsewhere(services, town):
    for scope in (account_scope(town.owner.account_id), town.owner.scope, town.coordinator.scope):
        with pytest.raises(DBAPIError), unit_of_work(services, scope) as uow:
            uow.session.execute(grant_row(town.owner.account_id, town.foreign.id))
    assert ids(services, account_scope(town.owner.account_id), AccessGrant, AccessGrant.scope_id) == {town.ours.id}


@pytest.mark.parametrize(
    ("kind", "role"), [("alliance", "coordinator"), ("installation", "operator"), ("shop", "operator")]
)
def test_the_database_itself_lets_no_shop_make_a_coordinator_or_an_operator(services, town, kind, role):
    for scope_id in (town.alliance.id, town.ours.id):
        row = insert(AccessGrant).values(
            id=new_id(),
            account_id=town.colleague.account_id,
            scope_kind=kind,
            scope_id=scope_id,
            role=role,
            since=clock.now(),
        )
        for scope in (town.owner.scope, town.coordinator.scope):
            with pytest.raises(DBAPIError), unit_of_work(services, scope) as uow:
                uow.session.execute(row)


def test_a_role_of_another_kind_of_scope_is_refused_by_the_database(services, town):
    row = grant_row(make_account(services).account_id, town.alliance.id).values(scope_kind="alliance")
    with pytest.raises(DBAPIError, match="role_of_its_scope"), unit_of_work(services, SYSTEM) as uow:
        uow.session.execute(row)


def test_the_database_itself_changes_nothing_that_is_only_read(services, town):
    changes = (
        update(Shop).where(Shop.id == town.allied.id).values(name="改名"),
        update(Account).where(Account.id == town.colleague.account_id).values(name="改名"),
        update(Alliance).where(Alliance.id == town.alliance.id).values(name="改名"),
        update(AllianceMembership).where(AllianceMembership.shop_id == town.ours.id).values(left_at=clock.now()),
    )
    for change in changes:
        with unit_of_work(services, town.owner.scope) as uow:
            assert uow.session.execute(change).rowcount == 0


def test_the_database_itself_refuses_new_rows_of_what_is_only_read(services, town):
    changes = (
        insert(AllianceMembership).values(
            id=new_id(), shop_id=town.foreign.id, alliance_id=town.alliance.id, joined_at=clock.now()
        ),
        insert(Account).values(id=new_id(), email="new@example.com", name="新", locale="en", created_at=clock.now()),
    )
    for change in changes:
        with pytest.raises(DBAPIError), unit_of_work(services, town.owner.scope) as uow:
            uow.session.execute(change)


def test_the_app_cannot_delete_people_shops_or_grants(services, town):
    for table in ("shop", "account", "access_grant", "alliance", "alliance_membership", "legal_group"):
        with pytest.raises(DBAPIError, match="permission denied"), unit_of_work(services, SYSTEM) as uow:
            uow.session.execute(text(f"DELETE FROM platform.{table}"))


def test_two_open_grants_and_two_open_memberships_are_refused_by_the_database(services):
    shop, person = make_shop(services, alliance=make_alliance(services)), make_account(services)
    second = insert(AllianceMembership).values(
        id=new_id(), shop_id=shop.id, alliance_id=make_alliance(services).id, joined_at=clock.now()
    )
    with unit_of_work(services, SYSTEM) as uow:
        uow.session.execute(grant_row(person.account_id, shop.id))
    for change in (grant_row(person.account_id, shop.id), second):
        with pytest.raises(DBAPIError, match="duplicate key"), unit_of_work(services, SYSTEM) as uow:
            uow.session.execute(change)
