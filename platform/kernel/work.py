"""The one way to touch the database: a unit of work, once per request, job or command. Domain code never commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session

from alliance.platform.kernel.errors import AllianceError, BadInputError, UnavailableError
from alliance.platform.kernel.logging import report_fault
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.texts import _

OUTAGE = _("数据库暂时无法连接，请稍后重试，您的数据没有改变")
UNCERTAIN = _("连接中断，请刷新后查看操作是否已完成")
BUSY = _("系统正忙，操作没有完成，请稍后重试，您的数据没有改变")
UNSTORABLE = _("文字中有无法保存的字符，请删除后重试")
# Cancelled after its time, a deadlock, a serialisation failure, a lock not got: the same may work a little later.
WAITED_STATES = frozenset({"57014", "40P01", "40001", "55P03"})
UNSTORABLE_STATES = frozenset({"22021", "22P05"})


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

    A database that cannot be reached, goes away or is too busy raises UnavailableError, a text that it cannot hold (a
    NUL, half a surrogate pair) BadInputError; nothing of the block is kept, but where the answer to the commit itself
    was lost nobody can tell, and the error says so. What waited cannot fail the block, which is
    done by then: its faults are logged, and sweeps make up for jobs, events and files.
    """
    session = services.database.session(scope)
    uow = UnitOfWork(services=services, scope=scope, session=session)
    committing = False
    try:
        yield uow
        session.flush()
        committing = True
        session.commit()
    except (DBAPIError, NoConnectionError, UnicodeEncodeError) as problem:
        session.rollback()
        if committing and isinstance(problem, DBAPIError) and is_outage(problem):
            raise UnavailableError(UNCERTAIN) from problem
        refusal = refusal_of(problem)
        if refusal is None:
            raise
        raise refusal from problem
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()
    for action in uow.after_commit:
        try:
            action()
        except Exception as problem:  # noqa: BLE001  # the deed is done; a caller must not be told that it failed
            report_fault(problem, room=__name__)


def refusal_of(problem: DBAPIError | NoConnectionError | UnicodeEncodeError) -> AllianceError | None:
    """What a person is told of the database's refusal; None where it shows a fault of ours."""
    if isinstance(problem, UnicodeEncodeError):
        return BadInputError(UNSTORABLE) if problem.reason == "surrogates not allowed" else None
    if isinstance(problem, NoConnectionError):
        return UnavailableError(BUSY)
    state = getattr(problem.orig, "sqlstate", None) or ""
    if state in WAITED_STATES:
        return UnavailableError(BUSY)
    # psycopg refuses a NUL itself, before the server could give it a state.
    if state in UNSTORABLE_STATES or (isinstance(problem, DataError) and not state and "NUL" in str(problem.orig)):
        return BadInputError(UNSTORABLE)
    return UnavailableError(OUTAGE) if is_outage(problem) else None


def is_outage(problem: DBAPIError) -> bool:
    """Whether the server went away or refused us, as against a statement it understood and rejected."""
    state = getattr(problem.orig, "sqlstate", None) or ""
    return problem.connection_invalidated or (
        isinstance(problem, OperationalError) and (not state or state[:2] in {"08", "57", "53"})
    )
