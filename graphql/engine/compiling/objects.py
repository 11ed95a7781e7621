"""One row of a type as a JSON object: its columns, the rows it points to, the rows that point to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    get_argument_values,
    get_named_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues
from sqlalchemy import JSON, ColumnElement, FromClause, Select, String, bindparam, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import literal_column

from alliance.graphql.engine.compiling import expressions as sql
from alliance.graphql.engine.compiling.declarations import ROWS, SHOP_ID, Computed, Filled, Known
from alliance.graphql.engine.compiling.errors import NotCompilableError
from alliance.graphql.engine.compiling.parts import Parts
from alliance.graphql.engine.compiling.selections import selected
from alliance.graphql.engine.fields import READS, Amount, Column, Identity, Scaled, Through, ToMany, ToOne
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.permissions import ACCESS, DEFINITION
from alliance.platform.kernel.texts import Locale
from alliance.platform.members.models import Shop

# '$' cannot stand in a GraphQL name, so no alias of a client can be this one.
OBJECT = "$object"
# A function of PostgreSQL takes a hundred arguments.
MOST_PAIRS = 50


def object_columns(
    parts: Parts, kind: GraphQLObjectType, row: FromClause, nodes: list[FieldNode]
) -> Sequence[ColumnElement[Any]]:
    """The selection on one row, a labelled column for each response key, in the order of the answer."""
    fields = selected(parts.document, kind, nodes)
    return [field_value(parts, kind, row, asked).label(key) for key, asked in fields.items()]


def field_value(parts: Parts, kind: GraphQLObjectType, row: FromClause, nodes: list[FieldNode]) -> ColumnElement[Any]:
    """One field of a row as an SQL expression. NotCompilableError where it declares nothing to read it by."""
    name = nodes[0].name.value
    if name == "__typename":
        return sql.constant(kind.name)
    definition = kind.fields[name]
    parts.permissions |= definition.extensions.get(ACCESS, frozenset())
    reads = definition.extensions[DEFINITION].metadata.get(READS)
    match reads:
        case Column() | Identity() | Scaled() | Computed():
            return _scalar(kind, definition, row, reads)
        case Amount(attribute, currency, absent):
            minor = column_of(row, attribute)
            given = minor if absent is None else func.coalesce(minor, literal_column(str(absent)))
            return _amount(parts, definition, nodes, given, _currency(row, currency))
        case ToOne() | Through() | ToMany():
            return _related(parts, definition, nodes, row, reads)
        case Known() as known:
            return _known(parts, definition, nodes, column_of(row, known.attribute), known)
        case Filled() as filled:
            return _filled(parts, row, filled)
        case _:
            raise NotCompilableError(f"{kind.name}.{name} is resolved")


def _scalar(
    kind: GraphQLObjectType, definition: GraphQLField, row: FromClause, reads: Column | Identity | Scaled | Computed
) -> ColumnElement[Any]:
    match reads:
        case Column(attribute):
            return sql.leaf(column_of(row, attribute), definition.type)
        case Identity(attribute):
            return sql.global_id(kind.name, column_of(row, attribute))
        case Scaled(attribute, places):
            return sql.decimal(column_of(row, attribute), places)
        case Computed(expression):
            return expression(row, SHOP_ID)


def _related(
    parts: Parts,
    definition: GraphQLField,
    nodes: list[FieldNode],
    row: FromClause,
    reads: ToOne | Through | ToMany,
) -> ColumnElement[Any]:
    match reads:
        case ToOne() as one:
            return _required(_one(parts, definition, nodes, row, one), definition, column_of(row, one.attribute))
        case Through(first, second):
            found = _through(parts, definition, nodes, row, first, second)
            return _required(found, definition, column_of(row, first.attribute))
        case ToMany() as many:
            return _many(parts, definition, nodes, row, many)


def column_of(row: FromClause, attribute: str) -> ColumnElement[Any]:
    """A column of the row by its name. A Python property of the model is no column: NotCompilableError."""
    if attribute not in row.c:
        raise NotCompilableError(f"{attribute} is no column of {row}")
    return row.c[attribute]


def json_pairs(values: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """Values of the row at hand as one JSON object."""
    if not 0 < len(values) <= MOST_PAIRS:
        raise NotCompilableError(f"{len(values)} fields of one object")
    pairs = [part for key, value in values.items() for part in (sql.constant(key), value)]
    return func.json_build_object(*pairs, type_=JSON)


def json_object(columns: Iterable[ColumnElement[Any]], source: Select[Any]) -> ColumnElement[Any]:
    """Labelled columns as one JSON object, from the one row of `source`; null where there is none."""
    chosen = list(columns)
    if not chosen:
        raise NotCompilableError("an empty selection")
    inner = source.with_only_columns(*chosen, maintain_column_froms=True).subquery(OBJECT)
    whole = func.row_to_json(literal_column(f'"{OBJECT}"'), type_=JSON)
    return select(whole).select_from(inner).scalar_subquery()


def json_list(columns: Iterable[ColumnElement[Any]], source: Select[Any]) -> ColumnElement[Any]:
    """The rows of `source`, in its order, as a JSON list of objects; `[]` where there is none."""
    chosen = list(columns)
    if not chosen:
        raise NotCompilableError("an empty selection")
    inner = source.with_only_columns(*chosen, maintain_column_froms=True).subquery(OBJECT)
    whole = func.json_agg(func.row_to_json(literal_column(f'"{OBJECT}"')), type_=JSON)
    return select(func.coalesce(whole, cast(sql.constant("[]"), JSON), type_=JSON)).select_from(inner).scalar_subquery()


def object_type(definition: GraphQLField) -> GraphQLObjectType:
    """The object type a field leads to; an abstract one is not compilable."""
    kind = get_named_type(definition.type)
    if not isinstance(kind, GraphQLObjectType):
        raise NotCompilableError(f"{kind} is abstract")
    return kind


def table_of(kind: type[RowObject]) -> FromClause:
    """A fresh alias of the table behind a type. A type that no table is declared for is not compilable."""
    model = ROWS.get(kind)
    if model is None:
        raise NotCompilableError(f"{kind.__name__} has no table")
    table: FromClause = model.__table__.alias()
    return table


def _one(
    parts: Parts, definition: GraphQLField, nodes: list[FieldNode], row: FromClause, one: ToOne
) -> ColumnElement[Any]:
    table = table_of(one.kind)
    source = select(table).where(table.c.shop_id == SHOP_ID, table.c.id == column_of(row, one.attribute)).correlate(row)
    return json_object(object_columns(parts, object_type(definition), table, nodes), source)


def _through(
    parts: Parts, definition: GraphQLField, nodes: list[FieldNode], row: FromClause, first: ToOne, second: ToOne
) -> ColumnElement[Any]:
    between, table = table_of(first.kind), table_of(second.kind)
    source = (
        select(table)
        .select_from(between)
        .join(table, (table.c.shop_id == between.c.shop_id) & (table.c.id == column_of(between, second.attribute)))
        .where(between.c.shop_id == SHOP_ID, between.c.id == column_of(row, first.attribute))
        .where(table.c.shop_id == SHOP_ID)
        .correlate(row)
    )
    return json_object(object_columns(parts, object_type(definition), table, nodes), source)


def _many(
    parts: Parts, definition: GraphQLField, nodes: list[FieldNode], row: FromClause, many: ToMany
) -> ColumnElement[Any]:
    table = table_of(many.kind)
    source = (
        select(table)
        .where(table.c.shop_id == SHOP_ID, column_of(table, many.by) == row.c.id)
        .order_by(*[column_of(table, name) for name in many.order])
        .correlate(row)
    )
    return json_list(object_columns(parts, object_type(definition), table, nodes), source)


def _required(value: ColumnElement[Any], definition: GraphQLField, key: ColumnElement[Any]) -> ColumnElement[Any]:
    """A row that must be there; where it is not, the statement fails, for a uuid is no JSON: the executor answers."""
    if not is_non_null_type(definition.type):
        return value
    return func.coalesce(value, cast(cast(key, String), JSON), type_=JSON)


def _currency(row: FromClause, name: str | None) -> ColumnElement[Any]:
    if name is not None:
        return column_of(row, name)
    return select(Shop.currency).where(Shop.id == SHOP_ID).scalar_subquery()


def _amount(
    parts: Parts,
    definition: GraphQLField,
    nodes: list[FieldNode],
    minor: ColumnElement[Any],
    currency: ColumnElement[Any],
) -> ColumnElement[Any]:
    kind = object_type(definition)
    values = {"amount": sql.amount(minor, currency), "currency": currency, "__typename": sql.constant(kind.name)}
    fields = selected(parts.document, kind, nodes)
    whole = json_pairs({key: values[asked[0].name.value] for key, asked in fields.items()})
    return case((minor.is_not(None), whole))


def _known(
    parts: Parts, definition: GraphQLField, nodes: list[FieldNode], code: ColumnElement[Any], known: Known
) -> ColumnElement[Any]:
    """A parameter brings the selection on every object of the table; the row picks its own by its code."""
    kind = object_type(definition)
    fields = selected(parts.document, kind, nodes)
    if not {asked[0].name.value for asked in fields.values()} <= {*known.fields, "__typename"}:
        raise NotCompilableError(f"{kind.name} has a resolved field")
    name = parts.name("known_")

    def made(variables: VariableValues, locale: Locale) -> str:
        arguments = {
            key: get_argument_values(kind.fields[asked[0].name.value], asked[0], variables)
            for key, asked in fields.items()
            if asked[0].name.value in kind.fields
        }
        return json.dumps(
            {
                handle: json.dumps(
                    {
                        key: kind.name
                        if asked[0].name.value == "__typename"
                        else known.fields[asked[0].name.value](item, arguments[key], locale)
                        for key, asked in fields.items()
                    },
                    ensure_ascii=False,
                )
                for handle, item in known.table.items()
            },
            ensure_ascii=False,
        )

    parts.maps[name] = made
    table = bindparam(name, None, JSONB)
    text = func.coalesce(table.op("->>")(code), table.op("->>")(sql.constant(known.default)))
    return case((code.is_not(None), cast(text, JSON)))


def _filled(parts: Parts, row: FromClause, filled: Filled) -> ColumnElement[Any]:
    """What the value is made from, behind a mark that the answer is searched for."""
    whole: ColumnElement[Any] = parts.hole(filled)
    for i, name in enumerate(filled.columns):
        value = func.coalesce(sql.raw(column_of(row, name)), sql.constant(""))
        whole = whole.concat(sql.constant("," if i else "")).concat(value)
    return whole
