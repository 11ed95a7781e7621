"""Logged-in browsers. The browser holds 256 random bits, the table their SHA-256. A save is an UPDATE, never an upsert:
a session that was revoked meanwhile stays revoked.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from alliance.platform.auth.models import KnownDevice, LoginSession
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import NotFoundError, UnauthenticatedError
from alliance.platform.kernel.ids import new_id, new_secret
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import system_scope
from alliance.platform.kernel.work import UnitOfWork, unit_of_work

IDLE = timedelta(days=7)
HARD = timedelta(days=30)
TOUCH_EACH = timedelta(minutes=5)
DEVICE_KEPT = timedelta(days=180)
MOST_AGENT = 160
SCOPE = system_scope("session")


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from: address, user agent, and the token of the device cookie if there is one."""

    address: str = ""
    agent: str = ""
    device_token: str | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """One open session as its owner sees it in the list of devices."""

    session_id: UUID
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def token_hash(token: str) -> bytes:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def open_session(uow: UnitOfWork, *, account_id: UUID, shop_id: UUID | None, client: Client) -> str:
    """A new session of the account with this shop active; answers its token, which is stored nowhere."""
    now, token = clock.now(), new_secret()
    session = LoginSession(
        id=new_id(),
        token_hash=token_hash(token),
        account_id=account_id,
        active_shop_id=shop_id,
        created_at=now,
        seen_at=now,
        expires_at=now + IDLE,
        agent="".join(char for char in client.agent if char.isprintable())[:MOST_AGENT],
        address=coarse_address(client.address),
    )
    uow.session.add(session)
    uow.session.flush()
    return token


def rotate_session(services: Services, token: str) -> str:
    """The same session under a new token, after a step-up; the old one ends at once. UnauthenticatedError if closed."""
    fresh = new_secret()
    with unit_of_work(services, SCOPE) as uow:
        changed = uow.session.execute(
            update(LoginSession)
            .where(is_open(token_hash(token), clock.now()))
            .values(token_hash=token_hash(fresh))
            .returning(LoginSession.id)
        ).first()
    if changed is None:
        raise UnauthenticatedError
    return fresh


def touch(uow: UnitOfWork, *, session_id: UUID, created_at: datetime, seen_at: datetime) -> None:
    """Note that the session is in use, at most every five minutes; never beyond thirty days from its start."""
    if not is_stale(seen_at):
        return
    now = clock.now()
    uow.session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.revoked_at.is_(None))
        .values(seen_at=now, expires_at=min(now + IDLE, created_at + HARD))
        .execution_options(synchronize_session=False)
    )


def is_stale(seen_at: datetime) -> bool:
    """Whether it is time to note again that a session is in use."""
    return clock.now() - seen_at >= TOUCH_EACH


def list_sessions(uow: UnitOfWork) -> Sequence[Device]:
    """The scope's account's open sessions, last used first; a handful, so they are not paged."""
    rows = uow.session.scalars(
        select(LoginSession)
        .where(
            LoginSession.account_id == uow.scope.account_id,
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > clock.now(),
        )
        .order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())
    )
    return [Device(row.id, row.agent, row.address, row.created_at, row.seen_at, row.expires_at) for row in rows]


def revoke_session(uow: UnitOfWork, *, session_id: UUID) -> None:
    """Close one of the scope's account's sessions. Another person's, or a closed one, is a NotFoundError."""
    closed = _revoke(uow, LoginSession.account_id == uow.scope.account_id, LoginSession.id == session_id)
    if closed != 1:
        raise NotFoundError


def revoke_others(uow: UnitOfWork, *, account_id: UUID, keep: UUID | None = None) -> int:
    """Close all the account's sessions but one, and forget its known devices; answers how many were closed."""
    uow.session.execute(delete(KnownDevice).where(KnownDevice.account_id == account_id))
    mine = LoginSession.account_id == account_id
    return _revoke(uow, mine) if keep is None else _revoke(uow, mine, LoginSession.id != keep)


def log_out(services: Services, token: str) -> None:
    """Close the session of this token. One that is closed or unknown changes nothing."""
    with unit_of_work(services, SCOPE) as uow:
        _revoke(uow, LoginSession.token_hash == token_hash(token))


def find_device(uow: UnitOfWork, *, account_id: UUID, token: str | None) -> KnownDevice | None:
    """The known device of this token, if it is this account's and was used within half a year."""
    if not token:
        return None
    return uow.session.scalar(
        select(KnownDevice).where(
            KnownDevice.token_hash == token_hash(token),
            KnownDevice.account_id == account_id,
            KnownDevice.seen_at > clock.now() - DEVICE_KEPT,
        )
    )


def remember_device(uow: UnitOfWork, *, account_id: UUID, token: str | None) -> str:
    """The device's token: the one it has, noted as seen, or a new one."""
    now = clock.now()
    known = find_device(uow, account_id=account_id, token=token)
    if known is not None and token:
        known.seen_at = now
        return token
    fresh = new_secret()
    uow.session.add(
        KnownDevice(id=new_id(), token_hash=token_hash(fresh), account_id=account_id, created_at=now, seen_at=now)
    )
    uow.session.flush()
    return fresh


def forget_closed(uow: UnitOfWork) -> int:
    """Delete sessions a month after their end, devices after half a year; answers how many sessions. System scope."""
    now = clock.now()
    uow.session.execute(delete(KnownDevice).where(KnownDevice.seen_at <= now - DEVICE_KEPT))
    gone = uow.session.execute(
        delete(LoginSession).where(LoginSession.expires_at <= now - HARD).returning(LoginSession.id)
    )
    return len(gone.all())


def is_open(hashed: bytes, now: datetime) -> ColumnElement[bool]:
    """The session with this hash, neither revoked nor expired."""
    return (LoginSession.token_hash == hashed) & LoginSession.revoked_at.is_(None) & (LoginSession.expires_at > now)


def coarse_address(address: str) -> str:
    """Enough of an address to recognise a place, not a person: IPv4 without its last byte, of IPv6 48 bits."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return ""
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def _revoke(uow: UnitOfWork, *which: ColumnElement[bool]) -> int:
    closed = uow.session.execute(
        update(LoginSession)
        .where(*which, LoginSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(LoginSession.id)
        .execution_options(synchronize_session=False)
    )
    return len(closed.all())
