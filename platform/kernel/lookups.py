"""Rows of the scope's shop by what points to them, each in one query whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from alliance.platform.kernel.work import UnitOfWork

M = TypeVar("M")


def rows_by_id(uow: UnitOfWork, model: type[M], ids: Collection[UUID]) -> Mapping[UUID, M]:
    """The shop's rows among `ids`; those of another shop are simply not there."""
    if not ids:
        return {}
    table: Any = model
    rows = uow.session.scalars(select(model).where(table.shop_id == uow.scope.shop, table.id.in_(list(ids))))
    found: Sequence[Any] = rows.all()
    return {row.id: row for row in found}


def rows_by_parent(
    uow: UnitOfWork, model: type[M], column: str, ids: Collection[UUID], *, order: tuple[str, ...] = ("id",)
) -> Mapping[UUID, list[M]]:
    """The shop's rows whose `column` names one of `ids`, by that id, sorted by the columns `order`."""
    grouped: dict[UUID, list[M]] = defaultdict(list)
    if not ids:
        return grouped
    table: Any = model
    parent = getattr(table, column)
    statement = (
        select(model)
        .where(table.shop_id == uow.scope.shop, parent.in_(list(ids)))
        .order_by(*[getattr(table, name) for name in order])
    )
    for row in uow.session.scalars(statement):
        grouped[getattr(row, column)].append(row)
    return grouped
