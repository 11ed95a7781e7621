"""First answers by the client's key; a person's own, kept for a day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, Visibility, moment, platform_table, uuid_key


class FirstAnswer(Base):
    """The first answer to one client key of one person in one shop. `answer` is NULL only inside its transaction."""

    __tablename__ = "first_answer"
    __table_args__ = platform_table(
        UniqueConstraint(
            "account_id", "shop_id", "operation", "key", name="uq_first_answer_key", postgresql_nulls_not_distinct=True
        ),
        comment="First answers to repeatable requests, by account, shop, operation and client key",
        visibility=Visibility.ACCOUNT,
    )

    id: Mapped[uuid_key]
    account_id: Mapped[UUID]
    shop_id: Mapped[UUID | None]
    operation: Mapped[str]
    key: Mapped[str]
    input_hash: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[moment] = mapped_column(index=True)
