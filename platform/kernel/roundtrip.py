"""One reading statement in a transaction of its own, sent with its scope in a single round trip.

For what every request asks: who is calling, and a compiled read. Everything else goes through a unit of work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from alliance.platform.kernel.db import Database
from alliance.platform.kernel.errors import UnavailableError
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.work import BUSY, OUTAGE

# For statements that are compiled by hand: parameters by name, as psycopg wants them.
DIALECT = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # SQLAlchemy's own


def read_rows(database: Database, scope: Scope, sql: bytes, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The statement's rows. The driver's error where it is refused; the connection is good for the next one then,
    unless it is lost.
    """
    connection = database.engine.raw_connection()
    try:
        driver: psycopg.Connection[Any] = connection.driver_connection  # type: ignore[assignment]  # it is psycopg's
        rows = _sent(driver, scope, sql, values)
    except psycopg.DataError:
        driver.rollback()
        raise
    except BaseException:
        connection.invalidate()
        raise
    finally:
        connection.close()
    return rows


def read_rows_or_unavailable(
    database: Database, scope: Scope, sql: bytes, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """The same, with UnavailableError where the database is away."""
    try:
        return read_rows(database, scope, sql, values)
    except (psycopg.OperationalError, psycopg.InterfaceError, OperationalError) as problem:
        raise UnavailableError(OUTAGE) from problem
    except PoolTimeoutError as problem:
        raise UnavailableError(BUSY) from problem


def _sent(
    driver: psycopg.Connection[Any], scope: Scope, sql: bytes, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    cursor = driver.cursor()
    with driver.pipeline():
        for name, value in scope.settings().items():
            # Each shop's text is another one: nothing to be prepared.
            driver.execute(f"SET LOCAL {name} = '{value}'".encode(), prepare=False)
        cursor.execute(sql, values, prepare=True)
        # Not `driver.commit()`, which would wait for an answer of its own.
        driver.execute(b"COMMIT", prepare=False)
    return cursor.fetchall()
