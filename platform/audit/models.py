"""The audit: what was done, by whom, in a chain of hashes that shows every later change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, Visibility, moment, platform_table, uuid_key


class AuditEntry(Base):
    """One deed. A shop's entries form one chain, an alliance's another, the installation's (neither id) a third."""

    __tablename__ = "audit_entry"
    __table_args__ = platform_table(
        UniqueConstraint(
            "shop_id",
            "alliance_id",
            "number",
            name="uq_audit_entry_chain_number",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("shop_id IS NULL OR alliance_id IS NULL", name="one_chain"),
        CheckConstraint("number >= 1", name="number_positive"),
        comment="Append-only, hash-chained record of deeds; no personal data",
        visibility=Visibility.AUDIT,
    )

    id: Mapped[uuid_key]
    shop_id: Mapped[UUID | None]
    alliance_id: Mapped[UUID | None]
    number: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[moment]
    actor: Mapped[str]
    action: Mapped[str]
    target: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
