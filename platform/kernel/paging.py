"""Keyset paging over any declared order. A page costs the same at the end of a list as at its start."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.texts import _

MAX_PAGE = 500
DEFAULT_PAGE = 50
MAX_INTEGER = 2**63 - 1
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order. The last key of an order must be unique, and no key may be NULL."""

    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a client asks for: `first` after a cursor, or `last` before one."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    @property
    def backward(self) -> bool:
        """Whether the page is counted from its end."""
        return self.last is not None

    @property
    def cursor(self) -> str | None:
        """Where the page starts, in its direction of travel."""
        return self.before if self.backward else self.after

    @property
    def size(self) -> int:
        """Rows asked for, `DEFAULT_PAGE` where nothing was said. Refuses less than 0, over 500, or both ways."""
        if self.first is not None and self.last is not None:
            raise BadInputError(_("first 和 last 不能同时使用"), field=("first",))
        chosen = self.last if self.last is not None else self.first
        size = DEFAULT_PAGE if chosen is None else chosen
        if not 0 <= size <= MAX_PAGE:
            raise BadInputError(_("每页数量须在 0 到 %(most)s 之间", most=MAX_PAGE), field=("first",))
        return size


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, in the list's order whichever way it was asked for; a cursor per item."""

    items: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool


def encode_cursor(values: Sequence[Any]) -> str:
    """An opaque cursor for the key values of one row."""
    return base64.urlsafe_b64encode(json.dumps([_plain(v) for v in values]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """The key values of a cursor, typed by the order's columns. A garbled cursor is BAD_INPUT."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        raw = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(raw, list) or len(raw) != len(kinds):
            raise ValueError("wrong number of keys")
        return [_typed(value, kind) for value, kind in zip(raw, kinds, strict=True)]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise BadInputError(_("翻页游标无效，请从第一页重新开始"), field=("after",)) from None


def list_page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    *,
    order: Sequence[Key],
    request: PageRequest,
    map_row: Callable[[Any], T],
) -> Page[T]:
    """One page of `statement` in one query. Rows must carry the order's columns; `map_row` gets each row."""
    backward = request.backward
    # The number stands in the text: a plan for an unknown number of rows is never good enough to be kept, and planning
    # under a policy is what row-level security costs here.
    size = bindparam(None, request.size + 1, Integer, literal_execute=True)
    paged = page_select(statement, order=order, request=request).limit(size)
    more, rows = split_page(list(session.execute(paged)), request)
    return Page(
        items=[map_row(row) for row in rows],
        cursors=[encode_cursor(row[-len(order) :]) for row in rows],
        has_next=request.cursor is not None if backward else more,
        has_previous=more if backward else request.cursor is not None,
    )


def page_select(
    statement: Select[*tuple[Any, ...]], *, order: Sequence[Key], request: PageRequest, name: str = "page"
) -> Select[*tuple[Any, ...]]:
    """`statement` with the order's keys as its last columns, narrowed to one page and one row to see whether more come.

    Its own parameters are named after `name`; `page_values` gives their values for another request of the same shape.
    """
    values = page_values(order=order, request=request, name=name)
    keyed = statement.add_columns(*[key.column.label(f"{name}$key{i}") for i, key in enumerate(order)])
    if request.cursor is not None:
        binds = [bindparam(f"{name}_key{i}", values[f"{name}_key{i}"], key.column.type) for i, key in enumerate(order)]
        keyed = keyed.where(_beyond(order, binds, backward=request.backward))
    directions = [key.column.desc() if key.descending != request.backward else key.column.asc() for key in order]
    return keyed.order_by(*directions).limit(bindparam(f"{name}_limit", values[f"{name}_limit"], Integer))


def page_values(*, order: Sequence[Key], request: PageRequest, name: str = "page") -> dict[str, Any]:
    """The parameters of `page_select`. Refuses what a page cannot be with BAD_INPUT."""
    values: dict[str, Any] = {f"{name}_limit": request.size + 1}
    if request.cursor is not None:
        keys = decode_cursor(request.cursor, [key.column.type.python_type for key in order])
        values |= {f"{name}_key{i}": value for i, value in enumerate(keys)}
    return values


def split_page(rows: list[Any], request: PageRequest) -> tuple[bool, list[Any]]:
    """Whether more rows follow in the direction of travel, and the page's rows in the list's order."""
    more, rows = len(rows) > request.size, rows[: request.size]
    return more, rows[::-1] if request.backward else rows


def _beyond(order: Sequence[Key], values: Sequence[Any], *, backward: bool) -> ColumnElement[bool]:
    """Rows after the cursor in the direction of travel: a lexicographic comparison with mixed directions.

    The first key's bound is implied by the rest and said again, because an index can start at it and not at an OR.
    """
    alternatives = []
    for i, key in enumerate(order):
        equal = [earlier.column == value for earlier, value in zip(order[:i], values[:i], strict=True)]
        below = key.descending != backward
        alternatives.append(and_(*equal, key.column < values[i] if below else key.column > values[i]))
    first = order[0].column
    bound = first <= values[0] if order[0].descending != backward else first >= values[0]
    return and_(bound, or_(*alternatives))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a cursor's time has a zone")
        return moment
    if kind is UUID:
        return UUID(value)
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        raise ValueError(f"{value!r} is no {kind.__name__}")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ValueError("beyond the database's integers")
    return value
