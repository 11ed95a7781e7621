"""Batch loading without a loader: rows that were read together know each other.

The first row that is asked for what belongs to it reads that for all its peers in one query, so a page costs the same
number of queries whatever its length. Nothing waits for an event loop, and nothing is shared between requests: peers
live in the objects of one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from sqlalchemy import select

from alliance.platform.kernel.work import UnitOfWork

T = TypeVar("T")
R = TypeVar("R", bound="RowObject")


class Batch:
    """Rows read by one query, and what was read for all of them since."""

    __slots__ = ("_related", "rows")

    def __init__(self, rows: Sequence[Any]) -> None:
        self.rows = rows
        self._related: dict[Hashable, Any] = {}

    def related(self, key: Hashable, load: Callable[[Sequence[Any]], T]) -> T:
        """What `load` reads for all the rows, at most once for each `key`."""
        if key not in self._related:
            self._related[key] = load(self.rows)
        found: T = self._related[key]
        return found


@strawberry.type
class RowObject:
    """A type of the schema that stands for one row, together with its peers."""

    row: strawberry.Private[Any]
    batch: strawberry.Private[Batch]


def wrap(kind: type[R], rows: Iterable[Any]) -> list[R]:
    """The rows as objects of a type, as one batch."""
    batch = Batch(list(rows))
    return [kind(row=row, batch=batch) for row in batch.rows]


def wrap_one(kind: type[R], row: Any) -> R:
    """A single row as an object of a type."""
    return wrap(kind, [row])[0]


def find_row(uow: UnitOfWork, model: Any, key: UUID) -> Any | None:
    """One row of the scope's shop by its id; None for another shop's and for none."""
    return uow.session.scalars(select(model).where(model.shop_id == uow.scope.shop, model.id == key)).one_or_none()
