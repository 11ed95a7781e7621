"""Tables of the login: password hashes, open sessions, known devices and counted failures. No secret in plain."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, Visibility, created_moment, moment, platform_table, uuid_key
from alliance.platform.members.models import Account


class Credential(Base):
    """A person's password, as argon2id hash; apart from the account, so that colleagues never read it."""

    __tablename__ = "credential"
    __table_args__ = platform_table(
        comment="Password hash of an account; only its owner", visibility=Visibility.ACCOUNT
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id), primary_key=True)
    password_hash: Mapped[str] = mapped_column(info={"personal": True})
    changed_at: Mapped[moment]


class LoginSession(Base):
    """One logged-in browser. Holds only the SHA-256 of its token; once revoked it stays revoked."""

    __tablename__ = "login_session"
    __table_args__ = platform_table(
        comment="Logged-in browsers; only hashes of their tokens", visibility=Visibility.ACCOUNT
    )

    id: Mapped[uuid_key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id), index=True)
    active_shop_id: Mapped[UUID | None]
    created_at: Mapped[created_moment]
    seen_at: Mapped[moment]
    expires_at: Mapped[moment] = mapped_column(index=True)
    agent: Mapped[str] = mapped_column(info={"personal": True})
    address: Mapped[str] = mapped_column(info={"personal": True})
    revoked_at: Mapped[datetime | None]


class KnownDevice(Base):
    """A browser that has logged in to this account before; failures of others do not slow it down."""

    __tablename__ = "known_device"
    __table_args__ = platform_table(
        comment="Browsers an account has logged in from; only hashes of their tokens", visibility=Visibility.ACCOUNT
    )

    id: Mapped[uuid_key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id), index=True)
    created_at: Mapped[created_moment]
    seen_at: Mapped[moment]


class LoginThrottle(Base):
    """Failures counted under one keyed hash (of account and address, account, device, or address)."""

    __tablename__ = "login_throttle"
    __table_args__ = platform_table(comment="Counted login failures under keyed hashes", visibility=Visibility.SYSTEM)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime | None]
    expires_at: Mapped[moment] = mapped_column(index=True)
