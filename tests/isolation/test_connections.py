"""A scope lives as long as its transaction: a connection that is used again knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from isolation.matrix.owners import Party
from isolation.matrix.rows import shop_tables
from sqlalchemy import Table, func, select, text
from sqlalchemy.exc import DBAPIError

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.db import Database
from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, account_scope, shop_scope, system_scope
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import unit_of_work

Parties = tuple[Party, Party, Party]
ORDERS = next(table for table in shop_tables() if table.fullname == "tenants.orders")
SETTINGS = ("shop_id", "alliance_id", "account_id", "site_id", "customer_id", "system")


@pytest.fixture
def one_connection(services: Services, settings: Settings) -> Iterator[Services]:
    """Services whose pool holds one connection, so that everyone gets the one that was just given back."""
    database = Database(settings.model_copy(update={"database_pool_size": 1}))
    database.engine.pool._max_overflow = 0  # type: ignore[attr-defined]  # the engine's own size is five at least
    yield replace(services, database=database)
    database.dispose()


def owners(services: Services, scope: Scope, table: Table = ORDERS) -> set[UUID]:
    with unit_of_work(services, scope) as uow:
        return set(uow.session.scalars(select(table.c.shop_id)))


def left_over(services: Services) -> dict[str, str]:
    """The settings that a connection of the pool still has outside any scope."""
    with services.database.engine.connect() as connection:
        found = {name: connection.scalar(text(f"SELECT current_setting('alliance.{name}', true)")) for name in SETTINGS}
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize("table", shop_tables(), ids=lambda table: table.fullname)
def test_a_connection_without_a_scope_sees_no_row(services: Services, parties: Parties, table: Table):
    with services.database.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize("table", shop_tables(), ids=lambda table: table.fullname)
def test_an_account_and_the_pool_see_no_row_of_a_shop(services: Services, parties: Parties, table: Table):
    assert owners(services, account_scope(parties[0].owner.account_id), table) == set()


def test_the_system_sees_no_row_of_a_shops_own_schema(services: Services, parties: Parties):
    for table in shop_tables():
        if table.schema == "tenants":
            assert owners(services, system_scope("tests"), table) == set()


def test_a_reused_connection_sees_only_its_new_scope(one_connection: Services, parties: Parties):
    first, second, _third = parties
    assert owners(one_connection, first.scope) == {first.id}
    assert owners(one_connection, second.scope) == {second.id}
    assert owners(one_connection, account_scope(first.owner.account_id)) == set()
    assert left_over(one_connection) == {}


def test_a_scope_ends_with_the_commit_and_comes_back_with_the_next_transaction(
    one_connection: Services, parties: Parties
):
    session = one_connection.database.session(parties[0].scope)
    for _round in range(3):
        assert set(session.scalars(select(ORDERS.c.shop_id))) == {parties[0].id}
        session.commit()
        assert left_over(one_connection) == {}
    session.close()


def test_a_scope_ends_with_a_rollback(one_connection: Services, parties: Parties):
    session = one_connection.database.session(parties[0].scope)
    assert set(session.scalars(select(ORDERS.c.shop_id))) == {parties[0].id}
    session.rollback()
    assert left_over(one_connection) == {}
    assert set(session.scalars(select(ORDERS.c.shop_id))) == {parties[0].id}
    session.close()


def test_a_scope_ends_with_a_refused_command(one_connection: Services, parties: Parties):
    with pytest.raises(BadInputError), unit_of_work(one_connection, parties[0].scope):
        raise BadInputError(_("翻页游标无效，请从第一页重新开始"))
    assert left_over(one_connection) == {}


def test_a_scope_ends_with_an_error_of_the_database(one_connection: Services, parties: Parties):
    with pytest.raises(DBAPIError), unit_of_work(one_connection, parties[0].scope) as uow:
        uow.session.execute(text("SELECT 1 / 0"))
    assert left_over(one_connection) == {}
    assert owners(one_connection, parties[1].scope) == {parties[1].id}


def test_a_scope_outlives_a_savepoint_rolled_back_in_it(one_connection: Services, parties: Parties):
    with unit_of_work(one_connection, parties[0].scope) as uow:
        savepoint = uow.session.begin_nested()
        savepoint.rollback()
        assert set(uow.session.scalars(select(ORDERS.c.shop_id))) == {parties[0].id}
        with uow.session.begin_nested():
            assert set(uow.session.scalars(select(ORDERS.c.shop_id))) == {parties[0].id}
    assert left_over(one_connection) == {}


def test_a_narrower_scope_leaves_nothing_of_a_wider_one(one_connection: Services, parties: Parties):
    owners(one_connection, system_scope("tests", account_id=parties[0].owner.account_id))
    with unit_of_work(one_connection, shop_scope(parties[1].id)) as uow:
        found = {
            name: uow.session.scalar(text(f"SELECT current_setting('alliance.{name}', true)")) for name in SETTINGS
        }
    assert {name: value for name, value in found.items() if value} == {"shop_id": str(parties[1].id)}


def test_a_prepared_statement_serves_each_scope_its_own_rows(one_connection: Services, parties: Parties):
    for _round in range(12):
        for party in parties:
            assert owners(one_connection, party.scope) == {party.id}


def test_scopes_of_threads_do_not_mix(services: Services, parties: Parties):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: (n % 3, owners(services, parties[n % 3].scope)), range(60)))
    assert all(found == {parties[which].id} for which, found in answers)


def test_a_scope_takes_ids_and_no_text_into_the_statement():
    hostile = shop_scope("x'; RESET ALL; --")  # type: ignore[arg-type]  # what a bug could pass
    with pytest.raises(ValueError, match="badly formed"):
        hostile.settings()
