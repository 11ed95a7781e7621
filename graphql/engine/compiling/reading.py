"""Answering what can be compiled of a request: all of it, or some fields beside the executor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    get_argument_values,
    visit,
)
from graphql.execution.execute import Executor
from graphql.execution.values import VariableValues, get_variable_values
from graphql.language import Visitor

from alliance.graphql.engine.compiling.cache import StatementCache
from alliance.graphql.engine.compiling.declarations import ActiveShop
from alliance.graphql.engine.compiling.errors import NotCompilableError
from alliance.graphql.engine.compiling.running import run_statement
from alliance.graphql.engine.compiling.selections import Document
from alliance.graphql.engine.compiling.statements import (
    Path,
    Statement,
    compile_statement,
    find_lists,
    list_shapes,
    read_lists,
    reads_of,
    root_fields,
)
from alliance.graphql.engine.context import Context

FRAGMENTS = "compiled fragments"


@dataclass(frozen=True, slots=True)
class Compiled:
    """JSON by path from the root, and whether it is the whole answer."""

    parts: Mapping[Path, bytes]
    complete: bool
    statement: Statement


@dataclass(frozen=True, slots=True)
class Asked:
    """A validated document: its text and tree, the operation to run, and the variables that decide its selection."""

    text: str
    document: DocumentNode
    operation: OperationDefinitionNode
    deciding: tuple[str, ...]


def read(
    schema: GraphQLSchema, statements: StatementCache, asked: Asked, variables: Mapping[str, Any], context: Context
) -> Compiled | None:
    """The compiled parts of the answer; None where there is none, or where the executor must say what is wrong."""
    operation = asked.operation
    if operation.operation is not OperationType.QUERY or context.scope.shop_id is None:
        return None
    coerced = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    if not isinstance(coerced, VariableValues):
        return None
    try:
        return _read(schema, statements, asked, Document(_fragments(asked.document), coerced), context)
    except NotCompilableError:
        return None


def _read(
    schema: GraphQLSchema, statements: StatementCache, asked: Asked, document: Document, context: Context
) -> Compiled | None:
    if not _names_active_shop(schema, asked.operation, document, context):
        return None
    lists = read_lists(find_lists(schema, asked.operation, document), document, context)
    decided = tuple(document.variables.coerced.get(name) for name in asked.deciding)
    name = asked.operation.name.value if asked.operation.name else None
    statement = statements.get(
        asked.text,
        (name, decided, context.scope.permissions, list_shapes(lists)),
        lambda: compile_statement(schema, asked.operation, document, context, lists),
    )
    if statement is None:
        return None
    answers = run_statement(statement, context, lists, document.variables)
    if answers is None:
        return None
    missing = {path for path in statement.must_be if answers[path] == b"null"}
    parts = {path: answer for path, answer in answers.items() if path not in missing}
    return Compiled(parts, statement.complete and not missing, statement)


def _names_active_shop(
    schema: GraphQLSchema, operation: OperationDefinitionNode, document: Document, context: Context
) -> bool:
    """Whether every `shop` of the root names the active one; else the executor refuses it."""
    for _path, definition, nodes in root_fields(schema, operation, document):
        reads = reads_of(definition) if definition is not None else None
        if isinstance(reads, ActiveShop) and definition is not None:
            try:
                arguments = get_argument_values(definition, nodes[0], document.variables)
            except GraphQLError:
                return False
            if not reads.chooses(context, arguments):
                return False
    return True


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


class _Deciding(Visitor):
    """Collects the variables that `@skip` and `@include` ask."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_rest: object) -> None:
        """One directive of the document."""
        values = [argument.value for argument in node.arguments or ()]
        self.names |= {value.name.value for value in values if isinstance(value, VariableNode)}


def deciding_variables(document: DocumentNode) -> tuple[str, ...]:
    """The variables that decide what a document selects, by name."""
    visitor = _Deciding()
    visit(document, visitor)
    return tuple(sorted(visitor.names))


def whole_answer(compiled: Compiled) -> bytes:
    """The data of a complete answer: each `shop` of the root with its fields, in the order asked."""
    shops: dict[str, list[bytes]] = {}
    for (root, key), part in compiled.parts.items():
        shops.setdefault(root, []).append(orjson.dumps(key) + b":" + part)
    inner = [orjson.dumps(root) + b":{" + b",".join(fields) + b"}" for root, fields in shops.items()]
    return b"{" + b",".join(inner) + b"}"


def give_to_executor(compiled: Compiled, context: Context) -> None:
    """Leave the compiled parts where `CompiledExecutor` finds them."""
    context.remembered[FRAGMENTS] = compiled.parts


class CompiledExecutor(Executor[Context]):
    """The executor, but for fields that are compiled already: those are put into the answer as they are."""

    def execute_field(
        self, parent_type: Any, source: Any, field_details_list: Any, path: Any, position_context: Any
    ) -> Any:
        """The compiled JSON of the path where there is one; else the field is executed."""
        if path.prev is not None and path.prev.prev is None:
            part = self.context_value.remembered.get(FRAGMENTS, {}).get((path.prev.key, path.key))
            if part is not None:
                return orjson.Fragment(part)
        return super().execute_field(parent_type, source, field_details_list, path, position_context)
