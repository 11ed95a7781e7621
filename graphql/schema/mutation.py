"""The root type Mutation."""

from __future__ import annotations

import strawberry

from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import resolved
from alliance.graphql.engine.permissions import Access, access
from alliance.graphql.shop.mutations import switch_shop
from alliance.graphql.shop.mutations.switch_shop import SwitchShopInput, SwitchShopPayload


@access(Access.LOGGED_IN)
@strawberry.type
class Mutation:
    """What a member may change. What can be put right comes back as `userErrors`, and nothing has changed then."""

    @resolved()
    def switch_shop(self, info: Info, input: SwitchShopInput) -> SwitchShopPayload:
        """Work in another of one's shops from the next request on."""
        return switch_shop.run(info.context, input)
