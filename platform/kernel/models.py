"""Tables of the kernel itself: the outbox of events, what each handler has done, and when periodic tasks are due."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, Visibility, code_check, created_moment, platform_table, uuid_key


class EventState(StrEnum):
    """An event waits, has been handled by all its handlers, or has failed too often (dead letter)."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


class OutboxEvent(Base):
    """Something that happened, written in the transaction that made it happen; handlers get it after the commit."""

    __tablename__ = "outbox_event"
    __table_args__ = platform_table(
        code_check("state", EventState),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index("ix_outbox_event_due", "available_at", postgresql_where=text("state = 'pending'")),
        comment="Events between rooms, ids only; no shop where the deed was no shop's",
        visibility=Visibility.SHOP,
    )

    id: Mapped[uuid_key]
    shop_id: Mapped[UUID | None]
    name: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    scope: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(default=EventState.PENDING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[created_moment]
    error_id: Mapped[str | None]
    created_at: Mapped[created_moment]


class EventReceipt(Base):
    """That one handler has handled one event; written with the handler's own work, so a repeat does nothing."""

    __tablename__ = "event_receipt"
    __table_args__ = platform_table(
        comment="Which handler has handled which event",
        visibility=Visibility.SHOP,
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    handler: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[UUID | None]
    handled_at: Mapped[created_moment]


class ScheduleEntry(Base):
    """When a periodic task is due next, and when it last was."""

    __tablename__ = "schedule_entry"
    __table_args__ = platform_table(
        comment="Periodic tasks of the installation",
        visibility=Visibility.SYSTEM,
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    last_due_at: Mapped[datetime | None]
