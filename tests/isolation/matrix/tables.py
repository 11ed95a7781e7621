"""Drives one table as the wrong shop: reading, changing, and every way to learn of another shop's row by an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from isolation.matrix.owners import Party
from isolation.matrix.rows import build_row
from psycopg import Error as DriverError
from sqlalchemy import Table, UniqueConstraint, delete, func, insert, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, account_scope

REFUSED = "42501"


@dataclass(frozen=True)
class Probe:
    """One table with a row of `victim`, looked at by `intruder`, who has a row of its own."""

    services: Services
    table: Table
    victim: Party
    intruder: Party

    @property
    def theirs(self) -> Any:
        """The victim's row."""
        return self.table.c.shop_id == self.victim.id

    def outcome(self, scope: Scope, act: Callable[[Session], Any]) -> Any:
        """What the act answers in the scope, rolled back: its result, or the state of the error it met."""
        with session_in(self.services, scope) as session:
            try:
                return act(session)
            except DBAPIError as problem:
                seen = self.victim.found_in(f"{problem} {getattr(problem.orig, 'diag', None) and details(problem)}")
                return f"leaked {seen}" if seen else str(getattr(problem.orig, "sqlstate", problem))


def rows_of(session: Session, statement: Any) -> int:
    """How many rows a statement changed, also an INSERT."""
    return int(session.connection().execute(statement, execution_options={"preserve_rowcount": True}).rowcount)


def details(problem: DBAPIError) -> str:
    """Everything the server told the client about an error."""
    diagnosis = problem.orig.diag  # type: ignore[union-attr]  # psycopg's error
    return f"{diagnosis.message_primary} {diagnosis.message_detail} {diagnosis.message_hint}"


@contextmanager
def session_in(services: Services, scope: Scope) -> Iterator[Session]:
    """A session of the app login in the scope; nothing of it is kept."""
    session = services.database.session(scope)
    try:
        yield session
    finally:
        session.rollback()
        session.close()


def leaks(probe: Probe) -> list[str]:
    """Everything the table lets the intruder see, change or find out; empty where it is isolated."""
    answers = {name: check(probe) for name, check in CHECKS.items()}
    return [f"{probe.table.fullname}, {name}: {answer}" for name, answer in answers.items() if answer]


def _reading(probe: Probe) -> str | None:
    count = select(func.count()).select_from(probe.table)
    if probe.outcome(probe.victim.scope, lambda s: s.scalar(count.where(probe.theirs))) < 1:
        return "the victim's own row is missing, so nothing is tested"
    if probe.outcome(probe.intruder.scope, lambda s: s.scalar(count.where(probe.theirs))) != 0:
        return "another shop reads the row"
    owners = select(probe.table.c.shop_id).distinct()
    seen = probe.outcome(probe.intruder.scope, lambda s: set(s.scalars(owners)))
    return None if seen == {probe.intruder.id} else f"without a predicate it shows {seen}"


def _without_scope(probe: Probe) -> str | None:
    count = select(func.count()).select_from(probe.table)
    with probe.services.database.engine.connect() as connection:
        if connection.scalar(count) != 0:
            return "an unset scope sees rows"
    nobody = account_scope(new_id())
    if probe.outcome(nobody, lambda s: s.scalar(count)) != 0:
        return "a scope without a shop sees rows"
    row = build_row(probe.services, probe.victim, probe.table) | _fresh_keys(probe.table)
    if probe.outcome(nobody, lambda s: s.execute(insert(probe.table).inline(), [row])) != REFUSED:
        return "a scope without a shop writes rows"
    return None


def _changing(probe: Probe) -> str | None:
    same = update(probe.table).values(shop_id=probe.table.c.shop_id)
    for name, statement in (("changes", same), ("deletes", delete(probe.table))):
        narrow = statement.where(probe.theirs)
        if probe.outcome(probe.intruder.scope, lambda s, n=narrow: rows_of(s, n)) not in (0, REFUSED):
            return f"another shop {name} the row"
    wide = probe.outcome(probe.intruder.scope, lambda s: rows_of(s, same))
    own = probe.outcome(probe.intruder.scope, lambda s: s.scalar(select(func.count()).select_from(probe.table)))
    return None if wide in (own, REFUSED) else f"a change without a predicate reaches {wide} rows, of which {own} own"


def _moving(probe: Probe) -> str | None:
    give = update(probe.table).values(shop_id=probe.victim.id)
    if probe.outcome(probe.intruder.scope, lambda s: rows_of(s, give)) != REFUSED:
        return "a row can be moved into another shop"
    return None


