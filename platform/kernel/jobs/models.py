"""The table of jobs: who asked for what, how far it is, how it ended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, Visibility, code_check, created_moment, platform_table, uuid_key

OPEN = "state IN ('queued', 'running')"


class JobState(StrEnum):
    """A failed job has used up its attempts, or was refused: the dead-letter list. It can be queued again by hand."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Base):
    """One piece of background work. The row is the truth; Redis only wakes a worker up."""

    __tablename__ = "job"
    __table_args__ = platform_table(
        code_check("state", JobState),
        CheckConstraint("attempts >= 0 AND attempts <= max_attempts", name="attempts_bounded"),
        CheckConstraint("done >= 0 AND (total IS NULL OR total >= done)", name="progress_bounded"),
        Index(
            "uq_job_open_key",
            "shop_id",
            "key",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text(f"key IS NOT NULL AND {OPEN}"),
        ),
        Index("ix_job_shop_id_created_at", "shop_id", text("created_at DESC"), text("id DESC")),
        Index("ix_job_open", "state", "available_at", postgresql_where=text(OPEN)),
        comment="Background work with its progress and result; ids only; no shop where it is no shop's",
        visibility=Visibility.SHOP,
    )

    id: Mapped[uuid_key]
    shop_id: Mapped[UUID | None]
    name: Mapped[str]
    queue: Mapped[str]
    key: Mapped[str | None]
    scope: Mapped[dict[str, Any]] = mapped_column(JSONB)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(default=JobState.QUEUED.value)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error_id: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str]
    created_at: Mapped[created_moment]
    available_at: Mapped[created_moment]
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
