"""What a compiled statement is made of, collected while a selection is walked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from graphql import FieldNode, GraphQLField, get_argument_values
from graphql.execution.values import VariableValues
from sqlalchemy import BindParameter, ColumnElement, String, bindparam

from alliance.graphql.engine.compiling.declarations import Filled, Found, Listed, Listing
from alliance.graphql.engine.compiling.errors import NotCompilableError
from alliance.graphql.engine.compiling.selections import Document
from alliance.graphql.engine.context import Context
from alliance.platform.kernel.texts import Locale
from alliance.platform.members.roles import Permission

HOLE_MARK = "hole_mark"
HOLE: BindParameter[str] = bindparam(HOLE_MARK, None, String)
MapOf = Callable[[VariableValues, Locale], str]


@dataclass(frozen=True, slots=True)
class ListField:
    """A connection of the document: what it lists, and the field whose arguments say which page."""

    listing: Listing | Found
    definition: GraphQLField
    node: FieldNode

    def read(self, context: Context, variables: VariableValues) -> Listed:
        """The list's request. What the arguments break is raised as the executor would raise it."""
        return self.listing.read(context, get_argument_values(self.definition, self.node, variables))


@dataclass
class Parts:
    """The growing statement's needs: permissions, parameters, and texts to be opened afterwards."""

    document: Document
    context: Context
    permissions: set[Permission] = field(default_factory=set)
    maps: dict[str, MapOf] = field(default_factory=dict)
    holes: list[Filled] = field(default_factory=list)
    numbers: Any = field(default_factory=count)

    def fork(self) -> Parts:
        """A copy to try a field on; it replaces the original once the field is compiled."""
        return replace(
            self,
            permissions=set(self.permissions),
            maps=dict(self.maps),
            holes=list(self.holes),
        )

    def check(self) -> None:
        """Refuse what the caller may not read: the executor answers that with the error it deserves."""
        missing = [one for one in self.permissions if one.value not in self.context.scope.permissions]
        if missing:
            raise NotCompilableError(f"needs {', '.join(sorted(one.value for one in missing))}")

    def name(self, stem: str) -> str:
        """A name of this statement's own."""
        return f"{stem}{next(self.numbers)}"

    def hole(self, filled: Filled) -> ColumnElement[str]:
        """The marker before what `filled` needs; the mark is random, so no row can hold it."""
        self.holes.append(filled)
        return HOLE.concat(f"{len(self.holes) - 1}:")
