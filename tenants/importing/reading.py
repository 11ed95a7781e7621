"""Reading imports and their problems for lists, each in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select

from alliance.platform.kernel.crypto import field_context, open_sealed
from alliance.platform.kernel.paging import Key, Page, PageRequest, decode_cursor, encode_cursor, list_page
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.importing.models import Import, ImportProblem, ImportProblemGroup

LATEST = [Key(Import.created_at, descending=True), Key(Import.id, descending=True)]
VALUE = "tenants.import_problem.value_sealed"


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One row of a file with one of its problems; `column` is empty where the whole row is meant."""

    row: int
    column: str
    code: str
    severity: str
    value: str | None


def list_imports(uow: UnitOfWork, *, request: PageRequest) -> Page[Import]:
    """The shop's imports, newest first, in one query."""
    require(uow, Permission.IMPORTS_READ)
    statement = select_imports(uow.scope.shop)
    return list_page(uow.session, statement, order=LATEST, request=request, map_row=lambda row: row[0])


def select_imports(shop_id: Any) -> Select[Import]:
    """The shop's imports; `shop_id` is a value or a parameter."""
    return select(Import).where(Import.shop_id == shop_id)


def list_problems_of_imports(
    uow: UnitOfWork, ids: Collection[UUID], *, request: PageRequest
) -> Mapping[UUID, Page[ProblemRow]]:
    """The same page of the problems of each import, by row of the file, in one query.

    Values are opened with one query to the key store, and only for who may see customers; for others they are None.
    """
    require(uow, Permission.IMPORTS_READ)
    by_import: dict[UUID, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in uow.session.execute(_problems(uow, ids, request)) if ids else ():
        by_import[row.import_id].append(row)
    key = _value_key(uow, [row for rows in by_import.values() for row in rows])
    return {key_of: _page(uow, rows, request, key) for key_of, rows in by_import.items()}


def _problems(uow: UnitOfWork, ids: Collection[UUID], request: PageRequest) -> Any:
    place = func.row_number().over(partition_by=ImportProblem.import_id, order_by=(ImportProblem.row, ImportProblem.id))
    statement = (
        select(
            ImportProblem.import_id,
            ImportProblem.id,
            ImportProblem.row,
            ImportProblem.value_sealed,
            ImportProblemGroup.column,
            ImportProblemGroup.code,
            ImportProblemGroup.severity,
            place.label("place"),
        )
        .join(
            ImportProblemGroup,
            (ImportProblemGroup.shop_id == ImportProblem.shop_id) & (ImportProblemGroup.id == ImportProblem.group_id),
        )
        .where(ImportProblem.shop_id == uow.scope.shop, ImportProblem.import_id.in_(list(ids)))
        .where(ImportProblemGroup.shop_id == uow.scope.shop)
    )
    if request.after is not None:
        row, key = decode_cursor(request.after, [int, UUID])
        statement = statement.where(or_(ImportProblem.row > row, (ImportProblem.row == row) & (ImportProblem.id > key)))
    placed = statement.subquery()
    return select(placed).where(placed.c.place <= request.size + 1).order_by(placed.c.import_id, placed.c.place)


def _page(
    uow: UnitOfWork, rows: Sequence[Row[*tuple[Any, ...]]], request: PageRequest, key: bytes | None
) -> Page[ProblemRow]:
    shown = rows[: request.size]
    context = field_context(uow.scope.shop, None, VALUE)
    return Page(
        items=[
            ProblemRow(
                row=row.row,
                column=row.column,
                code=row.code,
                severity=row.severity,
                value=open_sealed(key, row.value_sealed, context).decode() if key and row.value_sealed else None,
            )
            for row in shown
        ],
        cursors=[encode_cursor([row.row, row.id]) for row in shown],
        has_next=len(rows) > request.size,
        has_previous=request.after is not None,
    )


def _value_key(uow: UnitOfWork, rows: Sequence[Row[*tuple[Any, ...]]]) -> bytes | None:
    may_see = Permission.CUSTOMERS_READ.value in uow.scope.permissions
    if not may_see or all(row.value_sealed is None for row in rows):
        return None
    return uow.services.keys.shop_key(uow.scope.shop)
