"""What a document may cost: the objects it can ask for, counted before it runs.

An object costs 1, a field with a declared `cost` that much more. A page costs as many times what stands below its
`edges` and `nodes` as it asks for (`first` or `last`, 50 where neither is given), another list as many times as its
field declares with `size`. Texts and numbers of an object are free, introspection costs a flat sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)
from graphql.utilities import value_from_ast_untyped

from alliance.graphql.engine.fields import COST, SIZE
from alliance.graphql.engine.limits import MAX_COST, too_much
from alliance.graphql.engine.permissions import DEFINITION
from alliance.platform.kernel.errors import BadInputError, LimitExceededError
from alliance.platform.kernel.paging import DEFAULT_PAGE, MAX_PAGE
from alliance.platform.kernel.texts import _

PAGE_FIELDS = frozenset({"edges", "nodes"})
DEFAULT_SIZE = 10
INTROSPECTION = 500
MUTATION = 20


@dataclass(frozen=True, slots=True)
class _Pricing:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def selection(self, selection: SelectionSetNode, kind: Any, page: int) -> int:
        """What is asked of one object; `page` is the number of items if it is a page."""
        total = 0
        for node in selection.selections:
            if isinstance(node, FieldNode):
                total += self.field(node, kind, page)
            else:
                inner, on = self.spread(cast("FragmentSpreadNode | InlineFragmentNode", node))
                total += self.selection(inner, self.schema.type_map[on] if on else kind, page)
        return total

    def spread(self, node: FragmentSpreadNode | InlineFragmentNode) -> tuple[SelectionSetNode, str | None]:
        """A fragment's selection and the type it is on."""
        if isinstance(node, FragmentSpreadNode):
            fragment = self.fragments[node.name.value]
            return fragment.selection_set, fragment.type_condition.name.value
        return node.selection_set, node.type_condition.name.value if node.type_condition else None

    def field(self, node: FieldNode, kind: Any, page: int) -> int:
        """One field with all that is selected below it."""
        name = node.name.value
        if name.startswith("__"):
            return INTROSPECTION if node.selection_set else 0
        field = cast("GraphQLObjectType | GraphQLInterfaceType", kind).fields[name]
        metadata = getattr(field.extensions.get(DEFINITION), "metadata", {})
        own = int(metadata.get(COST, 0))
        below = get_named_type(field.type)
        if not is_composite_type(below) or node.selection_set is None:
            return own
        if "first" in field.args:
            return own + 1 + self.selection(node.selection_set, below, self.page(node))
        times = self.times(field, name, metadata, page)
        return own + times * (1 + self.selection(node.selection_set, below, 1))

    @staticmethod
    def times(field: GraphQLField, name: str, metadata: Mapping[Any, Any], page: int) -> int:
        """How many objects a field stands for."""
        if not is_list_type(get_nullable_type(field.type)):
            return 1
        if name in PAGE_FIELDS:
            return page
        return int(metadata.get(SIZE, DEFAULT_SIZE))

    def page(self, node: FieldNode) -> int:
        """The number of items a page asks for. Over 500 is LIMIT_EXCEEDED, less than none BAD_INPUT."""
        sizes = [DEFAULT_PAGE]
        for argument in node.arguments or ():
            if argument.name.value not in ("first", "last"):
                continue
            value = value_from_ast_untyped(argument.value, dict(self.variables))
            if not isinstance(value, int) or isinstance(value, bool):
                continue
            field = (argument.name.value,)
            if value > MAX_PAGE:
                raise LimitExceededError(_("每页最多 %(most)s 条", most=MAX_PAGE), field=field)
            if value < 0:
                raise BadInputError(_("每页数量须在 0 到 %(most)s 之间", most=MAX_PAGE), field=field)
            sizes = [value] if sizes == [DEFAULT_PAGE] else [*sizes, value]
        return max(sizes)


def cost_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """The cost of a validated operation with these variables. Over the limit is LIMIT_EXCEEDED."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    pricing = _Pricing(schema, fragments, _with_defaults(operation, variables))
    root = schema.get_root_type(operation.operation)
    cost = pricing.selection(operation.selection_set, root, 1)
    if operation.operation is OperationType.MUTATION:
        cost += MUTATION * len(operation.selection_set.selections)
    if cost > MAX_COST:
        raise too_much(
            _("这个查询的成本是 %(cost)s，超过上限 %(most)s；请减少每页数量或嵌套", cost=cost, most=MAX_COST)
        )
    return cost


def _with_defaults(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {
        node.variable.name.value: value_from_ast_untyped(node.default_value)
        for node in operation.variable_definitions or ()
        if node.default_value is not None
    }
    return defaults | dict(variables)
