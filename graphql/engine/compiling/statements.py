"""A document's compilable parts as one statement, and what another request of the same shape must bind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
)
from sqlalchemy import ColumnElement, FromClause, String, cast, func, literal, select

from alliance.graphql.engine.compiling.declarations import SHOP_ID, ActiveShop, Filled, Found, Listed, Listing
from alliance.graphql.engine.compiling.errors import NotCompilableError
from alliance.graphql.engine.compiling.listings import connection, found_row, list_values
from alliance.graphql.engine.compiling.objects import field_value, object_type
from alliance.graphql.engine.compiling.parts import HOLE_MARK, ListField, MapOf, Parts
from alliance.graphql.engine.compiling.selections import Document, selected
from alliance.graphql.engine.context import Context
from alliance.graphql.engine.fields import READS
from alliance.graphql.engine.permissions import ACCESS, DEFINITION
from alliance.platform.kernel.errors import AllianceError
from alliance.platform.kernel.roundtrip import DIALECT
from alliance.platform.members.models import Shop

Path = tuple[str, ...]
BOUND = frozenset({"shop_id", HOLE_MARK})
# SQLAlchemy's own names for values that stand in an expression.
ANONYMOUS = re.compile(r"[a-z_]+_\d+(_\d+)?")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL whose columns are the JSON of `paths`; `complete` where nothing of the document is left to the executor.

    `left` says of each path that is, why. Where one of `must_be` is null, the executor answers it.
    """

    sql: bytes
    constants: Mapping[str, Any]
    paths: tuple[Path, ...]
    complete: bool
    maps: Mapping[str, MapOf]
    holes: tuple[Filled, ...]
    left: Mapping[Path, str]
    must_be: frozenset[Path]


def find_lists(schema: GraphQLSchema, operation: OperationDefinitionNode, document: Document) -> dict[Path, ListField]:
    """The connections of the active shop that the document asks for, by path: their arguments decide the shape."""
    found: dict[Path, ListField] = {}
    for path, definition, nodes in shop_fields(schema, operation, document):
        listing = reads_of(definition) if definition is not None else None
        if isinstance(listing, Listing | Found) and definition is not None:
            found[path] = ListField(listing, definition, nodes[0])
    return found


def shop_fields(
    schema: GraphQLSchema, operation: OperationDefinitionNode, document: Document
) -> list[tuple[Path, GraphQLField | None, list[FieldNode]]]:
    """The fields below each `shop` of the root, by path; a definition of None is `__typename`."""
    found = []
    for root_path, root, roots in root_fields(schema, operation, document):
        if root is not None and isinstance(reads_of(root), ActiveShop):
            kind = object_type(root)
            for key, nodes in selected(document, kind, roots).items():
                found.append(((*root_path, key), kind.fields.get(nodes[0].name.value), nodes))
    return found


def root_fields(
    schema: GraphQLSchema, operation: OperationDefinitionNode, document: Document
) -> list[tuple[Path, GraphQLField | None, list[FieldNode]]]:
    """The fields of the root, by path."""
    root = schema.query_type
    if root is None:
        return []
    whole = FieldNode(name=NameNode(value="query"), selection_set=operation.selection_set)
    asked = selected(document, root, [whole])
    return [((key,), root.fields.get(nodes[0].name.value), nodes) for key, nodes in asked.items()]


def compile_statement(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    document: Document,
    context: Context,
    lists: Mapping[Path, Listed],
) -> Statement | None:
    """The statement for all that can be compiled; None where that is nothing."""
    parts = Parts(document, context)
    shop: FromClause = Shop.__table__.alias()
    columns: dict[Path, ColumnElement[Any]] = {}
    left: dict[Path, str] = {}
    must_be: set[Path] = set()
    for path, definition, nodes in shop_fields(schema, operation, document):
        attempt = parts.fork()
        try:
            value = _value(attempt, schema, definition, nodes, shop, lists.get(path), f"list{len(columns)}")
            attempt.check()
        except NotCompilableError as reason:
            left[path] = str(reason)
            continue
        parts = attempt
        columns[path] = value
        if definition is not None and isinstance(reads_of(definition), Found):
            must_be.add(path)
    asked = {path[0] for path in (*columns, *left)}
    for path, root, _nodes in root_fields(schema, operation, document):
        if root is None or not isinstance(reads_of(root), ActiveShop):
            left[path] = "not of the active shop"
        elif path[0] not in asked:
            left[path] = "nothing is asked of it"
    if not columns:
        return None
    bound = frozenset(_list_values(lists, tuple(columns))) | parts.maps.keys() | BOUND
    return _statement(parts, columns, shop, left, frozenset(must_be), bound)


