"""Logging in with a password, and choosing the shop to work in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from alliance.platform.audit.chain import Chain
from alliance.platform.audit.record import record
from alliance.platform.auth.models import Credential, LoginSession
from alliance.platform.auth.passwords import hash_password, needs_rehash, verify_password
from alliance.platform.auth.sessions import SCOPE, Client, find_device, open_session, remember_device
from alliance.platform.auth.subject import Subject, read_subject
from alliance.platform.auth.throttle import Counter, count_attempt, counters, forgive
from alliance.platform.kernel.errors import BadInputError, NotFoundError, UnauthenticatedError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import system_scope
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.platform.members.inputs import MOST_EMAIL, clean_email
from alliance.platform.members.models import AccessGrant, Account, GrantScope
from alliance.platform.members.queries import list_memberships


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What the browser gets: the session's token, and the token by which the device is known next time."""

    account_id: UUID
    token: str
    device_token: str


@dataclass(frozen=True, slots=True)
class _Found:
    account_id: UUID
    password_hash: str


def log_in(services: Services, *, email: str, password: str, client: Client) -> LoggedIn:
    """Open a session for the right e-mail and password.

    A wrong password, an unknown e-mail and a disabled account get one answer (UnauthenticatedError) after the same
    time. Too many failures are a LimitExceededError with the seconds to wait; a known device is not held up by others.
    """
    with unit_of_work(services, SCOPE) as uow:
        found, counted = _count(uow, services, email, client)
    right = verify_password(services.settings, found.password_hash if found else None, password)
    if not right or found is None:
        raise _wrong()
    stored = found.password_hash
    fresh = hash_password(services.settings, password) if needs_rehash(services.settings, stored) else stored
    with unit_of_work(services, system_scope("login", account_id=found.account_id)) as uow:
        _confirm(uow, found, fresh)
        forgive(uow, counted)
        return _open(uow, found.account_id, client)


def switch_shop(services: Services, subject: Subject, *, shop_id: UUID) -> Subject:
    """Make another of the person's shops the session's active one; answers the caller as they now are.

    A shop without an open role, or that does not exist, is a NotFoundError and the session stays as it was. The entry
    of the audit goes to the shop that is entered, and does not say which was left.
    """
    with unit_of_work(services, system_scope("switch shop", account_id=subject.account.id)) as uow:
        granted = select(AccessGrant.id).where(
            AccessGrant.account_id == subject.account.id,
            AccessGrant.scope_kind == GrantScope.SHOP.value,
            AccessGrant.scope_id == shop_id,
            AccessGrant.until.is_(None),
        )
        if uow.session.scalar(granted) is None:
            raise NotFoundError
        uow.session.execute(
            update(LoginSession)
            .where(LoginSession.id == subject.session_id, LoginSession.revoked_at.is_(None))
            .values(active_shop_id=shop_id)
            .execution_options(synchronize_session=False)
        )
        record(uow, "session.shop_entered", target=f"shop:{shop_id}", chain=Chain(shop_id=shop_id))
        switched = read_subject(uow, (LoginSession.id == subject.session_id) & LoginSession.revoked_at.is_(None))
        if switched is None:
            raise UnauthenticatedError
        return switched


def _count(uow: UnitOfWork, services: Services, email: str, client: Client) -> tuple[_Found | None, list[Counter]]:
    found = None
    try:
        wanted = clean_email(email)
        found = _find(uow, wanted)
    except BadInputError:
        # Nobody has such an address; it is counted like any other.
        wanted = email.strip().lower()[:MOST_EMAIL].encode(errors="replace").decode()
    device = find_device(uow, account_id=found.account_id, token=client.device_token) if found else None
    counted = counters(
        services.settings.secret_key.get_secret_value(),
        email=wanted,
        address=client.address,
        device=str(device.id) if device else None,
    )
    count_attempt(uow, counted)
    return found, counted


def _find(uow: UnitOfWork, email: str) -> _Found | None:
    row = uow.session.execute(
        select(Account.id, Credential.password_hash)
        .join(Credential, Credential.account_id == Account.id)
        .where(Account.email == email, Account.disabled_at.is_(None))
    ).first()
    return _Found(row[0], row[1]) if row else None


def _confirm(uow: UnitOfWork, found: _Found, fresh: str) -> None:
    """The password we looked at is still the stored one: it may have been changed while we hashed."""
    confirmed = uow.session.execute(
        update(Credential)
        .where(Credential.account_id == found.account_id, Credential.password_hash == found.password_hash)
        .values(password_hash=fresh)
        .returning(Credential.account_id)
    ).first()
    if confirmed is None:
        raise _wrong()


def _open(uow: UnitOfWork, account_id: UUID, client: Client) -> LoggedIn:
    shops = [membership.shop_id for membership in list_memberships(uow, account_id)]
    last = uow.session.scalar(
        select(LoginSession.active_shop_id)
        .where(LoginSession.account_id == account_id, LoginSession.active_shop_id.in_(shops))
        .order_by(LoginSession.seen_at.desc())
        .limit(1)
    )
    shop_id = last or (shops[0] if shops else None)
    token = open_session(uow, account_id=account_id, shop_id=shop_id, client=client)
    device_token = remember_device(uow, account_id=account_id, token=client.device_token)
    record(uow, "session.opened", target=f"account:{account_id}", chain=Chain(shop_id=shop_id))
    return LoggedIn(account_id, token, device_token)


def _wrong() -> UnauthenticatedError:
    return UnauthenticatedError(_("邮箱或密码不正确"))
