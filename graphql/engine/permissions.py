"""Who may read what. Every type declares an access, a field may ask for more, and the built schema enforces both.

The check stands on the way INTO a type: a field that leads to a type of another access asks for it, whatever the path.
Fields that only read a column of the row they stand on cost nothing. A type without a declared access stops the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, TypeVar

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
    is_introspection_type,
)

from alliance.graphql.engine.context import Context
from alliance.platform.kernel.errors import ForbiddenError
from alliance.platform.members.roles import Permission

T = TypeVar("T", bound=type)
ACCESS = "access"
DEFINITION = "strawberry-definition"
_ATTRIBUTE = "__access__"


class Access(StrEnum):
    """Accesses that are no permission of a role."""

    LOGGED_IN = "logged in"
    CARRIER = "carrier"  # a page, an edge, a payload, an amount: as open as what leads to it


Needed = Access | Permission


def access(needed: Needed) -> Callable[[T], T]:
    """Declare what a caller needs to reach a type: the decorator above `@strawberry.type`."""

    def declare(kind: T) -> T:
        setattr(kind, _ATTRIBUTE, needed)
        return kind

    return declare


def is_allowed(context: Context, needed: Needed) -> bool:
    """Whether the caller may go on. The request itself is only served to somebody logged in."""
    return isinstance(needed, Access) or needed.value in context.scope.permissions


def check(context: Context, *needed: Needed) -> None:
    """Go on, or raise ForbiddenError."""
    if not all(is_allowed(context, one) for one in needed):
        raise ForbiddenError


def access_of(kind: GraphQLNamedType) -> Needed:
    """What a type of the built schema declares. None is a programming error: LookupError."""
    definition = kind.extensions.get(DEFINITION)
    # A page of returns declares what the generic page does.
    definition = getattr(definition, "concrete_of", None) or definition
    origin = getattr(definition, "origin", None)
    found: Needed | None = vars(origin).get(_ATTRIBUTE) if origin is not None else None
    if found is None:
        raise LookupError(f"the type {kind.name} declares no access")
    return found


def needed_by(parent: GraphQLObjectType | GraphQLInterfaceType, field: GraphQLField) -> frozenset[Permission]:
    """The permissions a field asks for beyond those that its parent type has already asked for."""
    own = getattr(field.extensions.get(DEFINITION), "metadata", {}).get(ACCESS)
    asked = {own} if own is not None else set()
    asked |= set(_reached(field))
    return frozenset(one for one in asked - {access_of(parent)} if isinstance(one, Permission))


def _reached(field: GraphQLField) -> Iterator[Needed]:
    """The accesses of the type a field leads to, and of a page's nodes."""
    kind = get_named_type(field.type)
    if isinstance(kind, GraphQLObjectType):
        yield access_of(kind)
        if "nodes" in kind.fields:
            yield access_of(get_named_type(kind.fields["nodes"].type))


def object_types(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    """The schema's own object types, by name."""
    kinds = [kind for kind in schema.type_map.values() if isinstance(kind, GraphQLObjectType)]
    return sorted((kind for kind in kinds if not is_introspection_type(kind)), key=lambda kind: kind.name)


def enforce(schema: GraphQLSchema) -> None:
    """Put the checks into a built schema, in front of the resolvers. LookupError for a type without an access."""
    for kind in object_types(schema):
        access_of(kind)
        for field in kind.fields.values():
            needed = needed_by(kind, field)
            field.extensions[ACCESS] = needed
            if needed:
                field.resolve = _guarded(field, needed)


def _guarded(field: GraphQLField, needed: frozenset[Permission]) -> Callable[..., Any]:
    resolve = field.resolve
    if resolve is None:
        raise LookupError("a field without a resolver cannot ask for a permission")
    asked = tuple(sorted(needed))

    def resolve_if_allowed(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        check(info.context, *asked)
        return resolve(source, info, **arguments)

    return resolve_if_allowed
