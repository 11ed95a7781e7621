"""Suppliers and their batches; a returned unit can be traced to the batch it came from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from alliance.platform.kernel.columns import Base, TenantRow, created_moment, tenant_table


class Supplier(TenantRow, Base):
    """A factory or wholesaler of one shop."""

    __tablename__ = "supplier"
    __table_args__ = tenant_table(UniqueConstraint("shop_id", "name"), comment="Suppliers of a shop")

    name: Mapped[str]
    created_at: Mapped[created_moment]


class Batch(TenantRow, Base):
    """One delivery of one variant by one supplier."""

    __tablename__ = "batch"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "supplier_id", "code"),
        ForeignKeyConstraint(["shop_id", "supplier_id"], ["tenants.supplier.shop_id", "tenants.supplier.id"]),
        ForeignKeyConstraint(["shop_id", "product_id"], ["tenants.product.shop_id", "tenants.product.id"]),
        comment="Batches delivered by suppliers",
    )

    supplier_id: Mapped[UUID]
    product_id: Mapped[UUID]
    code: Mapped[str]
    received_at: Mapped[datetime | None]
    created_at: Mapped[created_moment]
