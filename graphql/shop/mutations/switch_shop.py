"""The mutation `switchShop`: work in another of one's shops from the next request on."""

from __future__ import annotations

from uuid import UUID

import strawberry

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.ids import global_id
from alliance.graphql.engine.mutations import UserError, input_key, run_command
from alliance.graphql.engine.permissions import Access, access
from alliance.graphql.shop.account.types import ShopSummary
from alliance.platform.auth.login import switch_shop
from alliance.platform.kernel.errors import UnauthenticatedError
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.queries import list_memberships


@strawberry.input
class SwitchShopInput:
    """The shop to work in: one where the caller has a role."""

    shop_id: strawberry.ID
    client_mutation_id: str | None = strawberry.UNSET


@access(Access.CARRIER)
@strawberry.type
class SwitchShopPayload:
    """The shop that is active from the next request on; this one still answers for the shop it began in."""

    shop: ShopSummary | None
    user_errors: list[UserError]
    client_mutation_id: str | None


def run(context: Context, given: SwitchShopInput) -> SwitchShopPayload:
    """Make the shop the login session's active one. Without a session there is nothing to switch: UNAUTHENTICATED."""

    def command(_uow: UnitOfWork) -> UUID:
        shop_id = input_key(given.shop_id, "Shop", field="shop_id")
        if context.subject is None:
            raise UnauthenticatedError
        switch_shop(context.services, context.subject, shop_id=shop_id)
        return shop_id

    outcome = run_command(context, operation="switchShop", given=given, command=command, field="shop_id")
    return SwitchShopPayload(
        shop=_summary(context, outcome.key) if outcome.key else None,
        user_errors=outcome.user_errors,
        client_mutation_id=outcome.client_mutation_id,
    )


def _summary(context: Context, shop_id: UUID) -> ShopSummary | None:
    for membership in list_memberships(context.uow, context.account_id):
        if membership.shop_id == shop_id:
            key = strawberry.ID(global_id("Shop", shop_id))
            return ShopSummary(id=key, handle=membership.shop_handle, name=membership.shop_name)
    return None
