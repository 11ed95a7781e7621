"""Returns, lines, units and the timeline of one shop.

`inspection` and `settlement` of a return repeat what its lines say (`states.worst`, `states.least_advanced`), so that a
shop with a million returns can list by them; whatever changes a line writes both in the same statement or transaction.
No foreign key on the two imported tables: see `orders.models`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.grading.scale import Disposition, Grade, Resellability, Responsibility
from alliance.platform.kernel.columns import (
    Base,
    TenantRow,
    code_check,
    created_moment,
    moment,
    sealed,
    searchable,
    tenant_table,
)
from alliance.tenants.returns.states import AuthorisationState, InspectionState, LogisticsState, RefundState, Wish


class Return(TenantRow, Base):
    """What a customer asks to send back. Times are NULL where the source never said.

    `listed_at` is when it takes its place in lists: asked, else received, else imported. `deadline` is the sales
    platform's or the law's next one. `waybill` is the carrier's number of the way back.
    """

    __tablename__ = "returns"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "number", "channel"),
        code_check("authorisation", AuthorisationState),
        code_check("logistics", LogisticsState),
        code_check("inspection", InspectionState),
        code_check("settlement", RefundState),
        Index("ix_returns_listed", "shop_id", "listed_at", "id"),
        Index("ix_returns_order", "shop_id", "order_id"),
        comment="Returns of a shop",
    )

    number: Mapped[searchable]
    channel: Mapped[str] = mapped_column(default="")
    order_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    authorisation: Mapped[str] = mapped_column(default=AuthorisationState.REQUESTED.value)
    logistics: Mapped[str] = mapped_column(default=LogisticsState.AWAITING_PARCEL.value)
    inspection: Mapped[str] = mapped_column(default=InspectionState.PENDING.value)
    settlement: Mapped[str] = mapped_column(default=RefundState.NONE.value)
    requested_at: Mapped[datetime | None]
    listed_at: Mapped[moment]
    deadline: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    platform_status: Mapped[str | None]
    method: Mapped[str | None]
    carrier: Mapped[str | None]
    waybill: Mapped[str | None]
    return_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    refund_minor: Mapped[int | None] = mapped_column(BigInteger)
    handling_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    carbon_grams: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str]
    consent_receipt_id: Mapped[UUID | None]
    import_id: Mapped[UUID | None]
    created_at: Mapped[created_moment]


class ReturnLine(TenantRow, Base):
    """One variant of a return, with what the customer said and what was found. `reason` is a handle of the table."""

    __tablename__ = "return_line"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "return_id", "line_key"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        code_check("wish", Wish, nullable=True),
        code_check("resellability", Resellability, nullable=True),
        code_check("inspection", InspectionState),
        code_check("settlement", RefundState),
        code_check("responsibility", Responsibility),
        comment="Lines of returns",
    )

    return_id: Mapped[UUID]
    line_key: Mapped[str]
    order_line_id: Mapped[UUID | None]
    variant_id: Mapped[UUID]
    quantity: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None]
    reason_text_sealed: Mapped[sealed | None]
    wish: Mapped[str | None]
    resellability: Mapped[str | None]
    inspection: Mapped[str] = mapped_column(default=InspectionState.PENDING.value)
    settlement: Mapped[str] = mapped_column(default=RefundState.NONE.value)
    found_reason: Mapped[str | None]
    responsibility: Mapped[str] = mapped_column(default=Responsibility.UNDETERMINED.value)
    refund_minor: Mapped[int | None] = mapped_column(BigInteger)
    import_id: Mapped[UUID | None]


class Unit(TenantRow, Base):
    """One physical piece under its licence plate, inspected and routed on its own."""

    __tablename__ = "unit"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "plate"),
        Index("ix_unit_line", "shop_id", "return_line_id"),
        code_check("inspection", InspectionState),
        code_check("grade", Grade, nullable=True),
        code_check("disposition", Disposition, nullable=True),
        comment="Physical pieces that came back",
    )

    return_line_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    plate: Mapped[str]
    external_label: Mapped[str | None]
    inspection: Mapped[str] = mapped_column(default=InspectionState.PENDING.value)
    grade: Mapped[str | None]
    disposition: Mapped[str | None]
    site_id: Mapped[UUID | None]
    received_at: Mapped[datetime | None]
    handling_minutes: Mapped[int | None] = mapped_column(Integer)
    recovered_minor: Mapped[int | None] = mapped_column(BigInteger)
    resale_channel: Mapped[str | None]
    resold_at: Mapped[datetime | None]
    batch_id: Mapped[UUID | None]
    import_id: Mapped[UUID | None]
    created_at: Mapped[created_moment]


class UnitDefect(TenantRow, Base):
    """A flaw that the inspection found, and where. `note` is an inspector's, about the piece, never about a person."""

    __tablename__ = "unit_defect"
    __table_args__ = tenant_table(
        Index("ix_unit_defect_unit", "shop_id", "unit_id"),
        ForeignKeyConstraint(["shop_id", "unit_id"], ["tenants.unit.shop_id", "tenants.unit.id"]),
        comment="Flaws of units",
    )

    unit_id: Mapped[UUID]
    kind: Mapped[str]
    place: Mapped[str | None]
    note: Mapped[str | None]
    photo_file_id: Mapped[UUID | None]


class ReturnEvent(TenantRow, Base):
    """One entry of a return's timeline. Append-only: the app login may add and read, nothing else."""

    __tablename__ = "return_event"
    __table_args__ = tenant_table(
        Index("ix_return_event_return", "shop_id", "return_id", "at"),
        ForeignKeyConstraint(["shop_id", "return_id"], ["tenants.returns.shop_id", "tenants.returns.id"]),
        comment="Timeline of returns",
    )

    return_id: Mapped[UUID]
    at: Mapped[moment]
    actor: Mapped[str]
    kind: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
