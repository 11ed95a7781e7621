"""The root type Query."""

from __future__ import annotations

import strawberry

from alliance.graphql.engine.compiling.declarations import ActiveShop
from alliance.graphql.engine.context import Context, Info
from alliance.graphql.engine.fields import resolved
from alliance.graphql.engine.nodes import Node, get_node, register_node
from alliance.graphql.engine.permissions import Access, access
from alliance.graphql.shop.account.types import Account, Viewer, viewer_account
from alliance.graphql.shop.alliance.types import Alliance, choose_alliance
from alliance.graphql.shop.shop.types import Shop, choose_shop, names_active_shop


@access(Access.LOGGED_IN)
@strawberry.type
class Query:
    """What a member may read. Everything is of the active shop, and of its alliance."""

    @resolved()
    def viewer(self) -> Viewer:
        """Who is asking."""
        return Viewer()

    @resolved(reads=ActiveShop(names_active_shop))
    def shop(self, info: Info, id: strawberry.ID | None = strawberry.UNSET) -> Shop | None:
        """The active shop. Another one's id is NOT_FOUND, also where the caller has a role there: switchShop first."""
        return choose_shop(info.context, id or None)

    @resolved()
    def alliance(self, info: Info, id: strawberry.ID | None = strawberry.UNSET) -> Alliance | None:
        """The active shop's alliance."""
        return choose_alliance(info.context, id or None)

    @resolved()
    def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Anything of the active shop by its global id; an account only if it is the caller's own."""
        found: Node = get_node(info.context, id)
        return found


def find_account(context: Context, key: object) -> Account | None:
    """The caller's own account; a colleague's is not found."""
    return viewer_account(context) if key == context.account_id else None


register_node("Account", needs=Access.LOGGED_IN, find=find_account)
