"""The types Viewer, Account, Membership and ShopSummary."""

from __future__ import annotations

from datetime import datetime

import strawberry

from alliance.graphql.engine.context import Context, Info
from alliance.graphql.engine.fields import active_shop, column, resolved
from alliance.graphql.engine.ids import global_id
from alliance.graphql.engine.loading import RowObject, wrap, wrap_one
from alliance.graphql.engine.nodes import Node
from alliance.graphql.engine.permissions import Access, access
from alliance.graphql.shop.enums import Locale
from alliance.graphql.shop.shop.types import Shop
from alliance.platform.kernel.texts import choose_locale
from alliance.platform.members.queries import get_account, list_memberships
from alliance.platform.members.roles import MemberRole


@access(Access.LOGGED_IN)
@strawberry.type
class Account(RowObject, Node):
    """A person who logs in; only ever the one who is asking."""

    email: str = column("email")
    name: str = column("name")

    @resolved()
    def locale(self) -> Locale:
        """The language they read."""
        return Locale(choose_locale(self.row.locale))

    @resolved()
    def mfa_enabled(self) -> bool:
        """Whether the log-in asks for a second factor; there is only the password so far."""
        return False


@access(Access.LOGGED_IN)
@strawberry.type
class ShopSummary:
    """A shop by name. `id` is that of the shop."""

    id: strawberry.ID
    handle: str
    name: str


@access(Access.LOGGED_IN)
@strawberry.type
class Membership(RowObject):
    """One person's role in one shop."""

    role: MemberRole = column("role")
    since: datetime = column("since")

    @resolved()
    def shop(self) -> ShopSummary:
        """The shop the role is in."""
        return ShopSummary(
            id=strawberry.ID(global_id("Shop", self.row.shop_id)),
            handle=self.row.shop_handle,
            name=self.row.shop_name,
        )


@access(Access.LOGGED_IN)
@strawberry.type
class Viewer:
    """Who is asking, and where they work now."""

    @resolved()
    def account(self, info: Info) -> Account:
        """The person."""
        return viewer_account(info.context)

    @resolved(size=5)
    def memberships(self, info: Info) -> list[Membership]:
        """Their role in each of their shops, longest first."""
        return wrap(Membership, list_memberships(info.context.uow, info.context.account_id))

    @resolved()
    def active_shop(self, info: Info) -> Shop | None:
        """The shop they work in; null before one is chosen."""
        return wrap_one(Shop, active_shop(info.context)) if info.context.scope.shop_id else None

    @resolved()
    def permissions(self, info: Info) -> list[str]:
        """What they may do there, such as "returns:write"."""
        return sorted(info.context.scope.permissions)


def viewer_account(context: Context) -> Account:
    """The asking person's account."""
    return wrap_one(Account, context.once("account", lambda: get_account(context.uow, context.account_id)))
