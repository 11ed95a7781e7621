"""What a field with a resolver of its own may declare beside it, so that the read compiler can do without the resolver.

The plain kinds (column, amount, one, many) stand in `engine.fields`. Each declaration here says the same as the
resolver next to it; the equivalence tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import BindParameter, ColumnElement, FromClause, Select, Uuid, bindparam

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.loading import RowObject
from alliance.platform.kernel.paging import Key, PageRequest
from alliance.platform.kernel.texts import Locale

ROWS: dict[type[RowObject], Any] = {}
# The scope's shop; every part of a statement names it, and a request binds it.
SHOP_ID: BindParameter[Any] = bindparam("shop_id", None, Uuid)


def map_row(kind: type[RowObject], model: Any) -> None:
    """Say which table the rows of a type come from."""
    ROWS[kind] = model


@dataclass(frozen=True, slots=True)
class Computed:
    """A scalar that one SQL expression over the row gives; `shop_id` is the bound parameter of the scope's shop."""

    sql: Callable[[FromClause, ColumnElement[Any]], ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """An object of a closed table, found by the code in a column; one that the table has lost reads as `default`.

    Each of its fields is read by a function of the object, the field's arguments and the reader's language.
    """

    attribute: str
    table: Mapping[str, Any]
    default: str
    fields: Mapping[str, Callable[[Any, Mapping[str, Any], Locale], Any]]


@dataclass(frozen=True, slots=True)
class Filled:
    """A value that Python gives, for all rows of an answer at once: a sealed text to be opened, a count, a name.

    The statement brings the named columns: bytes as bytes, None for NULL, anything else as PostgreSQL writes it.
    `fill` answers what JSON can hold, in the order of the rows.
    """

    columns: tuple[str, ...]
    fill: Callable[[Context, Sequence[tuple[Any, ...]]], Sequence[Any]]


class Listed(Protocol):
    """One request for a list, with its arguments read. Requests of equal `shape` differ only in `values`."""

    @property
    def shape(self) -> object:
        """What decides the statement's text."""

    @property
    def request(self) -> PageRequest:
        """The page asked for."""

    @property
    def order(self) -> Sequence[Key]:
        """The list's order."""

    def select(self, name: str) -> Select[Any]:
        """The rows, not yet cut to a page; parameters are named after `name`."""

    def values(self, name: str) -> Mapping[str, Any]:
        """The values of `select`'s parameters."""


@dataclass(frozen=True, slots=True)
class ListedRows:
    """A list's request made of parts: `build` makes the rows' select, `bind` the values of its parameters."""

    shape: object
    request: PageRequest
    order: Sequence[Key]
    build: Callable[[ColumnElement[Any], str], Select[Any]]
    bind: Callable[[str], Mapping[str, Any]]

    def select(self, name: str) -> Select[Any]:
        """The rows, not yet cut to a page."""
        return self.build(SHOP_ID, name)

    def values(self, name: str) -> Mapping[str, Any]:
        """The values of `select`'s parameters."""
        return self.bind(name)


@dataclass(frozen=True, slots=True)
class Listing:
    """A connection over a list of the active shop. `read` turns the field's arguments into the list's request."""

    kind: type[RowObject]
    read: Callable[[Context, Mapping[str, Any]], Listed]


@dataclass(frozen=True, slots=True)
class ActiveShop:
    """A field of the root that answers the active shop. `chooses` says whether its arguments name that one."""

    chooses: Callable[[Context, Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """One row of the active shop that the field's arguments name; where there is none, the executor says so."""

    kind: type[RowObject]
    read: Callable[[Context, Mapping[str, Any]], Listed]


Declared = Computed | Known | Filled | Listing | Found | ActiveShop
