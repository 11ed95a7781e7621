"""Sessions and the caller they stand for: opened, rotated, listed, revoked, switched; never come back to life."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from support.actors import SYSTEM, make_account, make_alliance, make_coordinator, make_member, make_shop
from support.logins import BROWSER, PASSWORD, give_password, log_in_as, subject_of
from support.statements import sent_statements

from alliance.platform.auth.credentials import change_password, set_password
from alliance.platform.auth.login import log_in
from alliance.platform.auth.models import Credential, KnownDevice, LoginSession, LoginThrottle
from alliance.platform.auth.sessions import (
    Client,
    coarse_address,
    forget_closed,
    list_sessions,
    log_out,
    revoke_others,
    revoke_session,
    rotate_session,
    token_hash,
    touch,
)
from alliance.platform.auth.subject import find_subject
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import (
    BadInputError,
    ForbiddenError,
    LimitExceededError,
    NotFoundError,
    UnauthenticatedError,
)
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.tenancy import ScopeKind, account_scope, shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.granting import revoke_role
from alliance.platform.members.models import Account
from alliance.platform.members.roles import MemberRole

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def person(services):
    """The owner of a shop in an alliance, with a password."""
    return give_password(services, make_member(services, make_shop(services, alliance=make_alliance(services))))


def stored(services, token):
    with unit_of_work(services, SYSTEM) as uow:
        return uow.session.scalar(select(LoginSession).where(LoginSession.token_hash == token_hash(token)))


def test_no_token_garbage_and_another_token_are_nobody(services, person):
    log_in_as(services, person)
    for token in (None, "", "garbage", "x" * 43):
        assert find_subject(services, token) is None


def test_the_caller_is_read_in_one_query(services, person):
    token = log_in_as(services, person).token
    with sent_statements() as statements:
        find_subject(services, token)
    assert [text.split()[0] for text in statements] == ["SELECT"]


def test_the_scope_carries_shop_alliance_account_and_permissions(services, person):
    found = subject_of(services, person)
    assert found.scope() == person.scope
    assert found.scope().kind is ScopeKind.SHOP
    assert found.permissions == person.scope.permissions


def test_a_person_without_a_shop_has_the_scope_of_the_account(services):
    found = subject_of(services, give_password(services, make_account(services)))
    assert (found.shop_id, found.role, found.permissions, found.memberships) == (None, None, frozenset(), ())
    assert found.scope() == account_scope(found.account.id)


def test_a_coordinator_has_the_scope_of_the_alliance_and_no_shop(services):
    alliance = make_alliance(services)
    coordinator = give_password(services, make_coordinator(services, alliance))
    found = subject_of(services, coordinator)
    assert found.scope() == coordinator.scope
    assert found.scope().shop_id is None


def test_every_login_has_a_token_of_its_own_so_none_can_be_planted(services, person):
    first, second = log_in_as(services, person), log_in_as(services, person)
    assert first.token != second.token
    assert {len(first.token), len(second.token)} == {43}


def test_a_rotated_token_ends_the_old_one_in_the_same_session(services, person):
    token = log_in_as(services, person).token
    before = find_subject(services, token)
    fresh = rotate_session(services, token)
    assert find_subject(services, token) is None
    assert find_subject(services, fresh) == before
    with pytest.raises(UnauthenticatedError):
        rotate_session(services, token)


def test_a_revoked_session_neither_rotates_nor_is_touched_back_to_life(services, person):
    token = log_in_as(services, person).token
    row = stored(services, token)
    log_out(services, token)
    with pytest.raises(UnauthenticatedError):
        rotate_session(services, token)
    with clock.at(row.seen_at + timedelta(hours=1)), unit_of_work(services, SYSTEM) as uow:
        touch(uow, session_id=row.id, created_at=row.created_at, seen_at=row.seen_at)
    after = stored(services, token)
    assert (after.seen_at, after.expires_at) == (row.seen_at, row.expires_at)
    assert after.revoked_at is not None
    assert find_subject(services, token) is None


def test_logging_out_twice_or_with_an_unknown_token_changes_nothing(services, person):
    token = log_in_as(services, person).token
    log_out(services, token)
    ended = stored(services, token).revoked_at
    log_out(services, token)
    log_out(services, "unknown")
    assert stored(services, token).revoked_at == ended


def test_rotating_and_revoking_at_once_never_leaves_an_open_session(services, person):
    for _round in range(5):
        token = log_in_as(services, person).token
        row, start, fresh = stored(services, token), threading.Barrier(2), []

        def rotate(token=token, start=start, fresh=fresh):
            start.wait()
            try:
                fresh.append(rotate_session(services, token))
            except UnauthenticatedError:
                fresh.append(None)

        def revoke(row=row, start=start):
            start.wait()
            with unit_of_work(services, account_scope(person.account_id)) as uow:
                revoke_session(uow, session_id=row.id)

        threads = [threading.Thread(target=rotate), threading.Thread(target=revoke)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert find_subject(services, token) is None
        assert find_subject(services, fresh[0]) is None


def test_a_session_is_noted_as_used_at_most_every_five_minutes(services, person):
    with clock.at(NOON):
        token = log_in_as(services, person).token
    for minutes, expected in ((4, 0), (5, 5), (9, 5), (11, 11)):
        with clock.at(NOON + timedelta(minutes=minutes)):
            find_subject(services, token)
        assert stored(services, token).seen_at == NOON + timedelta(minutes=expected)


def test_a_session_ends_after_a_week_without_use_and_a_month_with_it(services, person):
    with clock.at(NOON):
        idle, used = log_in_as(services, person).token, log_in_as(services, person).token
    for day in range(6, 30, 6):
        with clock.at(NOON + timedelta(days=day)):
            assert find_subject(services, used) is not None
    with clock.at(NOON + timedelta(days=7)):
        assert find_subject(services, idle) is None
    with clock.at(NOON + timedelta(days=30, seconds=-1)):
        assert find_subject(services, used) is not None
    with clock.at(NOON + timedelta(days=30)):
        assert find_subject(services, used) is None


def test_a_disabled_account_is_out_at_the_next_request(services, person):
    token = log_in_as(services, person).token
    with unit_of_work(services, SYSTEM) as uow:
        uow.session.get(Account, person.account_id).disabled_at = NOON
    assert find_subject(services, token) is None


def test_an_ended_role_ends_the_active_shop_at_the_next_request(services):
    shop = make_shop(services)
    make_member(services, shop)
    staff = give_password(services, make_member(services, shop, MemberRole.STAFF))
    token = log_in_as(services, staff).token
    with unit_of_work(services, SYSTEM) as uow:
        revoke_role(uow, account_id=staff.account_id, scope_id=shop.id)
    found = find_subject(services, token)
    assert (found.shop_id, found.permissions) == (None, frozenset())
    assert found.scope() == account_scope(staff.account_id)


def test_devices_are_listed_with_what_helps_to_recognise_them_and_no_more(services, person):
    with clock.at(NOON):
        log_in_as(services, person)
    with clock.at(NOON + timedelta(hours=1)):
        log_in_as(services, person, client=Client(address="2001:db8:1:2:3::4", agent="Phone\n" + "x" * 500))
        with unit_of_work(services, person.scope) as uow:
            devices = list_sessions(uow)
    assert [(d.agent, d.address) for d in devices] == [
        ("Phone" + "x" * 155, "2001:db8:1::/48"),
        ("Firefox on a desk", "192.0.2.0/24"),
    ]


def test_another_persons_session_is_neither_seen_nor_closed(services, person):
    stranger = give_password(services, make_member(services, make_shop(services)))
    token = log_in_as(services, stranger).token
    row = stored(services, token)
    with unit_of_work(services, person.scope) as uow:
        assert row.id not in {device.session_id for device in list_sessions(uow)}
    with pytest.raises(NotFoundError), unit_of_work(services, person.scope) as uow:
        revoke_session(uow, session_id=row.id)
    assert find_subject(services, token) is not None


def test_logging_out_everywhere_else_keeps_this_browser(services, person):
    tokens = [log_in_as(services, person).token for _ in range(3)]
    here = find_subject(services, tokens[0])
    with unit_of_work(services, here.scope()) as uow:
        assert revoke_others(uow, account_id=here.account.id, keep=here.session_id) == 2
    assert [find_subject(services, token) is not None for token in tokens] == [True, False, False]
    with unit_of_work(services, here.scope()) as uow:
        assert revoke_others(uow, account_id=here.account.id) == 1
    assert find_subject(services, tokens[0]) is None


def test_a_changed_password_closes_the_other_sessions_and_forgets_the_devices(services, person):
    here, there = log_in_as(services, person), log_in_as(services, person)
    change_password(services, find_subject(services, here.token), current=PASSWORD, new="four yellow raincoats")
    assert find_subject(services, here.token) is not None
    assert find_subject(services, there.token) is None
    with unit_of_work(services, SYSTEM) as uow:
        devices = select(KnownDevice).where(KnownDevice.account_id == person.account_id)
        assert uow.session.scalars(devices).all() == []
    with pytest.raises(UnauthenticatedError):
        log_in_as(services, person)
    log_in(services, email=person.email, password="four yellow raincoats", client=BROWSER)


def test_a_wrong_current_or_a_weak_new_password_changes_nothing(services, person):
    here, there = log_in_as(services, person), log_in_as(services, person)
    subject = find_subject(services, here.token)
    for current, new, field in (("wrong", "four yellow raincoats", "current"), (PASSWORD, "short", "password")):
        with pytest.raises(BadInputError) as refusal:
            change_password(services, subject, current=current, new=new)
        assert refusal.value.field == (field,)
    assert find_subject(services, there.token) is not None
    log_in_as(services, person)


def test_who_sits_at_an_open_browser_cannot_guess_the_password(services, person):
    subject = subject_of(services, person)
    with clock.at(NOON):
        for _try in range(6):
            with pytest.raises(BadInputError):
                change_password(services, subject, current="wrong", new="four yellow raincoats")
        with pytest.raises(LimitExceededError):
            change_password(services, subject, current=PASSWORD, new="four yellow raincoats")


def test_a_reset_by_the_operator_closes_every_session(services, person):
    token = log_in_as(services, person).token
    give_password(services, person, "four yellow raincoats")
    assert find_subject(services, token) is None


def test_only_the_system_sets_a_password(services, person):
    with pytest.raises(ForbiddenError), unit_of_work(services, person.scope) as uow:
        set_password(uow, account_id=person.account_id, password="four yellow raincoats")
    log_in_as(services, person)


def test_password_hashes_sessions_and_devices_are_their_owners_alone(services, person):
    log_in_as(services, person)
    shop = make_shop(services)
    colleague = make_member(services, shop)
    tables = (Credential, LoginSession, KnownDevice)
    for scope in (colleague.scope, account_scope(colleague.account_id), shop_scope(person.shop_id)):
        with unit_of_work(services, scope) as uow:
            for table in tables:
                mine = select(table.account_id).where(table.account_id == person.account_id)
                assert uow.session.scalars(mine).all() == []
            assert uow.session.scalars(select(LoginThrottle.key)).all() == []
            changed = uow.session.execute(
                update(Credential).where(Credential.account_id == person.account_id).values(password_hash="x")
            )
            assert changed.rowcount == 0
    with unit_of_work(services, person.scope) as uow:
        for table in tables:
            assert set(uow.session.scalars(select(table.account_id))) == {person.account_id}
    log_in_as(services, person)


def test_nobody_opens_a_session_for_another_account(services, person):
    colleague = make_member(services, make_shop(services))
    forged = LoginSession(
        id=new_id(),
        token_hash=token_hash("forged"),
        account_id=person.account_id,
        created_at=NOON,
        seen_at=NOON,
        expires_at=NOON + timedelta(days=9),
        agent="",
        address="",
    )
    with pytest.raises(DBAPIError), unit_of_work(services, colleague.scope) as uow:
        uow.session.add(forged)
    assert stored(services, "forged") is None


def test_closed_sessions_and_old_devices_are_deleted_in_time(services, person):
    with clock.at(NOON):
        opened = log_in_as(services, person)
    with clock.at(NOON + timedelta(days=36)), unit_of_work(services, SYSTEM) as uow:
        forget_closed(uow)
    assert stored(services, opened.token) is not None
    with clock.at(NOON + timedelta(days=181)), unit_of_work(services, SYSTEM) as uow:
        assert forget_closed(uow) >= 1
        devices = select(KnownDevice).where(KnownDevice.account_id == person.account_id)
        assert uow.session.scalars(devices).all() == []
    assert stored(services, opened.token) is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::9", "2001:db8:1::/48"), ("fe80::1%eth0", "fe80::/48"), ("x", "")],
)
def test_addresses_are_kept_coarse(address, kept):
    assert coarse_address(address) == kept


def test_a_client_without_any_mark_can_log_in(services, person):
    assert log_in_as(services, person, client=replace(BROWSER, address="", agent="")).account_id == person.account_id
