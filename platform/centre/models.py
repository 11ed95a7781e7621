"""Processing sites of an alliance, and the licence plates of the installation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, Visibility, created_moment, platform_table, uuid_key


class Site(Base):
    """A processing centre or community node that members share."""

    __tablename__ = "site"
    __table_args__ = platform_table(
        UniqueConstraint("alliance_id", "handle"),
        comment="Processing centres and community nodes",
        visibility=Visibility.ALLIANCE,
    )

    id: Mapped[uuid_key]
    alliance_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("platform.alliance.id"))
    handle: Mapped[str]
    name: Mapped[str]
    region: Mapped[str]
    capacity_minutes: Mapped[int] = mapped_column(Integer, default=0, comment="Practical capacity a month")
    created_at: Mapped[created_moment]
    closed_at: Mapped[datetime | None]


class LicencePlate(Base):
    """A plate once given to a unit, so that no two units of the installation ever carry the same code."""

    __tablename__ = "licence_plate"
    __table_args__ = platform_table(comment="Plates in use, unique in the installation", visibility=Visibility.SHOP)

    plate: Mapped[str] = mapped_column(Text, primary_key=True)
    shop_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("platform.shop.id"), index=True)
    created_at: Mapped[created_moment]
