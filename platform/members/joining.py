"""Shops joining and leaving an alliance, by date; a shop is in one alliance at a time."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from alliance.platform.audit.chain import Chain
from alliance.platform.audit.record import record
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, ConflictError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.locks import lock_shop
from alliance.platform.members.models import Alliance, AllianceMembership
from alliance.platform.members.roles import require_system


def join_alliance(uow: UnitOfWork, *, shop_id: UUID, alliance_id: UUID) -> UUID:
    """The shop is a member from now on; answers the membership's id. System scope only.

    Another currency than the alliance's is a BadInputError; a shop that is in an alliance already a ConflictError.
    """
    require_system(uow)
    shop = lock_shop(uow, shop_id)
    alliance = uow.session.get(Alliance, alliance_id)
    if alliance is None:
        raise NotFoundError
    if shop.currency != alliance.currency:
        raise BadInputError(
            _(
                "店铺使用 %(own)s，联盟使用 %(theirs)s，货币相同才能加入",
                own=shop.currency,
                theirs=alliance.currency,
            ),
            field=("currency",),
        )
    if _open_membership(uow, shop_id) is not None:
        raise ConflictError(_("店铺已经在一个联盟中，须先退出"))
    membership = AllianceMembership(id=new_id(), shop_id=shop_id, alliance_id=alliance_id, joined_at=clock.now())
    uow.session.add(membership)
    uow.session.flush()
    _record_both(uow, "alliance.joined", membership)
    return membership.id


def leave_alliance(uow: UnitOfWork, *, shop_id: UUID) -> None:
    """The shop's membership ends now. System scope only; a shop in no alliance is a NotFoundError."""
    require_system(uow)
    lock_shop(uow, shop_id)
    membership = _open_membership(uow, shop_id)
    if membership is None:
        raise NotFoundError
    membership.left_at = max(clock.now(), membership.joined_at)
    uow.session.flush()
    _record_both(uow, "alliance.left", membership)


def _open_membership(uow: UnitOfWork, shop_id: UUID) -> AllianceMembership | None:
    statement = select(AllianceMembership).where(
        AllianceMembership.shop_id == shop_id, AllianceMembership.left_at.is_(None)
    )
    return uow.session.scalar(statement.execution_options(populate_existing=True))


def _record_both(uow: UnitOfWork, action: str, membership: AllianceMembership) -> None:
    shop, alliance = f"shop:{membership.shop_id}", f"alliance:{membership.alliance_id}"
    record(uow, action, target=alliance, chain=Chain(shop_id=membership.shop_id))
    record(uow, action, target=shop, chain=Chain(alliance_id=membership.alliance_id))
