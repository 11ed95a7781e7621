"""Rights are given, changed and ended; a shop keeps an owner whatever happens at the same moment."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select
from support.actors import SYSTEM, make_account, make_alliance, make_coordinator, make_member, make_shop

from alliance.platform.audit.queries import list_entries
from alliance.platform.kernel.errors import BadInputError, ConflictError, ForbiddenError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.paging import PageRequest
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.granting import change_role, grant_role, revoke_role
from alliance.platform.members.models import AccessGrant, Account, GrantScope
from alliance.platform.members.queries import list_members
from alliance.platform.members.roles import MemberRole, Role


def roles_in(services, shop):
    with unit_of_work(services, shop.scope) as uow:
        return {member.account_id: member.role for member in list_members(uow, PageRequest()).items}


def actions_in(services, shop):
    with unit_of_work(services, shop.scope) as uow:
        return [(entry.actor, entry.action, entry.detail) for entry in list_entries(uow, PageRequest()).items]


def test_an_owner_changes_a_role_and_the_old_grant_stays_as_history(services):
    shop = make_shop(services)
    owner, staff = make_member(services, shop), make_member(services, shop, MemberRole.STAFF)
    with unit_of_work(services, owner.scope) as uow:
        change_role(uow, account_id=staff.account_id, role=MemberRole.MANAGER, shop_id=shop.id)
    assert roles_in(services, shop) == {owner.account_id: MemberRole.OWNER, staff.account_id: MemberRole.MANAGER}
    assert actions_in(services, shop)[0] == (
        f"account:{owner.account_id}",
        "member.role_changed",
        {"from": "staff", "to": "manager"},
    )
    with unit_of_work(services, SYSTEM) as uow:
        mine = select(AccessGrant.role, AccessGrant.until).where(AccessGrant.account_id == staff.account_id)
        history = uow.session.execute(mine.order_by(AccessGrant.id)).all()
    assert [(role, until is None) for role, until in history] == [("staff", False), ("manager", True)]


def test_changing_to_the_same_role_changes_and_records_nothing(services):
    shop = make_shop(services)
    owner, staff = make_member(services, shop), make_member(services, shop, MemberRole.STAFF)
    before = actions_in(services, shop)
    with unit_of_work(services, owner.scope) as uow:
        change_role(uow, account_id=staff.account_id, role=MemberRole.STAFF, shop_id=shop.id)
    assert actions_in(services, shop) == before


def test_the_last_owner_can_be_neither_demoted_nor_removed(services):
    shop = make_shop(services)
    owner = make_member(services, shop)
    with pytest.raises(ConflictError), unit_of_work(services, owner.scope) as uow:
        change_role(uow, account_id=owner.account_id, role=MemberRole.STAFF, shop_id=shop.id)
    with pytest.raises(ConflictError), unit_of_work(services, SYSTEM) as uow:
        revoke_role(uow, account_id=owner.account_id, scope_id=shop.id)
    assert roles_in(services, shop) == {owner.account_id: MemberRole.OWNER}


def test_an_owner_whose_account_is_disabled_does_not_count(services):
    shop = make_shop(services)
    owner, gone = make_member(services, shop), make_member(services, shop)
    with unit_of_work(services, SYSTEM) as uow:
        account = uow.session.get(Account, gone.account_id)
        account.disabled_at = account.created_at
    with pytest.raises(ConflictError), unit_of_work(services, owner.scope) as uow:
        revoke_role(uow, account_id=owner.account_id, scope_id=shop.id)


def test_two_owners_who_remove_each_other_at_once_leave_one(services):
    for _round in range(3):
        shop = make_shop(services)
        owners = [make_member(services, shop), make_member(services, shop)]
        start, refused = threading.Barrier(2), []

        def remove(actor, other, shop=shop, start=start, refused=refused):
            start.wait()
            try:
                with unit_of_work(services, actor.scope) as uow:
                    revoke_role(uow, account_id=other.account_id, scope_id=shop.id)
            except ConflictError as problem:
                refused.append(problem)

        threads = [threading.Thread(target=remove, args=pair) for pair in (owners, owners[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert list(roles_in(services, shop).values()) == [MemberRole.OWNER]
        assert len(refused) == 1


def test_a_manager_can_give_change_and_end_no_role(services):
    shop = make_shop(services)
    make_member(services, shop)
    manager, staff = make_member(services, shop, MemberRole.MANAGER), make_member(services, shop, MemberRole.STAFF)
    before = roles_in(services, shop)
    deeds = (
        lambda uow: grant_role(uow, account_id=manager.account_id, role=Role.OWNER, scope_id=shop.id),
        lambda uow: change_role(uow, account_id=manager.account_id, role=MemberRole.OWNER, shop_id=shop.id),
        lambda uow: revoke_role(uow, account_id=staff.account_id, scope_id=shop.id),
    )
    for deed in deeds:
        with pytest.raises(ForbiddenError), unit_of_work(services, manager.scope) as uow:
            deed(uow)
    assert roles_in(services, shop) == before


def test_members_write_alone_neither_makes_nor_unmakes_an_owner(services):
    shop = make_shop(services)
    owner, second = make_member(services, shop), make_member(services, shop)
    staff = make_member(services, shop, MemberRole.STAFF)
    clerk = replace(owner.scope, permissions=frozenset({"members:write"}))
    before = roles_in(services, shop)
    deeds = (
        lambda uow: change_role(uow, account_id=staff.account_id, role=MemberRole.OWNER, shop_id=shop.id),
        lambda uow: change_role(uow, account_id=second.account_id, role=MemberRole.STAFF, shop_id=shop.id),
        lambda uow: revoke_role(uow, account_id=second.account_id, scope_id=shop.id),
    )
    for deed in deeds:
        with pytest.raises(ForbiddenError), unit_of_work(services, clerk) as uow:
            deed(uow)
    assert roles_in(services, shop) == before


def test_an_owner_of_another_shop_of_the_alliance_can_touch_no_role(services):
    alliance = make_alliance(services)
    ours, theirs = make_shop(services, alliance=alliance), make_shop(services, alliance=alliance)
    stranger, owner = make_member(services, ours), make_member(services, theirs)
    before = roles_in(services, theirs)
    deeds = (
        lambda uow: grant_role(uow, account_id=stranger.account_id, role=Role.STAFF, scope_id=theirs.id),
        lambda uow: change_role(uow, account_id=owner.account_id, role=MemberRole.STAFF, shop_id=theirs.id),
        lambda uow: revoke_role(uow, account_id=owner.account_id, scope_id=theirs.id),
    )
    for deed in deeds:
        with pytest.raises(NotFoundError), unit_of_work(services, stranger.scope) as uow:
            deed(uow)
    assert roles_in(services, theirs) == before


def test_one_person_has_one_role_in_a_shop_and_may_have_another_elsewhere(services):
    ours, theirs = make_shop(services), make_shop(services)
    person = make_member(services, ours, MemberRole.OWNER)
    make_member(services, theirs, MemberRole.STAFF, account=person)
    with pytest.raises(ConflictError), unit_of_work(services, SYSTEM) as uow:
        grant_role(uow, account_id=person.account_id, role=Role.STAFF, scope_id=ours.id)
    assert roles_in(services, ours) == {person.account_id: MemberRole.OWNER}
    assert roles_in(services, theirs) == {person.account_id: MemberRole.STAFF}


def test_a_role_is_given_only_for_its_kind_of_scope(services):
    alliance, shop, person = make_alliance(services), make_shop(services), make_account(services)
    wrong = ((Role.COORDINATOR, shop.id, GrantScope.SHOP), (Role.OWNER, alliance.id, GrantScope.ALLIANCE))
    for role, scope_id, kind in wrong:
        with pytest.raises(BadInputError), unit_of_work(services, SYSTEM) as uow:
            grant_role(uow, account_id=person.account_id, role=role, scope_id=scope_id, scope_kind=kind)


def test_unknown_accounts_shops_and_alliances_are_not_found(services):
    shop, person = make_shop(services), make_account(services)
    wrong = (
        (new_id(), Role.STAFF, shop.id, GrantScope.SHOP),
        (person.account_id, Role.STAFF, new_id(), GrantScope.SHOP),
        (person.account_id, Role.COORDINATOR, new_id(), GrantScope.ALLIANCE),
    )
    for account_id, role, scope_id, kind in wrong:
        with pytest.raises(NotFoundError), unit_of_work(services, SYSTEM) as uow:
            grant_role(uow, account_id=account_id, role=role, scope_id=scope_id, scope_kind=kind)


def test_only_the_system_makes_a_coordinator(services):
    alliance, person = make_alliance(services), make_account(services)
    coordinator = make_coordinator(services, alliance)
    with pytest.raises(ForbiddenError), unit_of_work(services, coordinator.scope) as uow:
        grant_role(
            uow,
            account_id=person.account_id,
            role=Role.COORDINATOR,
            scope_id=alliance.id,
            scope_kind=GrantScope.ALLIANCE,
        )


def test_listing_members_needs_the_permission(services):
    shop = make_shop(services)
    staff = make_member(services, shop, MemberRole.STAFF)
    with pytest.raises(ForbiddenError), unit_of_work(services, staff.scope) as uow:
        list_members(uow, PageRequest())
    with pytest.raises(ForbiddenError), unit_of_work(services, shop_scope(shop.id)) as uow:
        list_members(uow, PageRequest())


def test_members_are_paged_in_the_order_they_came(services):
    shop = make_shop(services)
    people = [make_member(services, shop, role).account_id for role in MemberRole]
    with unit_of_work(services, shop.scope) as uow:
        first = list_members(uow, PageRequest(first=3))
        second = list_members(uow, PageRequest(first=3, after=first.cursors[-1]))
    assert [m.account_id for m in first.items] + [m.account_id for m in second.items] == people
    assert (first.has_next, second.has_next) == (True, False)
