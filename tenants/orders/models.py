"""Orders and order lines of one shop.

No foreign key here: a line is only ever written by a statement that joins its order and variant in the same shop, and
at import speed each foreign key would cost more than the row itself. `alliance doctor` counts orphans.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import (
    Base,
    TenantRow,
    blind_index,
    created_moment,
    minor_units,
    moment,
    searchable,
    tenant_table,
)


class Order(TenantRow, Base):
    """A sale. `complete` is false where a return named an order that no order file has brought yet.

    `channel` is the platform it came through ('' where nobody said); numbers are unique within a channel.
    `contact_index` is the keyed index of the number and the last four digits of the phone, for the portal.
    """

    __tablename__ = "orders"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "number", "channel"),
        Index("ix_orders_placed", "shop_id", "placed_at", "id"),
        Index("ix_orders_customer", "shop_id", "customer_id"),
        comment="Orders of a shop",
    )

    number: Mapped[searchable]
    channel: Mapped[str] = mapped_column(default="")
    placed_at: Mapped[moment]
    delivered_at: Mapped[datetime | None]
    total_minor: Mapped[minor_units]
    currency: Mapped[str]
    customer_id: Mapped[UUID | None]
    contact_index: Mapped[blind_index | None]
    complete: Mapped[bool] = mapped_column(default=True)
    import_id: Mapped[UUID | None]
    created_at: Mapped[created_moment]


class OrderLine(TenantRow, Base):
    """One variant of an order. `line_key` is the source's line id, else the SKU and its position in the order.

    `total_minor` is what the line came to where the source says so; a price a piece may miss it by rounding.
    """

    __tablename__ = "order_line"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "order_id", "line_key"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        comment="Lines of orders",
    )

    order_id: Mapped[UUID]
    line_key: Mapped[str]
    variant_id: Mapped[UUID]
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int | None] = mapped_column(BigInteger)
    batch_id: Mapped[UUID | None]
    import_id: Mapped[UUID | None]
