"""One person, several shops: switching is explicit, recorded where it leads to, and never into a foreign shop."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from support.actors import SYSTEM, make_alliance, make_member, make_shop
from support.logins import give_password, log_in_as, subject_of

from alliance.platform.audit.queries import list_entries
from alliance.platform.auth.login import switch_shop
from alliance.platform.auth.models import LoginSession
from alliance.platform.auth.sessions import log_out, token_hash
from alliance.platform.auth.subject import find_subject
from alliance.platform.kernel.errors import NotFoundError, UnauthenticatedError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.paging import PageRequest
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.granting import revoke_role
from alliance.platform.members.roles import MemberRole


@pytest.fixture
def person(services):
    """The owner of a shop in an alliance, with a password."""
    return give_password(services, make_member(services, make_shop(services, alliance=make_alliance(services))))


def stored(services, token):
    with unit_of_work(services, SYSTEM) as uow:
        return uow.session.scalar(select(LoginSession).where(LoginSession.token_hash == token_hash(token)))


def test_switching_enters_the_other_shop_and_is_recorded_there_alone(services, person):
    other = make_shop(services)
    make_member(services, other, MemberRole.ANALYST, account=person)
    token = log_in_as(services, person).token
    switched = switch_shop(services, find_subject(services, token), shop_id=other.id)
    assert (switched.shop_id, switched.role) == (other.id, MemberRole.ANALYST)
    assert find_subject(services, token) == switched
    with unit_of_work(services, other.scope) as uow:
        entry = list_entries(uow, PageRequest(first=1)).items[0]
    assert (entry.actor, entry.action) == (f"account:{person.account_id}", "session.shop_entered")
    assert str(person.shop_id) not in f"{entry.target}{entry.detail}"
    with unit_of_work(services, shop_scope(person.shop_id)) as uow:
        assert list_entries(uow, PageRequest(first=1)).items[0].action == "session.opened"


def test_the_next_login_starts_where_the_last_one_was(services, person):
    other = make_shop(services)
    make_member(services, other, account=person)
    switch_shop(services, subject_of(services, person), shop_id=other.id)
    assert subject_of(services, person).shop_id == other.id


def test_a_foreign_and_an_unknown_shop_are_refused_alike_and_nothing_changes(services, person):
    allied = make_shop(services)
    ended = make_shop(services)
    make_member(services, ended)
    make_member(services, ended, MemberRole.STAFF, account=person)
    with unit_of_work(services, SYSTEM) as uow:
        revoke_role(uow, account_id=person.account_id, scope_id=ended.id)
    token = log_in_as(services, person).token
    before, answers = find_subject(services, token), set()
    for shop_id in (allied.id, ended.id, new_id()):
        with pytest.raises(NotFoundError) as refusal:
            switch_shop(services, before, shop_id=shop_id)
        answers.add((refusal.value.code, str(refusal.value)))
    assert len(answers) == 1
    assert find_subject(services, token) == before
    with unit_of_work(services, allied.scope) as uow:
        assert [entry.action for entry in list_entries(uow, PageRequest()).items] == ["shop.created"]


def test_a_revoked_session_cannot_switch(services, person):
    other = make_shop(services)
    make_member(services, other, account=person)
    token = log_in_as(services, person).token
    subject = find_subject(services, token)
    log_out(services, token)
    with pytest.raises(UnauthenticatedError):
        switch_shop(services, subject, shop_id=other.id)
    assert stored(services, token).active_shop_id == person.shop_id
    with unit_of_work(services, other.scope) as uow:
        assert "session.shop_entered" not in {entry.action for entry in list_entries(uow, PageRequest()).items}
