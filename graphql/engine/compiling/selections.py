"""What a selection asks of one type: fields merged by response key, fragments spread, directives decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionNode,
    VariableNode,
)
from graphql.execution.values import VariableValues
from graphql.utilities import value_from_ast_untyped

from alliance.graphql.engine.compiling.errors import NotCompilableError

# PostgreSQL cuts longer names; a response key must not be cut.
LONGEST_KEY = 63


@dataclass(frozen=True, slots=True)
class Document:
    """The fragments of a document and its coerced variables."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues


def selected(document: Document, kind: GraphQLObjectType, nodes: list[FieldNode]) -> dict[str, list[FieldNode]]:
    """The fields that `nodes` select on an object type, by response key, in the order of the answer."""
    found: dict[str, list[FieldNode]] = {}
    for node in nodes:
        if node.selection_set is not None:
            for field in _walk(document, kind, node.selection_set.selections, frozenset()):
                found.setdefault(key_of(field), []).append(field)
    return found


def key_of(node: FieldNode) -> str:
    """The key of the answer. One that PostgreSQL would cut is not compilable."""
    key = (node.alias or node.name).value
    if len(key) > LONGEST_KEY:
        raise NotCompilableError("a response key longer than a name of PostgreSQL")
    return key


def _walk(
    document: Document, kind: GraphQLObjectType, selections: tuple[SelectionNode, ...], within: frozenset[str]
) -> Iterator[FieldNode]:
    for node in selections:
        if not _included(document, node.directives):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            if node.type_condition is None or _applies(kind, node.type_condition.name.value):
                yield from _walk(document, kind, node.selection_set.selections, within)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            fragment = document.fragments[name]
            if name not in within and _applies(kind, fragment.type_condition.name.value):
                yield from _walk(document, kind, fragment.selection_set.selections, within | {name})


def _applies(kind: GraphQLObjectType, condition: str) -> bool:
    return condition == kind.name or any(
        isinstance(interface, GraphQLInterfaceType) and interface.name == condition for interface in kind.interfaces
    )


def _included(document: Document, directives: tuple[DirectiveNode, ...] | None) -> bool:
    for directive in directives or ():
        if directive.name.value not in {"skip", "include"}:
            raise NotCompilableError(f"the directive @{directive.name.value}")
        (argument,) = directive.arguments or ()
        value = argument.value
        asked = (
            document.variables.coerced.get(value.name.value)
            if isinstance(value, VariableNode)
            else value_from_ast_untyped(value)
        )
        if not isinstance(asked, bool):
            raise NotCompilableError(f"@{directive.name.value} without a value")
        if asked == (directive.name.value == "skip"):
            return False
    return True
