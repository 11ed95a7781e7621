"""The interface Node, and the table of types that `node(id:)` may answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry

from alliance.graphql.engine.compiling.declarations import map_row
from alliance.graphql.engine.context import Context
from alliance.graphql.engine.fields import identity
from alliance.graphql.engine.ids import key_of, read_global_id
from alliance.graphql.engine.loading import RowObject, find_row, wrap_one
from alliance.graphql.engine.permissions import Needed, check
from alliance.platform.kernel.errors import NotFoundError


@strawberry.interface
class Node:
    """Anything with a global id."""

    id: strawberry.ID = identity()


Find = Callable[[Context, UUID], Any | None]


@dataclass(frozen=True, slots=True)
class NodeKind:
    """One type that `node` knows: what it needs, and how one is found in the caller's scope."""

    needs: Needed
    find: Find


NODES: dict[str, NodeKind] = {}


def register_node(name: str, *, needs: Needed, find: Find) -> None:
    """Let `node` answer a type."""
    NODES[name] = NodeKind(needs, find)


def register_row(kind: type[RowObject], model: Any, *, needs: Needed) -> None:
    """Let `node` answer a type that stands for a row of the active shop."""

    def find(context: Context, key: UUID) -> Any | None:
        row = find_row(context.uow, model, key) if context.scope.shop_id else None
        return None if row is None else wrap_one(kind, row)

    register_node(kind.__name__, needs=needs, find=find)
    map_row(kind, model)


def get_node(context: Context, value: str) -> Any:
    """The object of a global id. NotFoundError for another shop's, for none and for a garbled id alike.

    The permission is asked before the look-up, so a refusal says nothing about what exists.
    """
    kind, key = read_global_id(value)
    if kind not in NODES:
        raise NotFoundError
    check(context, NODES[kind].needs)
    found = NODES[kind].find(context, key)
    if found is None:
        raise NotFoundError
    return found


def get_row(context: Context, value: str, kind: str) -> Any:
    """The same for an id that must be of one type."""
    key_of(value, kind)
    return get_node(context, value)
