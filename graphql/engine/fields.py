"""How a field of a row's type is read, declared once: a column, an amount, one row, many rows.

The declaration is the field's metadata and is complete: whoever wants to read a selection in another way (one SQL
statement for all of it) finds here which column or key a field stands for, and need not touch the types. A field with
a resolver of its own has no such declaration and is always resolved.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLObjectType, GraphQLResolveInfo

from alliance.graphql.engine.context import Context, Info
from alliance.graphql.engine.ids import global_id
from alliance.graphql.engine.loading import RowObject, wrap
from alliance.graphql.engine.permissions import ACCESS, DEFINITION, Access, Needed, access
from alliance.graphql.engine.scalars import decimal_of
from alliance.platform.kernel.money import minor_to_text
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.models import Shop
from alliance.platform.members.queries import get_shop

READS = "reads"
SIZE = "size"
COST = "cost"
LoadRows = Callable[[UnitOfWork, Collection[UUID]], Mapping[UUID, Any]]
LoadLists = Callable[[UnitOfWork, Collection[UUID]], Mapping[UUID, list[Any]]]


@access(Access.CARRIER)
@strawberry.type
class Money:
    """An exact amount in major units with its currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the row, as it stands there."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The row's id as a global id of its type."""

    attribute: str = "id"


@dataclass(frozen=True, slots=True)
class Amount:
    """Minor units in one column and their currency in another, as Money; `currency` None is the shop's."""

    attribute: str
    currency: str | None
    absent: int | None = None


@dataclass(frozen=True, slots=True)
class Scaled:
    """An integer column of small units as an exact decimal of larger ones: grams as kilograms with `places` 3."""

    attribute: str
    places: int


@dataclass(frozen=True, slots=True)
class ToOne:
    """The row of another table whose id stands in a column of this one; null where the column is."""

    attribute: str
    kind: type[RowObject]


@dataclass(frozen=True, slots=True)
class Through:
    """The row that the row of another table points to: first that one, then its own."""

    first: ToOne
    second: ToOne


@dataclass(frozen=True, slots=True)
class ToMany:
    """The rows of another table that name this row's id in their column `by`, sorted by the columns `order`."""

    kind: type[RowObject]
    by: str
    order: tuple[str, ...]


def money(amount_minor: int | None, currency: str) -> Money | None:
    """Minor units as Money; None where nothing is known."""
    if amount_minor is None:
        return None
    return Money(amount=Decimal(minor_to_text(amount_minor, currency)), currency=currency)


def column(attribute: str, *, needs: Needed | None = None) -> Any:
    """A field that is a column of the row."""

    def read(self: Any) -> Any:
        return getattr(self.row, attribute)

    return _field(read, reads=Column(attribute), needs=needs)


def identity() -> Any:
    """The field `id` of a row's type."""

    def read(self: Any, info: Info) -> Any:
        return global_id(info._raw_info.parent_type.name, self.row.id)

    return _field(read, reads=Identity())


def amount(
    attribute: str, *, currency: str | None = "currency", absent: int | None = None, needs: Needed | None = None
) -> Any:
    """A field that is an amount of money in the row's currency, or with None in the shop's.

    `absent` stands for an amount nobody has given, in minor units; None answers null.
    """

    def read(self: Any, info: Info) -> Any:
        given = getattr(self.row, attribute)
        minor = absent if given is None else given
        if minor is None:
            return None
        return money(minor, getattr(self.row, currency) if currency else active_shop(info.context).currency)

    return _field(read, reads=Amount(attribute, currency, absent), needs=needs)


def scaled(attribute: str, *, places: int, needs: Needed | None = None) -> Any:
    """A field that is an integer of small units as an exact decimal of larger ones."""

    def read(self: Any) -> Any:
        value = getattr(self.row, attribute)
        return None if value is None else decimal_of(value, places=places)

    return _field(read, reads=Scaled(attribute, places), needs=needs)


