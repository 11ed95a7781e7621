"""Products and variants of one shop. Categories are the shop's own words until the pool maps them to public ones."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, TenantRow, created_moment, searchable, tenant_table


class Product(TenantRow, Base):
    """A style. `source_key` is the source's product id, or the title where the source has none."""

    __tablename__ = "product"
    __table_args__ = tenant_table(UniqueConstraint("shop_id", "source_key"), comment="Products of a shop")

    source_key: Mapped[str]
    title: Mapped[searchable]
    category: Mapped[str] = mapped_column(default="")
    import_id: Mapped[UUID | None]
    created_at: Mapped[created_moment]


class Variant(TenantRow, Base):
    """One size and colour of a product, under the shop's SKU."""

    __tablename__ = "variant"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "sku"),
        ForeignKeyConstraint(["shop_id", "product_id"], ["tenants.product.shop_id", "tenants.product.id"]),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        Index("ix_variant_product", "shop_id", "product_id"),
        comment="Variants of products, one a SKU",
    )

    product_id: Mapped[UUID]
    sku: Mapped[searchable]
    size: Mapped[str | None]
    colour: Mapped[str | None]
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    stock: Mapped[int] = mapped_column(Integer, default=0)
    import_id: Mapped[UUID | None]
    created_at: Mapped[created_moment]
