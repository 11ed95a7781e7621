"""Alliances, shops and people for tests: made through the commands, each with fresh handles, each with its scope."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from uuid import UUID

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, account_scope, alliance_scope, shop_scope, system_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.creating import create_account, create_alliance, create_shop
from alliance.platform.members.granting import grant_role
from alliance.platform.members.joining import join_alliance
from alliance.platform.members.models import GrantScope
from alliance.platform.members.roles import MemberRole, Role, permissions_of

SYSTEM = system_scope("tests")


@dataclass(frozen=True)
class AllianceActor:
    """An alliance; `scope` is its coordinator's."""

    id: UUID
    handle: str
    scope: Scope


@dataclass(frozen=True)
class ShopActor:
    """A shop; `scope` is its owner's, without an account."""

    id: UUID
    handle: str
    alliance_id: UUID | None
    scope: Scope


@dataclass(frozen=True)
class MemberActor:
    """A person in a shop (or with none); `scope` is theirs while the shop is active."""

    account_id: UUID
    email: str
    name: str
    shop_id: UUID | None
    role: MemberRole | None
    scope: Scope


def make_alliance(services: Services, *, name: str = "测试联盟", currency: str = "CNY") -> AllianceActor:
    """A new alliance without shops."""
    handle = f"a-{token_hex(6)}"
    with unit_of_work(services, SYSTEM) as uow:
        alliance_id = create_alliance(uow, handle=handle, name=name, category="服装", currency=currency)
    permissions = frozenset(str(p) for p in permissions_of(Role.COORDINATOR))
    return AllianceActor(alliance_id, handle, alliance_scope(alliance_id, permissions=permissions))


def make_shop(
    services: Services,
    *,
    alliance: AllianceActor | None = None,
    name: str = "测试店铺",
    currency: str = "CNY",
    legal_group_id: UUID | None = None,
) -> ShopActor:
    """A new shop without people, in the alliance if one is given."""
    handle = f"s-{token_hex(6)}"
    with unit_of_work(services, SYSTEM) as uow:
        shop_id = create_shop(
            uow, handle=handle, name=name, category="服装", currency=currency, legal_group_id=legal_group_id
        )
        if alliance is not None:
            join_alliance(uow, shop_id=shop_id, alliance_id=alliance.id)
    alliance_id = alliance.id if alliance else None
    scope = shop_scope(shop_id, alliance_id=alliance_id, permissions=role_permissions(MemberRole.OWNER))
    return ShopActor(shop_id, handle, alliance_id, scope)


def make_account(services: Services, *, name: str = "王小明") -> MemberActor:
    """A new person without any right; `scope` is their account's."""
    email = f"{token_hex(6)}@example.com"
    with unit_of_work(services, SYSTEM) as uow:
        account_id = create_account(uow, email=email, name=name)
    return MemberActor(account_id, email, name, None, None, account_scope(account_id))


def make_member(
    services: Services, shop: ShopActor, role: MemberRole = MemberRole.OWNER, *, account: MemberActor | None = None
) -> MemberActor:
    """A person (a new one unless given) with the role in the shop."""
    person = account or make_account(services)
    with unit_of_work(services, SYSTEM) as uow:
        grant_role(uow, account_id=person.account_id, role=Role(role.value), scope_id=shop.id)
    scope = shop_scope(
        shop.id,
        alliance_id=shop.alliance_id,
        account_id=person.account_id,
        permissions=role_permissions(role),
    )
    return MemberActor(person.account_id, person.email, person.name, shop.id, role, scope)


def make_coordinator(services: Services, alliance: AllianceActor) -> MemberActor:
    """A new person who coordinates the alliance and has no shop."""
    person = make_account(services)
    with unit_of_work(services, SYSTEM) as uow:
        grant_role(
            uow,
            account_id=person.account_id,
            role=Role.COORDINATOR,
            scope_id=alliance.id,
            scope_kind=GrantScope.ALLIANCE,
        )
    scope = alliance_scope(alliance.id, account_id=person.account_id, permissions=alliance.scope.permissions)
    return MemberActor(person.account_id, person.email, person.name, None, None, scope)


def role_permissions(role: MemberRole) -> frozenset[str]:
    """A role's permissions as a scope carries them."""
    return frozenset(str(permission) for permission in permissions_of(role))
