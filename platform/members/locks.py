"""The row locks of members. Whoever changes grants of a shop holds the shop's lock, so that owners cannot race."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.models import AccessGrant, GrantScope, Shop


def lock_shop(uow: UnitOfWork, shop_id: UUID) -> Shop:
    """The shop, locked and read anew. NotFoundError where the scope does not see it."""
    statement = (
        select(Shop).where(Shop.id == shop_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    shop = uow.session.scalar(statement)
    if shop is None:
        raise NotFoundError
    return shop


def lock_open_grant(uow: UnitOfWork, *, account_id: UUID, scope_kind: GrantScope, scope_id: UUID) -> AccessGrant:
    """The account's open grant there, locked and read anew. NotFoundError where there is none."""
    statement = (
        select(AccessGrant)
        .where(
            AccessGrant.account_id == account_id,
            AccessGrant.scope_kind == scope_kind.value,
            AccessGrant.scope_id == scope_id,
            AccessGrant.until.is_(None),
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    grant = uow.session.scalar(statement)
    if grant is None:
        raise NotFoundError
    return grant
