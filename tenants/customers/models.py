"""A shop's customer. Contacts are sealed under the customer's own key; destroying the key erases them everywhere."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, TenantRow, blind_index, created_moment, sealed, tenant_table


class Customer(TenantRow, Base):
    """Someone who bought from the shop. `source_key` is the source's own id, or the keyed index of a contact."""

    __tablename__ = "customer"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "source_key"),
        Index("ix_customer_email", "shop_id", "email_index"),
        Index("ix_customer_phone", "shop_id", "phone_index"),
        comment="Customers of a shop",
    )

    source_key: Mapped[str] = mapped_column(info={"personal": True})
    name_sealed: Mapped[sealed | None]
    email_sealed: Mapped[sealed | None]
    phone_sealed: Mapped[sealed | None]
    email_index: Mapped[blind_index | None]
    phone_index: Mapped[blind_index | None]
    import_id: Mapped[UUID | None]
    created_at: Mapped[created_moment]
    erased_at: Mapped[datetime | None]
