"""Sending a compiled statement: BEGIN, scope, statement and COMMIT in one pipeline, its JSON passed on as bytes."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from graphql.execution.values import VariableValues
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from alliance.graphql.engine.compiling.declarations import Filled, Listed
from alliance.graphql.engine.compiling.parts import HOLE_MARK
from alliance.graphql.engine.compiling.statements import Path, Statement, values_of
from alliance.graphql.engine.context import Context
from alliance.graphql.engine.errors import QUERY_CANCELLED, TOO_SLOW
from alliance.platform.kernel.errors import LimitExceededError, UnavailableError
from alliance.platform.kernel.logging import report_fault
from alliance.platform.kernel.roundtrip import read_rows
from alliance.platform.kernel.work import BUSY, OUTAGE, UnitOfWork

MARK_BYTES = 12
# Classes of SQLSTATE: the connection, the operator, the server's resources.
OUTAGES = frozenset({"08", "53", "57"})
Row = Sequence[str | None]


def run_statement(
    statement: Statement, context: Context, lists: Mapping[Path, Listed], variables: VariableValues
) -> dict[Path, bytes] | None:
    """The JSON of each path; None where the statement or what fills it was refused: the executor answers instead.

    UnavailableError for an outage, LimitExceededError where the statement took too long.
    """
    mark = secrets.token_hex(MARK_BYTES)
    values = {
        **statement.constants,
        **values_of(lists, statement),
        **{name: made(variables, context.locale) for name, made in statement.maps.items()},
        "shop_id": context.scope.shop_id,
        HOLE_MARK: mark,
    }
    try:
        row = send(context.uow, statement.sql, values)
        if row is None:
            return None
        answers = [(text or "null").encode() for text in row]
        filled = fill_holes(answers, statement.holes, mark, context)
    except psycopg.Error as problem:
        judge(problem)
        return None
    except OperationalError as problem:
        raise _outage(getattr(problem.orig, "sqlstate", None)) from problem
    except PoolTimeoutError as problem:
        raise UnavailableError(BUSY) from problem
    except Exception as problem:  # noqa: BLE001 (a text that cannot be opened, say: the executor puts it in its place)
        report_fault(problem, room=__name__)
        return None
    return dict(zip(statement.paths, filled, strict=True))


def judge(problem: psycopg.Error) -> None:
    """Raise what fails the whole request: the server is away, or the statement took too long.

    Else the executor answers. A row that should be there is missing, a number is out of range: that is data; anything
    else is a fault of the compiler, and logged.
    """
    state = problem.sqlstate or ""
    if isinstance(problem, psycopg.DataError):
        return
    lost = not state and isinstance(problem, psycopg.OperationalError | psycopg.InterfaceError)
    if lost or state == QUERY_CANCELLED or state[:2] in OUTAGES:
        raise _outage(state) from problem
    report_fault(problem, room=__name__)


def _outage(state: str | None) -> LimitExceededError | UnavailableError:
    return LimitExceededError(TOO_SLOW) if state == QUERY_CANCELLED else UnavailableError(OUTAGE)


def send(uow: UnitOfWork, sql: bytes, values: Mapping[str, Any]) -> Row | None:
    """The statement's one row, or None; the driver's error where it is refused.

    A transaction that the unit of work has begun is used, for a request must not wait for a second connection while
    it holds one; else the statement has a transaction of its own, in one round trip.
    """
    if uow.session.in_transaction():
        return _send_within(uow, sql, values)
    rows = read_rows(uow.services.database, uow.scope, sql, values)
    return rows[0] if rows else None


def _send_within(uow: UnitOfWork, sql: bytes, values: Mapping[str, Any]) -> Row | None:
    """In the running transaction, which a refused statement leaves as it was."""
    driver: psycopg.Connection[Any] = uow.session.connection().connection.driver_connection  # type: ignore[assignment]  # it is psycopg's
    with driver.transaction(), driver.cursor() as cursor:
        row: Row | None = cursor.execute(sql, values).fetchone()
    return row


def fill_holes(answers: list[bytes], holes: Sequence[Filled], mark: str, context: Context) -> list[bytes]:
    """Put the values where the statement left what they are made from; each kind is filled in one batch."""
    if not holes:
        return answers
    pattern = re.compile(rb'"%s(\d+):([0-9a-ft,]*)"' % mark.encode())
    wanted: dict[int, dict[bytes, str]] = {}
    for answer in answers:
        for match in pattern.finditer(answer):
            wanted.setdefault(int(match[1]), {})[match[2]] = ""
    filled = {index: _fill(holes[index], list(found), context) for index, found in wanted.items()}
    return [pattern.sub(lambda match: filled[int(match[1])][match[2]], answer) for answer in answers]


def _fill(hole: Filled, found: Sequence[bytes], context: Context) -> dict[bytes, bytes]:
    rows = [tuple(_value(part) for part in entry.decode().split(",")) for entry in found]
    values = hole.fill(context, rows)
    return {entry: json.dumps(value, ensure_ascii=False).encode() for entry, value in zip(found, values, strict=True)}


def _value(part: str) -> str | bytes | None:
    """What `expressions.raw` wrote."""
    if not part:
        return None
    value = bytes.fromhex(part[1:])
    return value if part[0] == "b" else value.decode()
