"""The audit: written with the deed, one chain a shop, and any later change shows."""

from __future__ import annotations

import threading

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from support.actors import SYSTEM, make_alliance, make_member, make_shop

from alliance.platform.audit.chain import GENESIS, Chain
from alliance.platform.audit.queries import list_entries
from alliance.platform.audit.record import record
from alliance.platform.audit.verify import verify_chain
from alliance.platform.kernel.errors import ForbiddenError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.paging import PageRequest
from alliance.platform.kernel.tenancy import alliance_scope, customer_scope, shop_scope
from alliance.platform.kernel.work import unit_of_work


def entries(services, scope):
    with unit_of_work(services, scope) as uow:
        return list(list_entries(uow, PageRequest(first=500)).items)


def report(services, scope):
    with unit_of_work(services, scope) as uow:
        return verify_chain(uow)


def write(services, shop, count):
    for number in range(count):
        with unit_of_work(services, shop.scope) as uow:
            record(uow, "test.deed", target=f"thing:{number}", detail={"number": number, "text": "尺码"})


@pytest.fixture
def migrator(services):
    """The migrations' login, past every policy: what an attacker with the database's keys could do."""
    with psycopg.connect(services.settings.migrator_database_url.get_secret_value(), autocommit=True) as connection:
        yield connection


def tamper(migrator, statement, **values):
    """Change rows as only the owner of the table can: with its trigger off."""
    migrator.execute("ALTER TABLE platform.audit_entry DISABLE TRIGGER USER")
    try:
        migrator.execute(statement, values)
    finally:
        migrator.execute("ALTER TABLE platform.audit_entry ENABLE TRIGGER USER")


def test_an_entry_is_written_with_the_deed_and_says_who_did_it(services):
    owner = make_member(services, make_shop(services))
    with unit_of_work(services, owner.scope) as uow:
        record(uow, "test.deed", target="thing:1", detail={"email": "a@b.cn", "rows": 2})
    entry = entries(services, owner.scope)[0]
    assert (entry.actor, entry.action, entry.target) == (f"account:{owner.account_id}", "test.deed", "thing:1")
    assert entry.detail == {"email": "***", "rows": 2}


def test_a_deed_that_is_rolled_back_leaves_no_entry(services):
    shop = make_shop(services)
    before = len(entries(services, shop.scope))

    def fail_after_recording(uow):
        record(uow, "test.deed")
        raise RuntimeError

    with pytest.raises(RuntimeError), unit_of_work(services, shop.scope) as uow:
        fail_after_recording(uow)
    assert len(entries(services, shop.scope)) == before


def test_several_deeds_of_one_transaction_keep_their_order(services):
    shop = make_shop(services)
    with unit_of_work(services, shop.scope) as uow:
        for number in range(3):
            record(uow, f"test.deed_{number}")
    assert [entry.action for entry in entries(services, shop.scope)[:3]] == [
        "test.deed_2",
        "test.deed_1",
        "test.deed_0",
    ]
    assert report(services, shop.scope).is_whole


def test_deeds_in_savepoints_are_all_recorded_and_the_chain_is_locked_only_at_the_end(services):
    shop = make_shop(services)
    with unit_of_work(services, shop.scope) as uow:
        for number in range(2):
            with uow.session.begin_nested():
                record(uow, f"test.deed_{number}")
        write(services, shop, 1)
        record(uow, "test.deed_2")
        uow.session.begin_nested()
    assert [entry.action for entry in entries(services, shop.scope)[:4]] == [
        "test.deed_2",
        "test.deed_1",
        "test.deed_0",
        "test.deed",
    ]
    assert report(services, shop.scope).is_whole


def test_a_chain_is_whole_and_its_head_is_the_last_hash(services):
    shop = make_shop(services)
    write(services, shop, 3)
    found, listed = report(services, shop.scope), entries(services, shop.scope)
    assert (found.entries, found.first_fault, found.head.hex()) == (4, None, listed[0].hash)
    assert [entry.number for entry in listed] == [4, 3, 2, 1]


