"""The shape a document may have, measured before it is validated, so that refusing a hostile one stays cheap.

Every count is of the document as it would be executed, with its fragments spread out, and takes one walk over the
source whatever they would expand to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from alliance.platform.kernel.errors import BadInputError, LimitExceededError
from alliance.platform.kernel.texts import Text, _

MAX_BYTES = 64 * 1024
MAX_TOKENS = 2_000
MAX_COMMENTS = 500
MAX_DEPTH = 16
MAX_ALIASES = 50
MAX_FIELDS = 2_000
# The validation compares every two fields of one name that select something, so these two keep it fast.
MAX_SELECTIONS = 200
MAX_REPEATS = 20
MAX_FRAGMENTS = 50
MAX_OPERATIONS = 20
MAX_COST = 30_000
MAX_VALUES = 10_000
MAX_VALUE_DEPTH = 20
NOT_STORABLE = _("文本中有无法保存的字符")
CIRCULAR = _("片段 %(name)s 引用了自身")


@dataclass(frozen=True, slots=True)
class Shape:
    """Levels of nesting, fields, aliases and fields that select something, with all fragments spread out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    selections: int = 0

    def beside(self, other: Shape) -> Shape:
        """Both selections in one."""
        return Shape(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.selections + other.selections,
        )

    def largest(self, other: Shape) -> Shape:
        """The larger of each count."""
        return Shape(*(max(pair) for pair in zip(astuple(self), astuple(other), strict=True)))


class _Walk:
    """One walk over a document; a fragment is measured once."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments: dict[str, FragmentDefinitionNode] = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.known: dict[str, Shape] = {}
        self.open: set[str] = set()

    def measure(self, selection: SelectionSetNode | None, level: int) -> Shape:
        """The shape below a field at `level`. Too deep, or a fragment within itself, is refused on the spot."""
        if selection is None:
            return Shape()
        if level > MAX_DEPTH:
            raise too_much(_("查询嵌套过深，最多 %(most)s 层", most=MAX_DEPTH))
        shape = Shape()
        repeated: Counter[str] = Counter()
        for node in selection.selections:
            if isinstance(node, FieldNode):
                shape = shape.beside(self.field(node, level))
                repeated[(node.alias or node.name).value] += node.selection_set is not None
            else:
                # Spreading costs work too, also of a fragment with nothing in it.
                shape = shape.beside(self.spread(node, level)).beside(Shape(fields=1))
        if max(repeated.values(), default=0) > MAX_REPEATS:
            raise too_much(_("同一字段重复太多，最多 %(most)s 次", most=MAX_REPEATS))
        return shape

    def field(self, node: FieldNode, level: int) -> Shape:
        """The shape of one field with all below it."""
        inner = self.measure(node.selection_set, level + 1)
        return Shape(inner.depth + 1, inner.fields, inner.aliases, inner.selections).beside(
            Shape(0, 1, int(node.alias is not None), int(node.selection_set is not None))
        )

    def spread(self, node: SelectionNode, level: int) -> Shape:
        """The shape of a fragment that stands in a selection."""
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value, level)
        return self.measure(node.selection_set, level) if isinstance(node, InlineFragmentNode) else Shape()

    def fragment(self, name: str, level: int) -> Shape:
        """The shape of a fragment; an unknown name is left to the validation."""
        if name in self.open:
            raise BadInputError(Text(CIRCULAR.msgid, {"name": name[:80]}))
        if name not in self.fragments:
            return Shape()
        if name not in self.known:
            self.open.add(name)
            self.known[name] = self.measure(self.fragments[name].selection_set, level)
            self.open.discard(name)
        return self.known[name]


def measure(document: DocumentNode) -> Shape:
    """The document's shape: the largest of its operations. LimitExceededError, or BadInputError for a circle."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    walk = _Walk(document)
    if len(walk.fragments) > MAX_FRAGMENTS or len(operations) > MAX_OPERATIONS:
        raise too_much(_("一次请求中的片段或操作太多"))
    worst = Shape()
    for operation in operations:
        worst = worst.largest(walk.measure(operation.selection_set, 1))
    # Unused fragments are validated too, and may be circular.
    for name in walk.fragments:
        walk.fragment(name, 1)
    _check(worst)
    return worst


def check_variables(variables: Mapping[str, Any]) -> None:
    """Refuse variables with too many or too deeply nested values with LimitExceededError."""
    waiting: list[tuple[Any, int]] = [(variables, 0)]
    count = 0
    while waiting:
        value, level = waiting.pop()
        count += 1
        if count > MAX_VALUES or level > MAX_VALUE_DEPTH:
            raise too_much(_("变量太多或嵌套过深"))
        if isinstance(value, str) and not is_storable(value):
            raise BadInputError(NOT_STORABLE, field=("variables",))
        if isinstance(value, Mapping):
            waiting.extend((item, level + 1) for item in value.values())
        elif isinstance(value, list):
            waiting.extend((item, level + 1) for item in value)


def is_storable(text: str) -> bool:
    """Whether a text is one that PostgreSQL and UTF-8 can hold: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def too_much(text: Text) -> LimitExceededError:
    """The refusal of a request that asks too much at once."""
    return LimitExceededError(text)


def _check(shape: Shape) -> None:
    if shape.depth > MAX_DEPTH:
        raise too_much(_("查询嵌套过深，最多 %(most)s 层", most=MAX_DEPTH))
    if shape.aliases > MAX_ALIASES:
        raise too_much(_("别名太多，最多 %(most)s 个", most=MAX_ALIASES))
    if shape.fields > MAX_FIELDS:
        raise too_much(_("字段太多，最多 %(most)s 个", most=MAX_FIELDS))
    if shape.selections > MAX_SELECTIONS:
        raise too_much(_("带子字段的字段太多，最多 %(most)s 个", most=MAX_SELECTIONS))
