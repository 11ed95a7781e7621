"""A connection as one JSON object: the page is read once, its nodes, edges and page info are built from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType
from sqlalchemy import CTE, ColumnElement, Integer, Select, bindparam, func, literal, select

from alliance.graphql.engine.compiling import expressions as sql
from alliance.graphql.engine.compiling.declarations import Listed
from alliance.graphql.engine.compiling.errors import NotCompilableError
from alliance.graphql.engine.compiling.objects import (
    field_value,
    json_list,
    json_object,
    json_pairs,
    object_columns,
    object_type,
)
from alliance.graphql.engine.compiling.parts import Parts
from alliance.graphql.engine.compiling.selections import selected
from alliance.platform.kernel.paging import page_select, page_values

NUMBER = "$number"


def connection(
    parts: Parts, definition: GraphQLField, nodes: list[FieldNode], listed: Listed, name: str
) -> ColumnElement[Any]:
    """The connection's selection over the page that `listed` asks for; its parameters are named after `name`."""
    kind = object_type(definition)
    page = _page(listed, name)
    fields = selected(parts.document, kind, nodes)
    return json_pairs({key: _field(parts, kind, asked, page, listed, name) for key, asked in fields.items()})


def found_row(
    parts: Parts, definition: GraphQLField, nodes: list[FieldNode], listed: Listed, name: str
) -> ColumnElement[Any]:
    """The selection on the one row that `listed` names; null where there is none."""
    row = page_select(listed.select(name), order=listed.order, request=listed.request, name=name).limit(1).cte(name)
    return json_object(object_columns(parts, object_type(definition), row, nodes), select(row))


def list_values(listed: Listed, name: str) -> dict[str, Any]:
    """The values of the connection's parameters."""
    size = {f"{name}_size": listed.request.size}
    return {**listed.values(name), **page_values(order=listed.order, request=listed.request, name=name), **size}


def _page(listed: Listed, name: str) -> CTE:
    """The page's rows and one more, each with its number in the direction of travel."""
    # The number stands in the text, as in `paging.list_page`: else PostgreSQL plans the statement anew each time.
    most = bindparam(None, listed.request.size + 1, Integer, literal_execute=True)
    paged = page_select(listed.select(name), order=listed.order, request=listed.request, name=name).limit(most)
    rows = paged.subquery()
    return select(rows, func.row_number().over().label(NUMBER)).cte(f"{name}$page")


def _field(
    parts: Parts, kind: GraphQLObjectType, nodes: list[FieldNode], page: CTE, listed: Listed, name: str
) -> ColumnElement[Any]:
    match nodes[0].name.value:
        case "__typename":
            return sql.constant(kind.name)
        case "nodes":
            return _nodes(parts, kind.fields["nodes"], nodes, page, listed, name)
        case "edges":
            return _edges(parts, kind.fields["edges"], nodes, page, listed, name)
        case "pageInfo":
            return _page_info(parts, kind.fields["pageInfo"], nodes, page, listed, name)
        case other:
            raise NotCompilableError(f"{kind.name}.{other} is resolved")


def _shown(page: CTE, listed: Listed, name: str) -> Select[Any]:
    """The page's rows without the one more, in the list's order."""
    number = page.c[NUMBER]
    return (
        select(page)
        .where(number <= bindparam(f"{name}_size", None, Integer))
        .order_by(number.desc() if listed.request.backward else number)
    )


def _nodes(
    parts: Parts, definition: GraphQLField, nodes: list[FieldNode], page: CTE, listed: Listed, name: str
) -> ColumnElement[Any]:
    return json_list(object_columns(parts, object_type(definition), page, nodes), _shown(page, listed, name))


def _edges(
    parts: Parts, definition: GraphQLField, nodes: list[FieldNode], page: CTE, listed: Listed, name: str
) -> ColumnElement[Any]:
    kind = object_type(definition)
    columns: list[ColumnElement[Any]] = []
    for key, asked in selected(parts.document, kind, nodes).items():
        match asked[0].name.value:
            case "__typename":
                value: ColumnElement[Any] = sql.constant(kind.name)
            case "cursor":
                value = _cursor(page, listed, name)
            case _:
                value = _node(parts, object_type(kind.fields["node"]), page, asked)
        columns.append(value.label(key))
    return json_list(columns, _shown(page, listed, name))


def _node(parts: Parts, kind: GraphQLObjectType, page: CTE, nodes: list[FieldNode]) -> ColumnElement[Any]:
    """The node of an edge: the same row of the page, one object deeper."""
    fields = selected(parts.document, kind, nodes)
    return json_pairs({key: field_value(parts, kind, page, asked) for key, asked in fields.items()})


def _cursor(page: CTE, listed: Listed, name: str) -> ColumnElement[str]:
    return sql.cursor([page.c[f"{name}$key{i}"] for i in range(len(listed.order))])


def _page_info(
    parts: Parts, definition: GraphQLField, nodes: list[FieldNode], page: CTE, listed: Listed, name: str
) -> ColumnElement[Any]:
    kind = object_type(definition)
    number, size = page.c[NUMBER], bindparam(f"{name}_size", None, Integer)
    more = select(func.count() > size).select_from(page).scalar_subquery()
    came = literal(listed.request.cursor is not None)
    backward = listed.request.backward
    near = select(_cursor(page, listed, name)).where(number == 1, number <= size).scalar_subquery()
    last = select(func.least(func.count(), size)).select_from(page).scalar_subquery()
    far = select(_cursor(page, listed, name)).where(number == last).scalar_subquery()
    values: Mapping[str, ColumnElement[Any]] = {
        "__typename": sql.constant(kind.name),
        "hasNextPage": came if backward else more,
        "hasPreviousPage": more if backward else came,
        "startCursor": far if backward else near,
        "endCursor": near if backward else far,
    }
    fields = selected(parts.document, kind, nodes)
    return json_pairs({key: values[asked[0].name.value] for key, asked in fields.items()})
