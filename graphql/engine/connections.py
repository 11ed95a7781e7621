"""Relay connections over keyset pages: at most 500 items a page, the same cost at the end of a list as at its start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import strawberry

from alliance.graphql.engine.loading import RowObject, wrap
from alliance.graphql.engine.permissions import Access, access
from alliance.platform.kernel.errors import LimitExceededError
from alliance.platform.kernel.paging import MAX_PAGE, Page, PageRequest
from alliance.platform.kernel.texts import _

T = TypeVar("T")
R = TypeVar("R", bound=RowObject)


@access(Access.CARRIER)
@strawberry.type
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@access(Access.CARRIER)
@strawberry.type
class Edge(Generic[T]):
    """One item with the cursor that continues after it."""

    cursor: str
    node: T


@access(Access.CARRIER)
@strawberry.type
class Connection(Generic[T]):
    """One page of a list. `nodes` are the edges' nodes without their cursors."""

    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo


def given(value: Any) -> Any:
    """An argument as given; None where it was left out."""
    return None if value is strawberry.UNSET else value


def page_request(first: Any, after: Any, last: Any = None, before: Any = None) -> PageRequest:
    """The page asked for. Over 500 items is LIMIT_EXCEEDED; the rest of the rules are the kernel's (BAD_INPUT)."""
    request = PageRequest(first=given(first), after=given(after), last=given(last), before=given(before))
    for name, size in (("first", request.first), ("last", request.last)):
        if size is not None and size > MAX_PAGE:
            raise LimitExceededError(_("每页最多 %(most)s 条", most=MAX_PAGE), field=(name,))
    return request


def connect(page: Page[Any], make: Callable[[list[Any]], list[T]]) -> Connection[T]:
    """A page of rows as a connection; `make` turns the rows into the type's objects, as one batch."""
    nodes = make(list(page.items))
    edges = [Edge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, nodes, strict=True)]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.cursors[-1] if page.cursors else None,
    )
    return Connection(edges=edges, nodes=nodes, page_info=info)


def connect_rows(page: Page[Any], kind: type[R]) -> Connection[R]:
    """A page of rows as a connection of their type."""
    return connect(page, lambda rows: wrap(kind, rows))
