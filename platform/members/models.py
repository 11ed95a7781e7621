"""Who takes part: alliances, their shops, the people, and what each person may do where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import (
    Base,
    Visibility,
    code_check,
    created_moment,
    moment,
    platform_table,
    uuid_key,
)
from alliance.platform.members.roles import MemberRole, Role

DEFAULT_CURRENCY = "CNY"
DEFAULT_TIMEZONE = "Asia/Shanghai"
DEFAULT_LOCALE = "zh_CN"


class GrantScope(StrEnum):
    """What a grant opens: one shop, an alliance, a processing site, a supplier, or the installation."""

    SHOP = "shop"
    ALLIANCE = "alliance"
    SITE = "site"
    SUPPLIER = "supplier"
    INSTALLATION = "installation"


ROLES_OF: Mapping[GrantScope, frozenset[Role]] = {
    GrantScope.SHOP: frozenset(Role(role.value) for role in MemberRole),
    GrantScope.ALLIANCE: frozenset({Role.COORDINATOR}),
    GrantScope.SITE: frozenset({Role.CENTRE_STAFF}),
    GrantScope.SUPPLIER: frozenset({Role.SUPPLIER}),
    GrantScope.INSTALLATION: frozenset({Role.OPERATOR}),
}


def _role_of_its_scope() -> CheckConstraint:
    kinds = []
    for kind, roles in ROLES_OF.items():
        allowed = ", ".join(f"'{role.value}'" for role in sorted(roles))
        kinds.append(f"scope_kind = '{kind.value}' AND role IN ({allowed})")
    return CheckConstraint(" OR ".join(f"({rule})" for rule in kinds), name="role_of_its_scope")


class Alliance(Base):
    """Shops of one category that share pool, exchange and centre."""

    __tablename__ = "alliance"
    __table_args__ = platform_table(
        comment="Shops of one category that work together", visibility=Visibility.OWN_ALLIANCE
    )

    id: Mapped[uuid_key]
    handle: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    category: Mapped[str]
    currency: Mapped[str] = mapped_column(default=DEFAULT_CURRENCY)
    timezone: Mapped[str] = mapped_column(default=DEFAULT_TIMEZONE)
    created_at: Mapped[created_moment]


class LegalGroup(Base):
    """The one owner behind one or several shops; one contributor wherever contributors are counted."""

    __tablename__ = "legal_group"
    __table_args__ = platform_table(
        comment="Ownership group: shops of one owner count once", visibility=Visibility.SYSTEM
    )

    id: Mapped[uuid_key]
    name: Mapped[str]
    created_at: Mapped[created_moment]


class Shop(Base):
    """A member shop. The shops of its alliance see this row, so it holds nothing of the shop's business."""

    __tablename__ = "shop"
    __table_args__ = platform_table(
        comment="A member shop; its alliance sees this row", visibility=Visibility.MEMBER_SHOP
    )

    id: Mapped[uuid_key]
    handle: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    legal_group_id: Mapped[UUID] = mapped_column(ForeignKey(LegalGroup.id), index=True)
    category: Mapped[str]
    currency: Mapped[str] = mapped_column(default=DEFAULT_CURRENCY)
    # Set with the first order; from then on every amount of the shop is in this currency.
    currency_fixed_at: Mapped[datetime | None]
    timezone: Mapped[str] = mapped_column(default=DEFAULT_TIMEZONE)
    locale: Mapped[str] = mapped_column(default=DEFAULT_LOCALE)
    region: Mapped[str] = mapped_column(default="")
    created_at: Mapped[created_moment]


class AllianceMembership(Base):
    """A shop's time in an alliance; at most one is open for a shop."""

    __tablename__ = "alliance_membership"
    __table_args__ = platform_table(
        Index(
            "uq_alliance_membership_open_shop",
            "shop_id",
            unique=True,
            postgresql_where=text("left_at IS NULL"),
        ),
        CheckConstraint("left_at IS NULL OR left_at >= joined_at", name="left_after_joined"),
        comment="From when to when a shop is in an alliance",
        visibility=Visibility.MEMBERSHIP,
    )

    id: Mapped[uuid_key]
    shop_id: Mapped[UUID] = mapped_column(ForeignKey(Shop.id), index=True)
    alliance_id: Mapped[UUID] = mapped_column(ForeignKey(Alliance.id), index=True)
    joined_at: Mapped[created_moment]
    left_at: Mapped[datetime | None]


class Account(Base):
    """A person who logs in. E-mail and name are plain: they are looked up at login and shown among colleagues."""

    __tablename__ = "account"
    __table_args__ = platform_table(
        CheckConstraint("email = lower(email)", name="email_lower"),
        comment="A person who logs in; colleagues see name and e-mail",
        visibility=Visibility.PERSON,
    )

    id: Mapped[uuid_key]
    email: Mapped[str] = mapped_column(unique=True, info={"personal": True})
    name: Mapped[str] = mapped_column(info={"personal": True})
    locale: Mapped[str] = mapped_column(default=DEFAULT_LOCALE)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[created_moment]


class AccessGrant(Base):
    """One right of one person: a role in a shop, an alliance or a site, from when to when."""

    __tablename__ = "access_grant"
    __table_args__ = platform_table(
        code_check("scope_kind", GrantScope),
        _role_of_its_scope(),
        Index(
            "uq_access_grant_open",
            "account_id",
            "scope_kind",
            "scope_id",
            unique=True,
            postgresql_where=text("until IS NULL"),
        ),
        Index("ix_access_grant_scope_id", "scope_id", "account_id"),
        comment="A person's role in a shop, alliance, site, supplier or the installation",
        visibility=Visibility.GRANT,
    )

    id: Mapped[uuid_key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id))
    scope_kind: Mapped[str]
    scope_id: Mapped[UUID]
    role: Mapped[str]
    since: Mapped[moment]
    until: Mapped[datetime | None]
