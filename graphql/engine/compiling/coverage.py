"""What the read compiler can read: checked when the schema is built, and told to whoever asks.

A declaration that names a column its table does not have stops the start. A field without one is no fault: it is left
to the executor, and `alliance doctor` lists it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLEnumType, GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type
from sqlalchemy import CheckConstraint, Table

from alliance.graphql.engine.compiling.declarations import ROWS, SHOP_ID, Computed, Filled, Found, Known, Listing
from alliance.graphql.engine.compiling.errors import NotCompilableError
from alliance.graphql.engine.compiling.expressions import leaf
from alliance.graphql.engine.compiling.statements import reads_of
from alliance.graphql.engine.fields import Amount, Column, Identity, Scaled, Through, ToMany, ToOne
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.permissions import DEFINITION, object_types

CODES = re.compile(r"'([^']*)'")
# The fields that make a type a page, an edge or the place of a page in its list.
PAGING = (frozenset({"edges", "pageInfo"}), frozenset({"cursor", "node"}), frozenset({"endCursor"}))


def check_declarations(schema: GraphQLSchema) -> None:
    """LookupError where a field declares to be read by what is not there, with everything that is wrong."""
    faults = [fault for kind, table in mapped_types(schema) for fault in _faults(kind, table)]
    if faults:
        raise LookupError("; ".join(faults))


def mapped_types(schema: GraphQLSchema) -> Iterator[tuple[GraphQLObjectType, Table]]:
    """The types that stand for rows of a table, with it."""
    for kind in object_types(schema):
        origin = getattr(kind.extensions.get(DEFINITION), "origin", None)
        if origin in ROWS:
            yield kind, ROWS[origin].__table__


def left_to_executor(schema: GraphQLSchema) -> list[str]:
    """`Type` without a table, and `Type.field` without a declaration, in the order of their names.

    Pages and amounts are read as parts of what leads to them, and closed tables by the code that names their objects.
    """
    mapped = {kind.name for kind, _table in mapped_types(schema)}
    known = {get_named_type(field.type).name for field in _fields(schema) if isinstance(_reads(field), Known)}
    amounts = {get_named_type(field.type).name for field in _fields(schema) if isinstance(_reads(field), Amount)}
    left: list[str] = []
    for kind in _readable_types(schema):
        if kind.name in known | amounts or any(fields <= kind.fields.keys() for fields in PAGING):
            continue
        if kind.name in mapped or kind is schema.query_type:
            left += [f"{kind.name}.{name}" for name, field in kind.fields.items() if _reads(field) is None]
        else:
            left.append(kind.name)
    return left


def _readable_types(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    """The object types that a query can reach, by name."""
    reached: set[str] = set()
    waiting = [schema.query_type] if schema.query_type else []
    while waiting:
        kind = waiting.pop()
        if kind.name not in reached:
            reached.add(kind.name)
            named = (get_named_type(field.type) for field in kind.fields.values())
            waiting += [target for target in named if isinstance(target, GraphQLObjectType)]
    return [kind for kind in object_types(schema) if kind.name in reached]


def _fields(schema: GraphQLSchema) -> Iterator[GraphQLField]:
    for kind in _readable_types(schema):
        yield from kind.fields.values()


def _reads(field: GraphQLField) -> object:
    return reads_of(field) if DEFINITION in field.extensions else None


def _faults(kind: GraphQLObjectType, table: Table) -> Iterator[str]:
    for name, field in kind.fields.items():
        reads = _reads(field)
        missing = [column for column in _columns(reads, table) if column not in table.c]
        if missing:
            yield f"{kind.name}.{name} reads {', '.join(missing)}, which {table} has not"
        elif isinstance(reads, Column):
            yield from _scalar_faults(f"{kind.name}.{name}", table, reads.attribute, field)
        elif isinstance(reads, Computed):
            reads.sql(table.alias(), SHOP_ID)
        yield from _target_faults(f"{kind.name}.{name}", reads)


def _columns(reads: object, table: Table) -> tuple[str, ...]:
    """The columns of the row's own table that a declaration names."""
    match reads:
        case Column(attribute) | Identity(attribute) | Scaled(attribute, _) | ToOne(attribute, _):
            return (attribute,)
        case Amount(attribute, currency, _):
            return (attribute, currency) if currency else (attribute,)
        case Through(first, _):
            return (first.attribute,)
        case Known(attribute, _, _, _):
            return (attribute,)
        case Filled(columns, _):
            return columns
        case ToMany():
            return tuple(column.name for column in table.primary_key)
        case _:
            return ()


def _target_faults(place: str, reads: object) -> Iterator[str]:
    """What is wrong with the tables that a declaration leads to."""
    wanted: list[tuple[type[RowObject], tuple[str, ...]]] = []
    match reads:
        case ToOne(_, kind):
            wanted = [(kind, ("shop_id", "id"))]
        case Through(first, second):
            wanted = [(first.kind, ("shop_id", "id", second.attribute)), (second.kind, ("shop_id", "id"))]
        case ToMany(kind, by, order):
            wanted = [(kind, ("shop_id", by, *order))]
        case Listing(kind, _) | Found(kind, _):
            wanted = [(kind, ("shop_id",))]
    for kind, columns in wanted:
        if kind not in ROWS:
            yield f"{place} leads to {kind.__name__}, which has no table"
            continue
        table = ROWS[kind].__table__
        missing = [column for column in columns if column not in table.c]
        if missing:
            yield f"{place} reads {', '.join(missing)}, which {table} has not"


def _scalar_faults(place: str, table: Table, attribute: str, field: GraphQLField) -> Iterator[str]:
    column: Any = table.c[attribute]
    try:
        leaf(column, field.type)
    except NotCompilableError as problem:
        yield f"{place}: {problem}"
        return
    named = get_named_type(field.type)
    if isinstance(named, GraphQLEnumType):
        codes = {str(getattr(member.value, "value", member.value)) for member in named.values.values()}
        unknown = _allowed(table, attribute) - codes
        if unknown or not _allowed(table, attribute):
            yield f"{place}: {table} allows codes that {named.name} does not know"


def _allowed(table: Table, attribute: str) -> set[str]:
    """The codes that a table's CHECK allows in a column; none where it has no such CHECK."""
    checks = [rule for rule in table.constraints if isinstance(rule, CheckConstraint)]
    mine = [str(rule.sqltext) for rule in checks if re.search(rf"\b{attribute}\b IN \(", str(rule.sqltext))]
    return {code for text in mine for code in CODES.findall(text)}
