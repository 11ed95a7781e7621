"""Logging in: one answer for every wrong try, slow guessing, and no way to lock somebody else out."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from statistics import median
from time import process_time

import pytest
from sqlalchemy import delete, select
from support.actors import SYSTEM, make_account, make_member, make_shop
from support.logins import BROWSER, PASSWORD, give_password, log_in_as

from alliance.platform.audit.queries import list_entries
from alliance.platform.auth import login as login_module
from alliance.platform.auth.login import log_in
from alliance.platform.auth.models import Credential, KnownDevice, LoginSession, LoginThrottle
from alliance.platform.auth.passwords import hash_password
from alliance.platform.auth.sessions import Client
from alliance.platform.auth.subject import find_subject
from alliance.platform.auth.throttle import ACCOUNT, ADDRESS, DEVICE, PAIR, counters, forget_expired
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import LimitExceededError, UnauthenticatedError
from alliance.platform.kernel.paging import PageRequest
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.models import Account
from alliance.platform.members.roles import MemberRole

WRONG = "wrong password"
NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


def address():
    """A client nobody else in the run counts against."""
    return replace(BROWSER, address=f"2001:db8:{token_hex(2)}:{token_hex(2)}::1")


def fail(services, email, client, password=WRONG):
    with pytest.raises(UnauthenticatedError):
        log_in(services, email=email, password=password, client=client)


def seconds_to_wait(services, email, client):
    """What the next try would have to wait; asks the counters without counting."""
    counted = counters(
        services.settings.secret_key.get_secret_value(), email=email, address=client.address, device=None
    )
    with unit_of_work(services, SYSTEM) as uow:
        until = uow.session.scalars(
            select(LoginThrottle.blocked_until).where(LoginThrottle.key.in_([counter.key for counter in counted]))
        ).all()
    return max([0, *((moment - clock.now()).total_seconds() for moment in until if moment)])


def sessions_of(services, person):
    with unit_of_work(services, SYSTEM) as uow:
        mine = select(LoginSession).where(LoginSession.account_id == person.account_id)
        return uow.session.scalars(mine).all()


def test_the_right_password_opens_a_session_in_the_shop(services):
    owner = give_password(services, make_member(services, make_shop(services)))
    opened = log_in_as(services, owner, client=address())
    found = find_subject(services, opened.token)
    assert (found.account.id, found.shop_id, found.role) == (owner.account_id, owner.shop_id, MemberRole.OWNER)


def test_the_email_is_found_however_it_is_typed(services):
    owner = give_password(services, make_account(services))
    opened = log_in(services, email=f"  {owner.email.upper()} ", password=PASSWORD, client=address())
    assert opened.account_id == owner.account_id


def test_every_wrong_try_gets_the_same_answer_and_opens_nothing(services):
    person = give_password(services, make_account(services))
    disabled, bare = give_password(services, make_account(services)), make_account(services)
    with unit_of_work(services, SYSTEM) as uow:
        uow.session.get(Account, disabled.account_id).disabled_at = NOON
    tries = (
        (person.email, "wrong password"),
        (f"{token_hex(5)}@example.com", PASSWORD),
        ("no address at all", PASSWORD),
        (disabled.email, PASSWORD),
        (bare.email, ""),
        (person.email, PASSWORD + " "),
    )
    answers = set()
    for email, password in tries:
        with pytest.raises(UnauthenticatedError) as refusal:
            log_in(services, email=email, password=password, client=address())
        answers.add((type(refusal.value), refusal.value.code, refusal.value.message.render("en")))
    assert answers == {(UnauthenticatedError, "UNAUTHENTICATED", "E-mail address or password is wrong")}
    assert [sessions_of(services, who) for who in (person, disabled, bare)] == [[], [], []]


@pytest.mark.parametrize("sign", ["\x00", "\ud800", "\u200b", "\n"])
def test_an_address_that_nobody_can_have_is_counted_and_answered_like_any_other(services, sign):
    person, client = give_password(services, make_member(services, make_shop(services))), address()
    email = person.email.replace("@", f"{sign}@")
    for _try in range(6):
        fail(services, email, client, PASSWORD)
    with pytest.raises(LimitExceededError):
        log_in(services, email=email, password=PASSWORD, client=client)


def test_an_unknown_email_takes_as_long_as_a_wrong_password(services, monkeypatch):
    dear = replace(services, settings=services.settings.model_copy(update={"password_memory_kib": 8192}))
    person = make_account(services)
    give_password(dear, person)
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    for _round in range(9):
        for kind, email in (("known", person.email), ("unknown", f"{token_hex(5)}@example.com")):
            start = process_time()
            fail(dear, email, address())
            taken[kind].append(process_time() - start)
            with unit_of_work(services, SYSTEM) as uow:
                uow.session.execute(delete(LoginThrottle))
    assert 0.6 < median(taken["known"]) / median(taken["unknown"]) < 1.67


def test_a_login_is_recorded_in_the_active_shop(services):
    shop = make_shop(services)
    owner = give_password(services, make_member(services, shop))
    log_in_as(services, owner, client=address())
    with unit_of_work(services, shop.scope) as uow:
        entry = list_entries(uow, PageRequest(first=1)).items[0]
    assert (entry.actor, entry.action) == (f"account:{owner.account_id}", "session.opened")


def test_a_hash_of_older_costs_is_renewed_at_login(services):
    person = give_password(services, make_account(services))
    old = hash_password(services.settings.model_copy(update={"password_memory_kib": 128}), PASSWORD)
    with unit_of_work(services, SYSTEM) as uow:
        uow.session.get(Credential, person.account_id).password_hash = old
    log_in_as(services, person, client=address())
    with unit_of_work(services, SYSTEM) as uow:
        assert "m=64," in uow.session.get(Credential, person.account_id).password_hash


def test_a_password_changed_while_it_was_checked_opens_nothing(services, monkeypatch):
    person = give_password(services, make_account(services))
    real = login_module.verify_password

    def verify_slowly(*given):
        right = real(*given)
        give_password(services, person, "another three umbrellas")
        return right

    monkeypatch.setattr(login_module, "verify_password", verify_slowly)
    fail(services, person.email, address(), PASSWORD)
    assert sessions_of(services, person) == []


@pytest.mark.parametrize("known", [True, False])
def test_from_the_sixth_failure_on_a_pair_waits_longer_each_time_whoever_it_names(services, known):
    email = give_password(services, make_account(services)).email if known else f"{token_hex(5)}@example.com"
    client, moment, waits = address(), NOON, []
    for _try in range(12):
        with clock.at(moment):
            fail(services, email, client)
            waits.append(seconds_to_wait(services, email, client))
        moment += timedelta(seconds=waits[-1])
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]


def test_the_right_password_does_not_help_while_the_pair_waits_and_works_after(services):
    person, client = give_password(services, make_account(services)), address()
    with clock.at(NOON):
        for _try in range(6):
            fail(services, person.email, client)
        with pytest.raises(LimitExceededError):
            log_in_as(services, person, client=client)
    assert sessions_of(services, person) == []
    with clock.at(NOON + timedelta(seconds=30)):
        assert log_in_as(services, person, client=client).account_id == person.account_id
        for _try in range(5):
            fail(services, person.email, client)
        log_in_as(services, person, client=client)


def test_a_refused_try_is_not_counted(services):
    person, client = give_password(services, make_account(services)), address()
    with clock.at(NOON):
        for _try in range(6):
            fail(services, person.email, client)
        for _try in range(5):
            with pytest.raises(LimitExceededError) as refusal:
                log_in_as(services, person, client=client)
            assert refusal.value.retry_after == 30


def test_many_strangers_cannot_lock_out_a_known_device(services):
    person = give_password(services, make_account(services))
    with clock.at(NOON):
        device_token = log_in_as(services, person, client=address()).device_token
        for _try in range(21):
            fail(services, person.email, address())
        with pytest.raises(LimitExceededError):
            log_in_as(services, person, client=address())
        known = replace(address(), device_token=device_token)
        assert log_in_as(services, person, client=known).device_token == device_token


def test_an_open_session_goes_on_while_its_account_is_attacked(services):
    person = give_password(services, make_account(services))
    with clock.at(NOON):
        token = log_in_as(services, person, client=address()).token
        for _try in range(21):
            fail(services, person.email, address())
        assert find_subject(services, token).account.id == person.account_id


def test_a_new_device_never_waits_more_than_half_a_minute_for_the_failures_of_others(services):
    person, moment, waits = give_password(services, make_account(services)), NOON, []
    for _try in range(26):
        with clock.at(moment):
            fail(services, person.email, address())
            waits.append(seconds_to_wait(services, person.email, address()))
        moment += timedelta(seconds=waits[-1])
    assert waits == [0] * 20 + [5, 10, 20, 30, 30, 30]
    with clock.at(moment):
        log_in_as(services, person, client=address())


def test_one_address_that_tries_many_accounts_has_to_wait_and_others_do_not(services):
    client = address()
    person = give_password(services, make_account(services))
    with clock.at(NOON):
        for _try in range(61):
            fail(services, f"{token_hex(5)}@example.com", client)
        with pytest.raises(LimitExceededError):
            log_in_as(services, person, client=client)
        log_in_as(services, person, client=address())


def test_a_device_of_another_account_does_not_count_as_known(services):
    person, other = (give_password(services, make_account(services)) for _ in range(2))
    with clock.at(NOON):
        theirs = log_in_as(services, other, client=address()).device_token
        for _try in range(21):
            fail(services, person.email, address())
        with pytest.raises(LimitExceededError):
            log_in_as(services, person, client=replace(address(), device_token=theirs))


def test_a_known_device_that_guesses_has_to_wait_too(services):
    person = give_password(services, make_account(services))
    with clock.at(NOON):
        known = replace(address(), device_token=log_in_as(services, person, client=address()).device_token)
        for _try in range(11):
            fail(services, person.email, known)
        with pytest.raises(LimitExceededError):
            log_in_as(services, person, client=known)
        log_in_as(services, person, client=address())


def test_guesses_made_at_the_same_moment_gain_nothing(services):
    person, client = give_password(services, make_account(services)), address()
    outcomes, start = [], threading.Barrier(12)

    def guess():
        start.wait()
        try:
            log_in(services, email=person.email, password="wrong password", client=client)
        except (UnauthenticatedError, LimitExceededError) as problem:
            outcomes.append(type(problem))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (outcomes.count(UnauthenticatedError), outcomes.count(LimitExceededError)) == (6, 6)


def test_counts_name_nobody_and_are_forgotten(services):
    person, client = give_password(services, make_account(services)), address()
    with clock.at(NOON):
        fail(services, person.email, client)
    expected = {
        c.key
        for c in counters(
            services.settings.secret_key.get_secret_value(), email=person.email, address=client.address, device=None
        )
    }
    with unit_of_work(services, SYSTEM) as uow:
        assert expected <= set(uow.session.scalars(select(LoginThrottle.key)))
    with clock.at(NOON + timedelta(days=2)), unit_of_work(services, SYSTEM) as uow:
        assert forget_expired(uow) >= 3
        assert not expected & set(uow.session.scalars(select(LoginThrottle.key)))


@pytest.mark.parametrize(
    ("rule", "failures", "seconds"),
    [
        (PAIR, 5, 0),
        (PAIR, 6, 30),
        (PAIR, 100, 900),
        (DEVICE, 10, 0),
        (DEVICE, 11, 30),
        (ACCOUNT, 20, 0),
        (ACCOUNT, 21, 5),
        (ACCOUNT, 10_000, 30),
        (ADDRESS, 60, 0),
        (ADDRESS, 61, 30),
    ],
)
def test_waits_double_from_the_first_to_the_most(rule, failures, seconds):
    assert rule.wait(failures) == timedelta(seconds=seconds)


def test_neighbours_in_one_ipv6_network_and_mapped_addresses_count_as_one():
    def key(text):
        return [c.key for c in counters("s" * 32, email="a@b.cn", address=text, device=None)]

    assert key("2001:db8::1") == key("2001:db8::ffff:2") != key("2001:db8:0:1::1")
    assert key("::ffff:192.0.2.1") == key("192.0.2.1") != key("192.0.2.2")
    assert key("not an address") == key("")


def test_devices_are_stored_as_hashes_only(services):
    person = give_password(services, make_account(services))
    opened = log_in(services, email=person.email, password=PASSWORD, client=Client())
    with unit_of_work(services, SYSTEM) as uow:
        device = uow.session.scalar(select(KnownDevice).where(KnownDevice.account_id == person.account_id))
        session = uow.session.scalar(select(LoginSession).where(LoginSession.account_id == person.account_id))
    assert len(device.token_hash) == len(session.token_hash) == 32
    assert opened.device_token.encode() not in device.token_hash
    assert opened.token != opened.device_token