def test_writers_at_the_same_moment_make_one_unbroken_chain(services):
    shop = make_shop(services)
    threads = [threading.Thread(target=write, args=(services, shop, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (report(services, shop.scope).entries, report(services, shop.scope).first_fault) == (21, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE platform.audit_entry SET action = 'test.other' WHERE shop_id = %(shop)s AND number = 3",
        "UPDATE platform.audit_entry SET actor = 'account:nobody' WHERE shop_id = %(shop)s AND number = 3",
        "UPDATE platform.audit_entry SET at = at + interval '1 second' WHERE shop_id = %(shop)s AND number = 3",
        "UPDATE platform.audit_entry SET target = NULL WHERE shop_id = %(shop)s AND number = 3",
        """UPDATE platform.audit_entry SET detail = '{"number": 9}' WHERE shop_id = %(shop)s AND number = 3""",
        "DELETE FROM platform.audit_entry WHERE shop_id = %(shop)s AND number = 3",
        "UPDATE platform.audit_entry SET hash = sha256('x') WHERE shop_id = %(shop)s AND number = 3",
        "UPDATE platform.audit_entry SET number = number + 10 WHERE shop_id = %(shop)s AND number >= 3",
    ],
)
def test_a_changed_or_removed_entry_is_found(services, migrator, statement):
    shop, other = make_shop(services), make_shop(services)
    write(services, shop, 4)
    tamper(migrator, statement, shop=shop.id)
    found = report(services, shop.scope)
    assert (found.is_whole, found.entries, found.first_fault) == (False, 2, 3)
    assert report(services, other.scope).is_whole


def test_an_entry_moved_to_another_shops_chain_is_found(services, migrator):
    ours, theirs = make_shop(services), make_shop(services)
    write(services, ours, 2)
    statement = "UPDATE platform.audit_entry SET shop_id = %(to)s WHERE shop_id = %(shop)s AND number = 2"
    tamper(migrator, statement, shop=ours.id, to=theirs.id)
    assert report(services, theirs.scope).first_fault == 2


@pytest.mark.parametrize("deed", ["UPDATE platform.audit_entry SET action = 'x'", "DELETE FROM platform.audit_entry"])
def test_neither_the_app_nor_the_owner_changes_an_entry(services, migrator, deed):
    shop = make_shop(services)
    before = entries(services, shop.scope)
    for scope in (shop.scope, SYSTEM):
        with pytest.raises(DBAPIError, match="permission denied"), unit_of_work(services, scope) as uow:
            uow.session.execute(text(deed))
    for statement in (deed, "TRUNCATE platform.audit_entry"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            migrator.execute(statement)
    assert entries(services, shop.scope) == before


def test_nobody_reads_or_writes_another_shops_audit(services):
    alliance = make_alliance(services)
    ours, allied = make_shop(services, alliance=alliance), make_shop(services, alliance=alliance)
    seen = {entry.target for entry in entries(services, ours.scope)}
    assert f"shop:{ours.id}" in seen
    assert f"shop:{allied.id}" not in seen
    before = len(entries(services, allied.scope))
    with pytest.raises(DBAPIError), unit_of_work(services, ours.scope) as uow:
        record(uow, "test.deed", chain=Chain(shop_id=allied.id))
    assert len(entries(services, allied.scope)) == before
    with unit_of_work(services, ours.scope) as uow:
        assert verify_chain(uow, chain=Chain(shop_id=allied.id)).entries == 0


def test_an_alliances_chain_is_apart_from_its_shops(services):
    alliance = make_alliance(services)
    shop = make_shop(services, alliance=alliance)
    assert [entry.action for entry in entries(services, alliance_scope(alliance.id))] == [
        "alliance.joined",
        "alliance.created",
    ]
    assert [entry.action for entry in entries(services, shop.scope)] == ["alliance.joined", "shop.created"]
    assert report(services, alliance_scope(alliance.id)).entries == 2


def test_a_member_shop_neither_reads_nor_writes_its_alliances_audit(services):
    alliance = make_alliance(services)
    shop = make_shop(services, alliance=alliance)
    chain = Chain(alliance_id=alliance.id)
    with unit_of_work(services, shop.scope) as uow:
        assert verify_chain(uow, chain=chain).entries == 0
    with pytest.raises(DBAPIError, match="row-level security"), unit_of_work(services, shop.scope) as uow:
        record(uow, "test.deed", chain=chain)
    assert report(services, alliance_scope(alliance.id)).entries == 2


def test_a_new_chain_is_whole_and_empty(services):
    found = report(services, shop_scope(new_id()))
    assert (found.entries, found.first_fault, found.head) == (0, None, GENESIS)


def test_entries_are_paged_newest_first(services):
    shop = make_shop(services)
    write(services, shop, 5)
    with unit_of_work(services, shop.scope) as uow:
        first = list_entries(uow, PageRequest(first=4))
        second = list_entries(uow, PageRequest(first=4, after=first.cursors[-1]))
    assert [entry.number for entry in first.items] == [6, 5, 4, 3]
    assert [entry.number for entry in second.items] == [2, 1]
    assert (first.has_next, second.has_next) == (True, False)


def test_a_customers_deed_is_recorded_but_the_customer_reads_no_audit(services):
    shop, customer_id = make_shop(services), new_id()
    customer = customer_scope(shop.id, customer_id)
    with unit_of_work(services, customer) as uow:
        record(uow, "test.deed")
    assert entries(services, shop.scope)[0].actor == f"customer:{customer_id}"
    with pytest.raises(ForbiddenError):
        entries(services, customer)
