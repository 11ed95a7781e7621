"""The unit of work: all or nothing, one clear refusal where the database cannot, and no failure after the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from support.actors import SYSTEM, make_member, make_shop

from alliance.platform.kernel.db import Database
from alliance.platform.kernel.errors import BadInputError, UnavailableError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.models import Account
from alliance.platform.members.profile import update_profile


@pytest.fixture
def exhausted(services: Services) -> Iterator[Services]:
    """Services whose every connection somebody else holds, and that wait a moment only."""
    database = Database(services.settings.model_copy(update={"database_pool_size": 1}))
    database.engine.pool._timeout = 0.05  # type: ignore[attr-defined]  # SQLAlchemy offers no setter
    with ExitStack() as held:
        for _connection in range(2):
            held.enter_context(database.engine.connect())
        yield Services(**{**vars(services), "database": database})
    database.dispose()


def test_no_free_connection_is_told_as_an_outage(exhausted: Services):
    with pytest.raises(UnavailableError, match="系统正忙"), unit_of_work(exhausted, SYSTEM) as uow:
        uow.session.execute(text("SELECT 1"))


def test_a_statement_that_takes_too_long_is_told_as_busy(services: Services):
    def wait_too_long() -> None:
        with unit_of_work(services, SYSTEM) as uow:
            uow.session.execute(text("SET LOCAL statement_timeout = 50"))
            uow.session.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(UnavailableError, match="系统正忙"):
        wait_too_long()


@pytest.mark.parametrize("typed", ["a\x00b", "a\ud800b"])
def test_a_text_that_cannot_be_stored_is_the_senders_fault(services: Services, typed: str):
    with pytest.raises(BadInputError, match="无法保存的字符"), unit_of_work(services, SYSTEM) as uow:
        uow.session.scalar(select(Account.id).where(Account.name == typed))


def test_a_wrong_statement_stays_a_fault_of_ours(services: Services):
    with pytest.raises(DBAPIError, match="division by zero"), unit_of_work(services, SYSTEM) as uow:
        uow.session.execute(text("SELECT 1 / 0"))


def end_connection(services: Services, pid: int) -> None:
    """Cut a connection of our own login from another one."""
    with services.database.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        while other.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid}):
            pass


def test_a_lost_answer_to_the_commit_is_told_as_uncertain(services: Services):
    with pytest.raises(UnavailableError, match="请刷新后查看操作是否已完成"), unit_of_work(services, SYSTEM) as uow:
        end_connection(services, uow.session.scalar(text("SELECT pg_backend_pid()")) or 0)


def test_a_connection_lost_before_the_commit_has_changed_nothing(services: Services):
    def lose_it_first() -> None:
        with unit_of_work(services, SYSTEM) as uow:
            end_connection(services, uow.session.scalar(text("SELECT pg_backend_pid()")) or 0)
            uow.session.execute(text("SELECT 1"))

    with pytest.raises(UnavailableError, match="您的数据没有改变"):
        lose_it_first()


def test_what_fails_after_the_commit_neither_undoes_it_nor_keeps_the_rest_from_running(services: Services):
    member, ran = make_member(services, make_shop(services)), []

    def fail() -> None:
        raise OSError

    with unit_of_work(services, member.scope) as uow:
        uow.on_commit(fail)
        uow.on_commit(lambda: ran.append("second"))
        update_profile(uow, name="李雷")
    with unit_of_work(services, member.scope) as uow:
        assert uow.session.scalar(select(Account.name).where(Account.id == member.account_id)) == "李雷"
    assert ran == ["second"]
