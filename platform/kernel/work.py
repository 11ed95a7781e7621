"""The one way to touch the database: a unit of work, once per request, job or command. Domain code never commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from alliance.platform.kernel.errors import UnavailableError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.texts import _

OUTAGE = _("数据库暂时无法连接，请稍后重试，您的数据没有改变")


@dataclass
class UnitOfWork:
    """One transaction on behalf of one scope. What must wait for its commit is handed to `on_commit`."""

    services: Services
    scope: Scope
    session: Session
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def on_commit(self, action: Callable[[], None]) -> None:
        """Run `action` after the commit, never after a rollback: jobs, mail."""
        self.after_commit.append(action)


@contextmanager
def unit_of_work(services: Services, scope: Scope) -> Iterator[UnitOfWork]:
    """Commit at the end of the block, roll back on any error, then run what waited for the commit.

    A database that cannot be reached or goes away raises UnavailableError; nothing of the block is kept.
    """
    session = services.database.session(scope)
    uow = UnitOfWork(services=services, scope=scope, session=session)
    try:
        yield uow
        session.commit()
    except DBAPIError as problem:
        session.rollback()
        if is_outage(problem):
            raise UnavailableError(OUTAGE) from problem
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()
    for action in uow.after_commit:
        action()


def is_outage(problem: DBAPIError) -> bool:
    """Whether the server went away or refused us, as against a statement it understood and rejected."""
    state = getattr(problem.orig, "sqlstate", None) or ""
    return problem.connection_invalidated or (
        isinstance(problem, OperationalError) and (not state or state[:2] in {"08", "57", "53"})
    )