def values_of(lists: Mapping[Path, Listed], statement: Statement) -> dict[str, Any]:
    """The parameters of the statement's lists."""
    return _list_values(lists, statement.paths)


def _list_values(lists: Mapping[Path, Listed], paths: tuple[Path, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for i, path in enumerate(paths):
        if path in lists:
            values |= list_values(lists[path], f"list{i}")
    return values


def constants_of(parameters: Mapping[str, Any], bound: frozenset[str]) -> dict[str, Any]:
    """The parameters that no request binds: words of ours. Any other is a request's, and a statement that kept one
    would answer the next caller with it: NotCompilableError.
    """
    kept = {name: value for name, value in parameters.items() if name not in bound}
    for name, value in kept.items():
        if not isinstance(value, str | int | bool | None) or not ANONYMOUS.fullmatch(name):
            raise NotCompilableError(f"the parameter {name} would be kept")
    return kept


def reads_of(definition: GraphQLField) -> object:
    """What a field declares to be read by."""
    return definition.extensions[DEFINITION].metadata.get(READS)


def _value(
    parts: Parts,
    schema: GraphQLSchema,
    definition: GraphQLField | None,
    nodes: list[FieldNode],
    shop: FromClause,
    listed: Listed | None,
    name: str,
) -> ColumnElement[Any]:
    kind = schema.type_map["Shop"]
    if not isinstance(kind, GraphQLObjectType):
        raise NotCompilableError("no type Shop")
    if definition is not None and listed is not None:
        parts.permissions |= definition.extensions.get(ACCESS, frozenset())
        whole = connection if isinstance(reads_of(definition), Listing) else found_row
        return whole(parts, definition, nodes, listed, name)
    return field_value(parts, kind, shop, nodes)


def _statement(
    parts: Parts,
    columns: Mapping[Path, ColumnElement[Any]],
    shop: FromClause,
    left: Mapping[Path, str],
    must_be: frozenset[Path],
    bound: frozenset[str],
) -> Statement:
    texts = [_json_text(value).label(f"answer${i}") for i, value in enumerate(columns.values())]
    statement = select(*texts).select_from(shop).where(shop.c.id == SHOP_ID)
    compiled = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return Statement(
        sql=str(compiled).encode(),
        constants=constants_of(compiled.params, bound),
        paths=tuple(columns),
        complete=not left,
        maps=parts.maps,
        holes=tuple(parts.holes),
        left=left,
        must_be=must_be,
    )


def _json_text(value: ColumnElement[Any]) -> ColumnElement[str]:
    return (
        cast(func.to_json(value), String) if not _is_literal(value) else cast(func.to_json(cast(value, String)), String)
    )


def _is_literal(value: ColumnElement[Any]) -> bool:
    return type(value) is type(literal(""))


def list_shapes(lists: Mapping[Path, Listed]) -> tuple[object, ...]:
    """What the statement's text depends on beside the document: the shape of each list's request."""
    return tuple(
        (path, listed.shape, listed.request.backward, listed.request.cursor is not None, listed.request.size)
        for path, listed in lists.items()
    )


def read_lists(fields: Mapping[Path, ListField], document: Document, context: Context) -> dict[Path, Listed]:
    """Each list's request; one whose arguments are refused is left out, so that the executor refuses it."""
    read: dict[Path, Listed] = {}
    for path, field in fields.items():
        try:
            listed = field.read(context, document.variables)
            list_values(listed, "probe")
        except (AllianceError, GraphQLError):
            continue
        read[path] = listed
    return read
