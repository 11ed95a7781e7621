"""Who is calling: read from the session's token in one query per request."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, LargeBinary, and_, bindparam, select

from alliance.platform.auth.models import LoginSession
from alliance.platform.auth.sessions import SCOPE, is_open, is_stale, token_hash, touch
from alliance.platform.kernel import clock
from alliance.platform.kernel.roundtrip import DIALECT, read_rows_or_unavailable
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, account_scope, alliance_scope, shop_scope
from alliance.platform.kernel.texts import Locale, choose_locale
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.platform.members.models import AccessGrant, Account, AllianceMembership, GrantScope, Shop
from alliance.platform.members.roles import MemberRole, Role, permissions_of


@dataclass(frozen=True, slots=True)
class SubjectAccount:
    """The person behind a session."""

    id: UUID
    email: str
    name: str
    locale: Locale


@dataclass(frozen=True, slots=True)
class SubjectMembership:
    """One shop the person has a role in, and the alliance that shop is in."""

    shop_id: UUID
    shop_handle: str
    shop_name: str
    currency: str
    timezone: str
    alliance_id: UUID | None
    role: MemberRole
    since: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """The caller: who, with which shops, and what they may do in the active one."""

    session_id: UUID
    account: SubjectAccount
    memberships: tuple[SubjectMembership, ...]
    active: SubjectMembership | None
    coordinates: tuple[UUID, ...]

    @property
    def shop_id(self) -> UUID | None:
        """The active shop; None before one is chosen, or once the role in it has ended."""
        return self.active.shop_id if self.active else None

    @property
    def alliance_id(self) -> UUID | None:
        """The active shop's alliance, else the one the person coordinates."""
        if self.active is not None:
            return self.active.alliance_id
        return self.coordinates[0] if self.coordinates else None

    @property
    def role(self) -> MemberRole | None:
        """The role in the active shop."""
        return self.active.role if self.active else None

    @property
    def locale(self) -> Locale:
        """The language the person reads."""
        return self.account.locale

    @property
    def permissions(self) -> frozenset[str]:
        """What the person may do in the active shop, or as coordinator where none is active."""
        if self.active is not None:
            return _texts(permissions_of(self.active.role))
        return _texts(permissions_of(Role.COORDINATOR)) if self.coordinates else frozenset()

    def scope(self) -> Scope:
        """The scope of this caller's unit of work: the active shop, else the coordinated alliance, else the account."""
        if self.active is not None:
            return shop_scope(
                self.active.shop_id,
                alliance_id=self.active.alliance_id,
                account_id=self.account.id,
                permissions=self.permissions,
            )
        if self.alliance_id is not None:
            return alliance_scope(self.alliance_id, account_id=self.account.id, permissions=self.permissions)
        return account_scope(self.account.id)


def find_subject(services: Services, token: str | None) -> Subject | None:
    """The caller of an open session; None where the token is unknown, revoked or expired, or the account disabled."""
    if not token:
        return None
    sql, kept, row_type = _look_up()
    values = {**kept, "token_hash": token_hash(token), "now": clock.now()}
    found = read_rows_or_unavailable(services.database, SCOPE, sql, values)
    rows = [row_type(*row) for row in found]
    if rows and is_stale(rows[0].seen_at):
        with unit_of_work(services, SCOPE) as uow:
            _touch(uow, rows[0])
    return _subject(rows)


def read_subject(uow: UnitOfWork, which: ColumnElement[bool]) -> Subject | None:
    """The caller of the session `which`, in one query; also notes that the session is in use. System scope."""
    rows = uow.session.execute(_statement().where(which, Account.disabled_at.is_(None))).all()
    if rows:
        _touch(uow, rows[0])
    return _subject(rows)


@cache
def _look_up() -> tuple[bytes, dict[str, Any], Any]:
    """The look-up by token as text, its own parameters, and the type of its rows: every request asks it."""
    hashed: Any = bindparam("token_hash", None, LargeBinary)
    now: Any = bindparam("now", None, DateTime(timezone=True))
    statement = _statement().where(is_open(hashed, now), Account.disabled_at.is_(None))
    compiled = statement.compile(dialect=DIALECT)
    names = [column.key for column in statement.selected_columns]
    return str(compiled).encode(), dict(compiled.params), namedtuple("Row", names)


def _touch(uow: UnitOfWork, row: Any) -> None:
    touch(uow, session_id=row.id, created_at=row.created_at, seen_at=row.seen_at)


def _subject(rows: Sequence[Any]) -> Subject | None:
    if not rows:
        return None
    first = rows[0]
    memberships = tuple(_membership(row) for row in rows if row.shop_id is not None)
    return Subject(
        session_id=first.id,
        account=SubjectAccount(first.account_id, first.email, first.name, choose_locale(first.locale)),
        memberships=memberships,
        active=next((item for item in memberships if item.shop_id == first.active_shop_id), None),
        coordinates=tuple(row.scope_id for row in rows if row.role == Role.COORDINATOR),
    )


@cache
def _statement() -> Any:
    """The session with its account and one row for each open grant, shops with their alliance; built once."""
    granted = and_(AccessGrant.account_id == Account.id, AccessGrant.until.is_(None))
    of_grant = and_(AccessGrant.scope_kind == GrantScope.SHOP.value, Shop.id == AccessGrant.scope_id)
    allied = and_(AllianceMembership.shop_id == Shop.id, AllianceMembership.left_at.is_(None))
    return (
        select(
            *(LoginSession.id, LoginSession.created_at, LoginSession.seen_at, LoginSession.active_shop_id),
            *(Account.id.label("account_id"), Account.email, Account.name, Account.locale),
            *(AccessGrant.scope_id, AccessGrant.role, AccessGrant.since),
            *(Shop.id.label("shop_id"), Shop.handle.label("shop_handle"), Shop.name.label("shop_name")),
            *(Shop.currency, Shop.timezone, AllianceMembership.alliance_id),
        )
        .join(Account, Account.id == LoginSession.account_id)
        .outerjoin(AccessGrant, granted)
        .outerjoin(Shop, of_grant)
        .outerjoin(AllianceMembership, allied)
        .order_by(AccessGrant.since, AccessGrant.id)
    )


def _membership(row: Any) -> SubjectMembership:
    return SubjectMembership(
        shop_id=row.shop_id,
        shop_handle=row.shop_handle,
        shop_name=row.shop_name,
        currency=row.currency,
        timezone=row.timezone,
        alliance_id=row.alliance_id,
        role=MemberRole(row.role),
        since=row.since,
    )


def _texts(permissions: Iterable[str]) -> frozenset[str]:
    return frozenset(str(permission) for permission in permissions)