def _inserting(probe: Probe) -> str | None:
    """For another shop: refused alike whether the row is there already or not, also ON CONFLICT."""
    existing = probe.victim.rows[probe.table.fullname]
    absent = build_row(probe.services, probe.victim, probe.table) | _fresh_keys(probe.table)
    for row in (existing, absent):
        plain, quiet = (
            insert(probe.table).inline().values(row),
            upsert(probe.table).inline().values(row).on_conflict_do_nothing(),
        )
        for statement in (plain, quiet):
            if probe.outcome(probe.intruder.scope, lambda s, n=statement: rows_of(s, n)) != REFUSED:
                return "a row can be put into another shop, or a clash with one there is told"
    return None


def _unique_oracle(probe: Probe) -> str | None:
    """A row of one's own with the other's natural keys meets no clash; made ids aside, which nobody can guess."""
    if probe.table.schema != "tenants":
        return None
    mine = _as_own(probe)
    for column in _unique_columns(probe.table):
        if column in probe.victim.rows[probe.table.fullname] and column not in _reference_columns(probe.table):
            mine[column] = probe.victim.rows[probe.table.fullname][column]
    for statement in (
        insert(probe.table).inline().values(mine),
        upsert(probe.table).inline().values(mine).on_conflict_do_nothing(),
    ):
        answer = probe.outcome(probe.intruder.scope, lambda s, n=statement: rows_of(s, n))
        if answer != 1:
            return f"a clash with another shop's row is told: {answer}"
    return None


def _reference_oracle(probe: Probe) -> str | None:
    """A reference to the other's row fails as one to nothing does."""
    for key in probe.table.foreign_key_constraints:
        for column in set(key.column_keys) - {"shop_id"}:
            real = _as_own(probe) | {column: probe.victim.rows[key.referred_table.fullname]["id"]}
            bogus = _as_own(probe) | {column: new_id()}
            answers = [
                probe.outcome(probe.intruder.scope, lambda s, r=row: rows_of(s, insert(probe.table).inline().values(r)))
                for row in (real, bogus)
            ]
            if answers[0] != answers[1] or answers[0] == 1:
                return f"{column} tells whether another shop's row exists: {answers}"
    return None


def _error_oracle(probe: Probe) -> str | None:
    """A condition that fails on the other's row is never tried on it."""
    trap = literal_column("1 / length(left(shop_id::text, 0))") == 1
    hit = select(func.count()).select_from(probe.table).where(probe.theirs, trap)
    answer = probe.outcome(probe.intruder.scope, lambda s: s.scalar(hit))
    return None if answer == 0 else f"a failing condition tells of the row: {answer}"


def _passing_by(probe: Probe) -> str | None:
    """TRUNCATE and COPY FROM know no policies: the first is not granted, the second is refused."""
    name = f'{probe.table.schema}."{probe.table.name}"'
    if probe.outcome(probe.intruder.scope, lambda s: s.execute(text(f"TRUNCATE {name}"))) != REFUSED:
        return "TRUNCATE is possible"
    if probe.outcome(probe.intruder.scope, lambda s: copy_into(s, name)) not in (REFUSED, "0A000"):
        return "COPY FROM is possible"
    return None


def copy_into(session: Session, name: str) -> str:
    """Begin a COPY into the table and end it without a row; the state of the error where it is refused."""
    driver: Any = session.connection().connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN"):
            return "done"
    except DriverError as problem:
        return str(problem.sqlstate)


def _fresh_keys(table: Table) -> dict[str, Any]:
    """New values for what must be unique, so that only a policy can refuse the row."""
    references = _reference_columns(table)
    chosen = [table.c[name] for name in _unique_columns(table) if name not in references]
    fresh: dict[type, Callable[[], Any]] = {UUID: new_id, str: lambda: str(new_id()), bytes: lambda: new_id().bytes}
    return {c.name: fresh[c.type.python_type]() for c in chosen if c.type.python_type in fresh}


def _as_own(probe: Probe) -> dict[str, Any]:
    return build_row(probe.services, probe.intruder, probe.table) | _fresh_keys(probe.table)


def _unique_columns(table: Table) -> list[str]:
    unique = [list(table.primary_key.columns)]
    unique += [list(part.columns) for part in table.constraints if isinstance(part, UniqueConstraint)]
    unique += [list(index.columns) for index in table.indexes if index.unique]
    return sorted({column.name for columns in unique for column in columns} - {"shop_id"})


def _reference_columns(table: Table) -> set[str]:
    return {name for key in table.foreign_key_constraints for name in key.column_keys}


CHECKS: dict[str, Callable[[Probe], str | None]] = {
    "reading": _reading,
    "without scope": _without_scope,
    "changing": _changing,
    "moving": _moving,
    "inserting": _inserting,
    "unique oracle": _unique_oracle,
    "reference oracle": _reference_oracle,
    "error oracle": _error_oracle,
    "passing by": _passing_by,
}
