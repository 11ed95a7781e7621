"""Column types and mixins that every table is made of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, LargeBinary, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import MetaData

from alliance.platform.kernel import clock
from alliance.platform.kernel.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

uuid_key = Annotated[UUID, mapped_column(Uuid, primary_key=True, default=new_id)]
moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
created_moment = Annotated[datetime, mapped_column(DateTime(timezone=True), default=clock.now)]
# Compared byte by byte on every server, so that a prefix is a range of the index (LIKE is not leakproof).
searchable = Annotated[str, mapped_column(Text(collation="C"))]
minor_units = Annotated[int, mapped_column(BigInteger)]
sealed = Annotated[bytes, mapped_column(LargeBinary, info={"personal": True})]
blind_index = Annotated[bytes, mapped_column(LargeBinary, info={"personal": True})]


class Base(DeclarativeBase):
    """All tables of the product. Text is `text` without length; lengths are checked where input comes in."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, datetime: DateTime(timezone=True), UUID: Uuid}  # noqa: RUF012 (SQLAlchemy's way)


class Visibility(StrEnum):
    """Who may see a row of a shared (`platform`) table; the policy is generated from it (see `rls`)."""

    INSTALLATION = "installation"  # everyone reads, the system writes
    ACCOUNT = "account"  # column account_id
    ALLIANCE = "alliance"  # column alliance_id; its member shops read, the alliance itself writes
    SITE = "site"  # column site_id
    SHOP = "shop"  # column shop_id
    PARTIES = "parties"  # columns giver_shop_id and taker_shop_id
    GRANT = "grant"  # columns account_id, and scope_id of the active shop, alliance or site
    PERSON = "person"  # an account: itself, and whoever holds a grant in the same shop, alliance or site
    MEMBER_SHOP = "member_shop"  # a shop: itself, its people, and the shops of the same alliance
    OWN_ALLIANCE = "own_alliance"  # an alliance: its member shops and coordinators; the system writes
    MEMBERSHIP = "membership"  # columns shop_id and alliance_id: both sides read, the system writes
    AUDIT = "audit"  # the shop's entries to the shop, the alliance's (no shop_id) to the alliance
    SYSTEM = "system"  # nobody but the system scope


class TenantRow:
    """A row of one shop: `shop_id` first in the key, so that it can be distributed by shop without being changed."""

    shop_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-100)
    id: Mapped[uuid_key] = mapped_column(sort_order=-99)


def tenant_table(*parts: Any, comment: str) -> tuple[Any, ...]:
    """`__table_args__` of a table of the `tenants` schema."""
    return (*parts, {"schema": "tenants", "comment": comment})


def platform_table(*parts: Any, comment: str, visibility: Visibility) -> tuple[Any, ...]:
    """`__table_args__` of a table of the `platform` schema, with the one visibility it declares."""
    return (*parts, {"schema": "platform", "comment": comment, "info": {"visibility": visibility}})


def code_check(column: str, values: type[StrEnum], *, nullable: bool = False) -> CheckConstraint:
    """A CHECK that a text column holds one of an enum's values; PostgreSQL enums are not leakproof in `=`."""
    allowed = ", ".join(f"'{value.value}'" for value in values)
    rule = f"{column} IN ({allowed})"
    return CheckConstraint(f"{column} IS NULL OR {rule}" if nullable else rule, name=f"{column}_known")
