"""The kernel's own rows of nobody's shop, written in the transaction of whoever caused them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from alliance.platform.kernel.tenancy import Scope, ScopeKind


@contextmanager
def own_rows(session: Session, scope: Scope) -> Iterator[None]:
    """Let the kernel write its job or event of an alliance, a site or an account inside the block.

    The shared tables' policies admit such rows from the system alone, and the row must stand or fall with the
    caller's transaction. Nothing but the kernel's own statement may run inside.
    """
    if scope.shop_id is not None or scope.kind is ScopeKind.SYSTEM:
        yield
        return
    session.flush()
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL alliance.system = 'on'")
    try:
        with session.no_autoflush:
            yield
    except DBAPIError:
        # The transaction is aborted and takes the setting with it.
        raise
    except BaseException:
        connection.exec_driver_sql("SET LOCAL alliance.system = ''")
        raise
    connection.exec_driver_sql("SET LOCAL alliance.system = ''")
