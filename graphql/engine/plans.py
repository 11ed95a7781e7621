"""Documents, parsed and validated once. The cache is bounded by what the documents weigh, not by their number."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate

from alliance.graphql.engine.compiling.reading import deciding_variables
from alliance.graphql.engine.limits import (
    MAX_BYTES,
    MAX_COMMENTS,
    MAX_DEPTH,
    MAX_TOKENS,
    NOT_STORABLE,
    Shape,
    is_storable,
    measure,
    too_much,
)
from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.texts import _

MAX_ERRORS = 10
CACHED_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """A document that may be executed, with its measured shape and the variables that decide what it selects."""

    text: str
    document: DocumentNode
    shape: Shape
    operations: tuple[OperationDefinitionNode, ...]
    deciding: tuple[str, ...]


class InvalidDocument(Exception):  # noqa: N818 (it carries the client's errors and is no fault)
    """A document that does not parse or does not fit the schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("invalid document")
        self.errors = errors


@dataclass
class PlanCache:
    """The plans of one schema by their text; the least recently used goes first. Safe for threads."""

    schema: GraphQLSchema
    limit: int = CACHED_BYTES
    weight: int = 0
    _plans: OrderedDict[str, Plan] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, text: str) -> Plan:
        """The plan of a document; see `plan_of` for what is refused. Only sound documents are kept."""
        with self._lock:
            found = self._plans.get(text)
            if found is not None:
                self._plans.move_to_end(text)
                return found
        made = plan_of(self.schema, text)
        with self._lock:
            if text not in self._plans:
                self._plans[text] = made
                self.weight += len(text)
            while self.weight > self.limit:
                dropped, _plan = self._plans.popitem(last=False)
                self.weight -= len(dropped)
        return made

    def __len__(self) -> int:
        return len(self._plans)


def plan_of(schema: GraphQLSchema, text: str) -> Plan:
    """Parse, measure and validate, in that order: the cheap refusals first.

    LimitExceededError beyond a limit, BadInputError for a circle of fragments, InvalidDocument for the rest.
    """
    document = parsed(text)
    shape = measure(document)
    errors = validate(schema, document, max_errors=MAX_ERRORS)
    if errors:
        raise InvalidDocument(errors)
    operations = tuple(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return Plan(text, document, shape, operations, deciding_variables(document))


def parsed(text: str) -> DocumentNode:
    """The document's tree. Too long is LIMIT_EXCEEDED, a syntax error InvalidDocument."""
    if len(text) > MAX_BYTES or len(text.encode(errors="replace")) > MAX_BYTES:
        raise too_much(_("查询文本太长，最多 %(most)s 字节", most=MAX_BYTES))
    try:
        document = parse(text, max_lexical_tokens=MAX_TOKENS, max_comments=MAX_COMMENTS)
    except GraphQLError as problem:
        if problem.message.startswith("Syntax Error: Document contains more than"):
            raise too_much(_("查询文本太长，最多 %(most)s 个词", most=MAX_TOKENS)) from None
        if problem.message.startswith("Syntax Error: Document is nested too deeply"):
            raise too_much(_("查询嵌套过深，最多 %(most)s 层", most=MAX_DEPTH)) from None
        raise InvalidDocument([problem]) from None
    _check_strings(document)
    return document


def _check_strings(document: DocumentNode) -> None:
    token = document.loc.start_token if document.loc else None
    while token is not None:
        if token.value is not None and not is_storable(token.value):
            raise BadInputError(NOT_STORABLE)
        token = token.next


def choose_operation(plan: Plan, name: str | None) -> OperationDefinitionNode:
    """The operation to run: the named one, or the only one. Else BadInputError."""
    named = [node for node in plan.operations if name is None or (node.name and node.name.value == name)]
    if len(named) != 1:
        raise BadInputError(_("请用 operationName 指明要执行的操作"), field=("operationName",))
    return named[0]
