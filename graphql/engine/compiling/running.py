"""Sending a compiled statement: BEGIN, scope, statement and COMMIT in one pipeline, its JSON passed on as bytes."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from graphql.execution.values import VariableValues

from alliance.graphql.engine.compiling.declarations import Filled, Listed
from alliance.graphql.engine.compiling.statements import Path, Statement, values_of
from alliance.graphql.engine.context import Context
from alliance.platform.kernel.db import Database
from alliance.platform.kernel.tenancy import Scope

MARK_BYTES = 12


def run_statement(
    statement: Statement, context: Context, lists: Mapping[Path, Listed], variables: VariableValues
) -> dict[Path, bytes] | None:
    """The JSON of each path; None where the database refused the statement, so that the executor answers instead.

    An outage is raised as the driver's error.
    """
    mark = secrets.token_hex(MARK_BYTES)
    values = {
        **statement.constants,
        **values_of(lists, statement),
        **{name: made(variables, context.locale) for name, made in statement.maps.items()},
        "shop_id": context.scope.shop_id,
        "hole_mark": mark,
    }
    row = send(context.services.database, context.scope, statement.sql, values)
    if row is None:
        return None
    answers = [(text or "null").encode() for text in row]
    return dict(zip(statement.paths, fill_holes(answers, statement.holes, mark, context), strict=True))


def send(database: Database, scope: Scope, sql: str, values: Mapping[str, Any]) -> Sequence[str | None] | None:
    """One row in one round trip, in a transaction of the scope's own; None for no row or a statement refused for its
    data (a row that should be there is missing, a number out of range).
    """
    connection = database.engine.raw_connection()
    try:
        driver: psycopg.Connection[Any] = connection.driver_connection  # type: ignore[assignment]  # it is psycopg's
        with driver.pipeline(), driver.cursor() as cursor:
            for name, value in scope.settings().items():
                cursor.execute(f"SET LOCAL {name} = '{value}'".encode())
            cursor.execute(sql.encode(), values)
            row: Sequence[str | None] | None = cursor.fetchone()
            driver.commit()
    except psycopg.DataError:
        driver.rollback()
        return None
    except BaseException:
        connection.invalidate()
        raise
    finally:
        connection.close()
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
