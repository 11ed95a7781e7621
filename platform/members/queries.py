"""All reads of members. In a member's scope the policies narrow every one of them to what that person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.kernel.paging import Key, Page, PageRequest, list_page
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.models import AccessGrant, Account, Alliance, AllianceMembership, GrantScope, Shop
from alliance.platform.members.roles import MemberRole, Permission, require, require_system

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's role in one shop."""

    shop_id: UUID
    shop_handle: str
    shop_name: str
    role: MemberRole
    since: datetime


@dataclass(frozen=True, slots=True)
class ShopMember:
    """One person as the colleagues of a shop see them."""

    account_id: UUID
    email: str
    name: str
    role: MemberRole
    since: datetime
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class AllianceMember:
    """A member shop as the others of its alliance see it."""

    shop_id: UUID
    handle: str
    name: str
    joined_at: datetime


def get_shop(uow: UnitOfWork, shop_id: UUID | None = None) -> Shop:
    """The active shop, or another the scope sees. Else NotFoundError."""
    wanted = uow.scope.shop if shop_id is None else shop_id
    return _found(uow.session.scalar(select(Shop).where(Shop.id == wanted)))


def get_alliance(uow: UnitOfWork, alliance_id: UUID) -> Alliance:
    """The scope's alliance. Another one is a NotFoundError."""
    return _found(uow.session.scalar(select(Alliance).where(Alliance.id == alliance_id)))


def get_account(uow: UnitOfWork, account_id: UUID) -> Account:
    """Oneself, or a colleague. Else NotFoundError."""
    return _found(uow.session.scalar(select(Account).where(Account.id == account_id)))


def get_shop_by_handle(uow: UnitOfWork, handle: str) -> Shop:
    """Any shop, for the command line. System scope only; an unknown handle is a NotFoundError."""
    require_system(uow)
    return _found(uow.session.scalar(select(Shop).where(Shop.handle == handle.strip().lower())))


def get_alliance_by_handle(uow: UnitOfWork, handle: str) -> Alliance:
    """Any alliance, for the command line. System scope only; an unknown handle is a NotFoundError."""
    require_system(uow)
    return _found(uow.session.scalar(select(Alliance).where(Alliance.handle == handle.strip().lower())))


def find_account_by_email(uow: UnitOfWork, email: str) -> Account | None:
    """Anyone, by e-mail in its stored form (`inputs.clean_email`). System scope only."""
    require_system(uow)
    return uow.session.scalar(select(Account).where(Account.email == email))


def find_open_alliance_id(uow: UnitOfWork, shop_id: UUID) -> UUID | None:
    """The alliance a shop is in now."""
    return uow.session.scalar(
        select(AllianceMembership.alliance_id).where(
            AllianceMembership.shop_id == shop_id, AllianceMembership.left_at.is_(None)
        )
    )


def list_shops(uow: UnitOfWork, request: PageRequest) -> Page[Shop]:
    """All shops the scope sees, by handle: the installation's for the system, else one's own and the alliance's."""
    return list_page(
        uow.session,
        select(Shop),
        order=(Key(Shop.handle.expression),),
        request=request,
        map_row=lambda row: row[0],
    )


def list_alliances(uow: UnitOfWork) -> Sequence[Alliance]:
    """All alliances the scope sees, by handle; few, so they are not paged."""
    return uow.session.scalars(select(Alliance).order_by(Alliance.handle)).all()


def list_members(uow: UnitOfWork, request: PageRequest, *, shop_id: UUID | None = None) -> Page[ShopMember]:
    """Who has a role in the active shop (in the system scope: in `shop_id`), longest first. Needs `members:read`."""
    require(uow, Permission.MEMBERS_READ)
    statement = (
        select(
            Account.id,
            Account.email,
            Account.name,
            AccessGrant.role,
            AccessGrant.since,
            Account.disabled_at.isnot(None),
        )
        .join(Account, Account.id == AccessGrant.account_id)
        .where(
            AccessGrant.scope_kind == GrantScope.SHOP.value,
            AccessGrant.scope_id == (shop_id if shop_id is not None else uow.scope.shop),
            AccessGrant.until.is_(None),
        )
    )
    return list_page(
        uow.session,
        statement,
        order=(Key(AccessGrant.since.expression), Key(AccessGrant.id.expression)),
        request=request,
        map_row=lambda row: ShopMember(row[0], row[1], row[2], MemberRole(row[3]), row[4], row[5]),
    )


def list_memberships(uow: UnitOfWork, account_id: UUID) -> Sequence[Membership]:
    """The shops a person has a role in now, longest first; a handful, so they are not paged."""
    statement = (
        select(Shop.id, Shop.handle, Shop.name, AccessGrant.role, AccessGrant.since)
        .join(Shop, Shop.id == AccessGrant.scope_id)
        .where(
            AccessGrant.account_id == account_id,
            AccessGrant.scope_kind == GrantScope.SHOP.value,
            AccessGrant.until.is_(None),
        )
        .order_by(AccessGrant.since, AccessGrant.id)
    )
    return [Membership(row[0], row[1], row[2], MemberRole(row[3]), row[4]) for row in uow.session.execute(statement)]


def list_alliance_members(uow: UnitOfWork, alliance_id: UUID) -> Sequence[AllianceMember]:
    """The shops in the scope's alliance now, by the day they joined; three to fifty, so they are not paged."""
    statement = (
        select(Shop.id, Shop.handle, Shop.name, AllianceMembership.joined_at)
        .join(Shop, Shop.id == AllianceMembership.shop_id)
        .where(AllianceMembership.alliance_id == alliance_id, AllianceMembership.left_at.is_(None))
        .order_by(AllianceMembership.joined_at, AllianceMembership.id)
    )
    return [AllianceMember(*row) for row in uow.session.execute(statement)]


def _found(row: T | None) -> T:
    if row is None:
        raise NotFoundError
    return row
