"""Founding the demo: alliance, sites, shops and people, by the operator's commands. Repeating it makes nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from alliance.platform.auth.credentials import set_password
from alliance.platform.auth.passwords import generate_password
from alliance.platform.centre.sites import find_site, open_site
from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.kernel.tenancy import Scope, shop_scope, system_scope
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.creating import create_account, create_alliance, create_shop
from alliance.platform.members.granting import grant_role
from alliance.platform.members.joining import join_alliance
from alliance.platform.members.models import GrantScope
from alliance.platform.members.queries import (
    find_account_by_email,
    find_open_alliance_id,
    get_alliance_by_handle,
    get_shop_by_handle,
    list_memberships,
)
from alliance.platform.members.roles import Role, permissions_of
from alliance.web.cli.demo.cast import CATEGORY, CastMember, Place
from alliance.web.cli.demo.profiles import ShopProfile

SYSTEM = system_scope("demo alliance")


@dataclass(frozen=True, slots=True)
class Login:
    """What a person needs to try the demo; the password is shown once and stored nowhere."""

    email: str
    name: str
    places: str
    password: str


@dataclass(frozen=True, slots=True)
class Founded:
    """The alliance with its shops and sites by handle."""

    alliance_id: UUID
    shops: dict[str, UUID]
    sites: dict[str, UUID]


def is_complete(uow: UnitOfWork, *, alliance_handle: str, coordinator: CastMember) -> bool:
    """Whether the demo was loaded to its end: its coordinator is made in the last transaction."""
    try:
        get_alliance_by_handle(uow, alliance_handle)
    except NotFoundError:
        return False
    return find_account_by_email(uow, coordinator.email) is not None


def found_alliance(
    uow: UnitOfWork, *, handle: str, name: str, profiles: Sequence[ShopProfile], sites: Sequence[Place]
) -> Founded:
    """The alliance, its sites and its member shops."""
    try:
        alliance_id = get_alliance_by_handle(uow, handle).id
    except NotFoundError:
        alliance_id = create_alliance(uow, handle=handle, name=name, category=CATEGORY)
    return Founded(
        alliance_id,
        shops={profile.handle: _shop(uow, profile, alliance_id) for profile in profiles},
        sites={place.handle: _site(uow, place, alliance_id) for place in sites},
    )


def hire(uow: UnitOfWork, founded: Founded, cast: Sequence[CastMember]) -> None:
    """Everybody's account and roles in shops, without a password."""
    for person in cast:
        account_id = _account(uow, person)
        held = {membership.shop_id for membership in list_memberships(uow, account_id)}
        for handle, role in person.shops:
            if founded.shops[handle] not in held:
                grant_role(uow, account_id=account_id, role=role, scope_id=founded.shops[handle])


def open_doors(
    uow: UnitOfWork, founded: Founded, cast: Sequence[CastMember], coordinator: CastMember, names: dict[str, str]
) -> list[Login]:
    """Make the coordinator and give everybody a password. The last step: now the demo is complete."""
    account_id = _account(uow, coordinator)
    grant_role(
        uow,
        account_id=account_id,
        role=Role.COORDINATOR,
        scope_id=founded.alliance_id,
        scope_kind=GrantScope.ALLIANCE,
    )
    logins = []
    for person in (*cast, coordinator):
        password = generate_password()
        set_password(uow, account_id=_account(uow, person), password=password)
        places = "、".join(f"{names[handle]} {role.value}" for handle, role in person.shops)
        logins.append(Login(person.email, person.name, places or Role.COORDINATOR.value, password))
    return logins


def owner_scope(uow: UnitOfWork, founded: Founded, owner: CastMember) -> Scope:
    """The owner at work in their shop, as after a login."""
    ((handle, role),) = owner.shops
    return shop_scope(
        founded.shops[handle],
        alliance_id=founded.alliance_id,
        account_id=_account(uow, owner),
        permissions=frozenset(str(permission) for permission in permissions_of(role)),
    )


def _shop(uow: UnitOfWork, profile: ShopProfile, alliance_id: UUID) -> UUID:
    try:
        shop_id = get_shop_by_handle(uow, profile.handle).id
    except NotFoundError:
        shop_id = create_shop(uow, handle=profile.handle, name=profile.name, category=CATEGORY, region=profile.region)
    if find_open_alliance_id(uow, shop_id) is None:
        join_alliance(uow, shop_id=shop_id, alliance_id=alliance_id)
    return shop_id


def _site(uow: UnitOfWork, place: Place, alliance_id: UUID) -> UUID:
    known = find_site(uow, alliance_id=alliance_id, handle=place.handle)
    if known is not None:
        return known.id
    return open_site(
        uow,
        alliance_id=alliance_id,
        handle=place.handle,
        name=place.name,
        region=place.region,
        capacity_minutes=place.capacity_minutes,
    )


def _account(uow: UnitOfWork, person: CastMember) -> UUID:
    known = find_account_by_email(uow, person.email)
    return known.id if known is not None else create_account(uow, email=person.email, name=person.name)
