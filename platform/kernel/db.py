"""Engines and sessions. A session puts its scope into every transaction it begins, and into nothing else."""

from __future__ import annotations

import select
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, SessionTransaction

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.tenancy import Scope, ScopeKind

APPLICATION = "alliance"


def database_url(url: str) -> str:
    """A `postgresql://` address with our driver named, as people write it without."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def open_engine(url: str, *, pool_size: int = 5, statement_timeout_ms: int = 0, **extra: Any) -> Engine:
    """A pooled engine in UTC. `pool_pre_ping` heals connections that a restarted server has dropped; a connection
    on which the server has said nothing since is taken to live, without asking it.
    """
    options = f"-c timezone=UTC -c statement_timeout={statement_timeout_ms} -c application_name={APPLICATION}"
    engine = create_engine(
        database_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_timeout=10,
        connect_args={"options": options, "connect_timeout": 5},
        # Bound values are personal data; they must not ride in an exception into the log.
        hide_parameters=True,
        **extra,
    )
    engine.dialect.do_ping = _asking_if_in_doubt(engine.dialect.do_ping)  # type: ignore[method-assign, assignment]  # no other hook
    return engine


def _asking_if_in_doubt(ask: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A server that ends a connection says so on its socket, so only one with something to read is asked."""

    def ping(connection: Any) -> bool:
        if connection.closed:
            return ask(connection)
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        return True if not waiting.poll(0) else ask(connection)

    return ping


@dataclass(frozen=True)
class Database:
    """The installation's database as the app login, and as the pool login where one is configured."""

    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        """The app login: neither owner nor BYPASSRLS."""
        return open_engine(
            self.settings.app_database_url.get_secret_value(),
            pool_size=self.settings.database_pool_size,
            statement_timeout_ms=self.settings.statement_timeout_ms,
        )

    @cached_property
    def pool_engine(self) -> Engine:
        """The pool login: cannot read `tenants`. LookupError where it is not configured."""
        if self.settings.pool_database_url is None:
            raise LookupError("POOL_DATABASE_URL is not set")
        return open_engine(self.settings.pool_database_url.get_secret_value(), pool_size=2)

    def session(self, scope: Scope) -> Session:
        """A new session bound to one scope. Close it; `work.unit_of_work` does."""
        engine = self.pool_engine if scope.kind is ScopeKind.POOL else self.engine
        return Session(engine, expire_on_commit=False, info={"scope": scope})

    def dispose(self) -> None:
        """Close every pooled connection."""
        for name in ("engine", "pool_engine"):
            if name in self.__dict__:
                self.__dict__[name].dispose()

    def forget_connections(self) -> None:
        """In a forked child: drop the parent's connections without closing them."""
        for name in ("engine", "pool_engine"):
            if name in self.__dict__:
                self.__dict__[name].dispose(close=False)


@event.listens_for(Session, "after_begin")
def _set_scope(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    scope = session.info.get("scope")
    if isinstance(scope, Scope):
        set_local(connection, scope)


def set_local(connection: Connection, scope: Scope) -> None:
    """Put the scope into the running transaction, in one round trip."""
    chosen = scope.settings()
    if chosen:
        connection.exec_driver_sql("; ".join(f"SET LOCAL {name} = '{value}'" for name, value in chosen.items()))
