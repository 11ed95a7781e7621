"""Giving, changing and ending rights. A shop always keeps an owner who can log in."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from alliance.platform.audit.chain import Chain
from alliance.platform.audit.record import record
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, ConflictError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.tenancy import ScopeKind
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.locks import lock_open_grant, lock_shop
from alliance.platform.members.models import ROLES_OF, AccessGrant, Account, Alliance, GrantScope
from alliance.platform.members.roles import MemberRole, Permission, Role, require, require_system


def grant_role(
    uow: UnitOfWork, *, account_id: UUID, role: Role, scope_id: UUID, scope_kind: GrantScope = GrantScope.SHOP
) -> UUID:
    """The account has the role there from now on; answers the grant's id.

    In a shop: `members:write`, and `ownership:write` for an owner. Elsewhere: the system scope. A role of another
    kind of scope is a BadInputError, an account that has a role there already a ConflictError, an unknown account or
    place a NotFoundError.
    """
    if role not in ROLES_OF[scope_kind]:
        raise BadInputError(_("这里不能授予该角色"), field=("role",))
    _lock_place(uow, scope_kind, scope_id, owning=role is Role.OWNER)
    if uow.session.scalar(select(Account.id).where(Account.id == account_id)) is None:
        raise NotFoundError
    if _role_of(uow, account_id, scope_kind, scope_id) is not None:
        raise ConflictError(_("该成员已有角色，请修改其角色"))
    grant = AccessGrant(
        id=new_id(),
        account_id=account_id,
        scope_kind=scope_kind.value,
        scope_id=scope_id,
        role=role.value,
        since=clock.now(),
    )
    uow.session.add(grant)
    uow.session.flush()
    _record(uow, "member.role_granted", grant, {"role": role.value})
    return grant.id


def change_role(uow: UnitOfWork, *, account_id: UUID, role: MemberRole, shop_id: UUID) -> None:
    """The member has another role in the shop from now on; the old grant ends, so that history stays readable.

    `members:write`, and `ownership:write` where an owner is made or unmade. The last owner keeps the role:
    ConflictError. The same role changes nothing.
    """
    require(uow, Permission.MEMBERS_WRITE)
    _lock_place(uow, GrantScope.SHOP, shop_id, owning=role is MemberRole.OWNER)
    old = lock_open_grant(uow, account_id=account_id, scope_kind=GrantScope.SHOP, scope_id=shop_id)
    if old.role == role.value:
        return
    _keep_an_owner(uow, old)
    now = clock.now()
    old.until = now
    uow.session.flush()
    grant = AccessGrant(
        id=new_id(),
        account_id=account_id,
        scope_kind=GrantScope.SHOP.value,
        scope_id=shop_id,
        role=role.value,
        since=now,
    )
    uow.session.add(grant)
    uow.session.flush()
    _record(uow, "member.role_changed", grant, {"from": old.role, "to": role.value})


def revoke_role(uow: UnitOfWork, *, account_id: UUID, scope_id: UUID, scope_kind: GrantScope = GrantScope.SHOP) -> None:
    """The account's role there ends now. Permissions as for granting; the last owner of a shop is a ConflictError."""
    _lock_place(uow, scope_kind, scope_id)
    grant = lock_open_grant(uow, account_id=account_id, scope_kind=scope_kind, scope_id=scope_id)
    _keep_an_owner(uow, grant)
    grant.until = clock.now()
    uow.session.flush()
    _record(uow, "member.role_revoked", grant, {"role": grant.role})


def _lock_place(uow: UnitOfWork, scope_kind: GrantScope, scope_id: UUID, *, owning: bool = False) -> None:
    """Permission, existence and, for a shop, the lock that makes counting its owners safe."""
    if scope_kind is not GrantScope.SHOP:
        require_system(uow)
        if scope_kind is GrantScope.ALLIANCE and uow.session.get(Alliance, scope_id) is None:
            raise NotFoundError
        return
    require(uow, Permission.MEMBERS_WRITE)
    if owning:
        require(uow, Permission.OWNERSHIP_WRITE)
    # Shops of the same alliance are visible; only the active one is ours.
    if uow.scope.kind is not ScopeKind.SYSTEM and uow.scope.shop_id != scope_id:
        raise NotFoundError
    lock_shop(uow, scope_id)


def _keep_an_owner(uow: UnitOfWork, leaving: AccessGrant) -> None:
    if leaving.scope_kind != GrantScope.SHOP or leaving.role != Role.OWNER:
        return
    require(uow, Permission.OWNERSHIP_WRITE)
    others = (
        select(func.count())
        .select_from(AccessGrant)
        .join(Account, Account.id == AccessGrant.account_id)
        .where(
            AccessGrant.scope_kind == GrantScope.SHOP.value,
            AccessGrant.scope_id == leaving.scope_id,
            AccessGrant.role == Role.OWNER.value,
            AccessGrant.until.is_(None),
            AccessGrant.account_id != leaving.account_id,
            Account.disabled_at.is_(None),
        )
    )
    if uow.session.scalar(others) == 0:
        raise ConflictError(_("店铺至少要有一位店主，请先指定另一位店主"), field=("role",))


def _role_of(uow: UnitOfWork, account_id: UUID, scope_kind: GrantScope, scope_id: UUID) -> str | None:
    statement = select(AccessGrant.role).where(
        AccessGrant.account_id == account_id,
        AccessGrant.scope_kind == scope_kind.value,
        AccessGrant.scope_id == scope_id,
        AccessGrant.until.is_(None),
    )
    return uow.session.scalar(statement)


def _record(uow: UnitOfWork, action: str, grant: AccessGrant, detail: dict[str, str]) -> None:
    chains = {
        GrantScope.SHOP.value: Chain(shop_id=grant.scope_id),
        GrantScope.ALLIANCE.value: Chain(alliance_id=grant.scope_id),
    }
    chain = chains.get(grant.scope_kind, Chain())
    record(uow, action, target=f"account:{grant.account_id}", detail=detail, chain=chain)
