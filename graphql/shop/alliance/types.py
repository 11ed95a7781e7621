"""The types Alliance and AllianceMember, as far as they are no pooled figures."""

from __future__ import annotations

from datetime import datetime

import strawberry

from alliance.graphql.engine.context import Context, Info
from alliance.graphql.engine.fields import column, resolved
from alliance.graphql.engine.ids import key_of
from alliance.graphql.engine.loading import RowObject, wrap, wrap_one
from alliance.graphql.engine.nodes import Node, register_node
from alliance.graphql.engine.permissions import Access, access
from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.members.queries import get_alliance, list_alliance_members


@access(Access.LOGGED_IN)
@strawberry.type
class AllianceMember(RowObject):
    """A member shop as the others see it."""

    handle: str = column("handle")
    name: str = column("name")
    joined_at: datetime = column("joined_at")


@access(Access.LOGGED_IN)
@strawberry.type
class Alliance(RowObject, Node):
    """Shops of one category that work together."""

    name: str = column("name")
    category: str = column("category")

    @resolved(size=50)
    def members(self, info: Info) -> list[AllianceMember]:
        """The shops that are in it now, by the day they joined."""
        return wrap(AllianceMember, list_alliance_members(info.context.uow, self.row.id))


def find_alliance(context: Context, key: object) -> Alliance | None:
    """The caller's alliance, if that is the one."""
    alliance_id = context.scope.alliance_id
    if alliance_id is None or key != alliance_id:
        return None
    return wrap_one(Alliance, context.once("alliance", lambda: get_alliance(context.uow, alliance_id)))


def choose_alliance(context: Context, value: str | None) -> Alliance | None:
    """The caller's alliance, by its id or by none. None where there is none and none was named; else NotFoundError."""
    if value is None and context.scope.alliance_id is None:
        return None
    found = find_alliance(context, context.scope.alliance_id if value is None else key_of(value, "Alliance"))
    if found is None:
        raise NotFoundError
    return found


register_node("Alliance", needs=Access.LOGGED_IN, find=find_alliance)