def one(kind: type[RowObject], attribute: str, *, load: LoadRows, needs: Needed | None = None) -> Any:
    """A field that is another row, read for all peers in one query."""

    def read(self: Any, info: Info) -> Any:
        key = getattr(self.row, attribute)
        return None if key is None else related_one(self, info, kind, attribute, load).get(key)

    return _field(read, reads=ToOne(attribute, kind), needs=needs)


def through(
    first: type[RowObject],
    attribute: str,
    *,
    load: LoadRows,
    second: type[RowObject],
    second_attribute: str,
    load_second: LoadRows,
) -> Any:
    """A field that is the row which the row of another table points to; both read for all peers, in two queries."""

    def read(self: Any, info: Info) -> Any:
        between = related_one(self, info, first, attribute, load).get(getattr(self.row, attribute))
        if between is None:
            return None
        return related_one(between, info, second, second_attribute, load_second).get(
            getattr(between.row, second_attribute)
        )

    return _field(read, reads=Through(ToOne(attribute, first), ToOne(second_attribute, second)))


def many(
    kind: type[RowObject],
    *,
    load: LoadLists,
    by: str,
    size: int,
    order: tuple[str, ...] = ("id",),
    needs: Needed | None = None,
) -> Any:
    """A field that is a list of other rows, read for all peers in one query. `size`: how many the cost assumes.

    `by` and `order` say what `load` does: the column that names this row, and the columns it sorts by.
    """

    def read(self: Any, info: Info) -> Any:
        return related_many(self, info, kind, load).get(self.row.id, [])

    return _field(read, reads=ToMany(kind, by, order), needs=needs, size=size)


def active_shop(context: Context) -> Shop:
    """The active shop's row, read at most once in a request."""
    return context.once("shop", lambda: get_shop(context.uow))


def resolved(
    *,
    needs: Needed | None = None,
    size: int | None = None,
    cost: int | None = None,
    name: str | None = None,
    reads: object | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """The decorator of a field with a resolver of its own; `reads` says the same for the read compiler."""
    return lambda resolver: _field(resolver, needs=needs, size=size, cost=cost, name=name, reads=reads)


def related_one(
    source: RowObject, info: Info, kind: type[RowObject], attribute: str, load: LoadRows
) -> Mapping[UUID, Any]:
    """What the column points to, by id, for the row and all its peers."""

    def read(rows: Any) -> dict[UUID, Any]:
        keys = {key for row in rows if (key := getattr(row, attribute)) is not None}
        return {item.row.id: item for item in wrap(kind, load(info.context.uow, keys).values())}

    return source.batch.related((attribute, kind), read)


def related_many(source: RowObject, info: Info, kind: type[RowObject], load: LoadLists) -> Mapping[UUID, list[Any]]:
    """What names the row's id, by that id, for the row and all its peers; all of it one batch again."""

    def read(rows: Any) -> dict[UUID, list[Any]]:
        found = load(info.context.uow, [row.id for row in rows])
        items = iter(wrap(kind, [child for children in found.values() for child in children]))
        return {key: [next(items) for _child in children] for key, children in found.items()}

    return source.batch.related((load, kind), read)


def read_columns_directly(kind: GraphQLObjectType) -> None:
    """Let plain columns be read without the resolver's machinery: they are most of the fields of a page."""
    for field in kind.fields.values():
        reads = field.extensions[DEFINITION].metadata.get(READS)
        if isinstance(reads, Column) and not field.extensions.get(ACCESS):
            field.resolve = _direct(reads.attribute)


def _direct(attribute: str) -> Callable[..., Any]:
    def read(source: Any, _info: GraphQLResolveInfo[Any]) -> Any:
        return getattr(source.row, attribute)

    return read


def _field(resolver: Callable[..., Any], *, name: str | None = None, needs: Needed | None = None, **more: Any) -> Any:
    metadata = {key: value for key, value in more.items() if value is not None}
    if needs is not None:
        metadata[ACCESS] = needs
    description = " ".join((inspect.getdoc(resolver) or "").split()) or None
    return strawberry.field(resolver=resolver, name=name, metadata=metadata, description=description)
