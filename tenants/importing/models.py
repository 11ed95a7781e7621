"""Imports of one shop, what was wrong with them, and the mappings the shop has used before.

Values of a shop's file may be personal. A problem keeps its row number and column in plain and the value at fault
sealed under the shop's key; the file itself is stored encrypted. Both go with the file (`retention.forget_files`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, TenantRow, code_check, created_moment, sealed, tenant_table
from alliance.tenants.importing.problems import Severity
from alliance.tenants.importing.states import FileFormat, ImportKind, ImportStatus


class Import(TenantRow, Base):
    """One file on its way in. `mapping` is our field by header, `options` how to read the file (`options.Options`).

    Counts are rows of the file: accepted, rejected and duplicate add up to total; a warned row is an accepted one.
    `created` counts what the commit wrote, by table. `job_id` is the work under way or last done.
    """

    __tablename__ = "import"
    __table_args__ = tenant_table(
        code_check("kind", ImportKind),
        code_check("status", ImportStatus),
        code_check("format", FileFormat),
        CheckConstraint("rows_total >= 0 AND rows_accepted >= 0 AND rows_rejected >= 0", name="counts_not_negative"),
        Index("ix_import_created", "shop_id", "created_at", "id"),
        comment="Imports of files",
    )

    kind: Mapped[str]
    preset: Mapped[str]
    channel: Mapped[str] = mapped_column(default="")
    file_id: Mapped[UUID | None]
    file_name: Mapped[str]
    format: Mapped[str]
    status: Mapped[str] = mapped_column(default=ImportStatus.QUEUED.value)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    rows_total: Mapped[int] = mapped_column(Integer, default=0)
    rows_accepted: Mapped[int] = mapped_column(Integer, default=0)
    rows_rejected: Mapped[int] = mapped_column(Integer, default=0)
    rows_warned: Mapped[int] = mapped_column(Integer, default=0)
    rows_duplicate: Mapped[int] = mapped_column(Integer, default=0)
    created: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    job_id: Mapped[UUID | None]
    created_by: Mapped[str]
    created_at: Mapped[created_moment]
    checked_at: Mapped[datetime | None]
    committed_at: Mapped[datetime | None]
    undo_until: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class ImportProblemGroup(TenantRow, Base):
    """One cause in one column: how many rows it concerns. `detail` fills the cause's text; it names no value."""

    __tablename__ = "import_problem_group"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "import_id", "code", "column"),
        ForeignKeyConstraint(["shop_id", "import_id"], ["tenants.import.shop_id", "tenants.import.id"]),
        code_check("severity", Severity),
        comment="Causes of problems in an import",
    )

    import_id: Mapped[UUID]
    code: Mapped[str]
    severity: Mapped[str]
    column: Mapped[str]
    rows: Mapped[int] = mapped_column(Integer)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class ImportProblem(TenantRow, Base):
    """A sample row of a group; the others are read again from the file when they are downloaded."""

    __tablename__ = "import_problem"
    __table_args__ = tenant_table(
        Index("ix_import_problem_row", "shop_id", "import_id", "row", "id"),
        ForeignKeyConstraint(
            ["shop_id", "group_id"], ["tenants.import_problem_group.shop_id", "tenants.import_problem_group.id"]
        ),
        comment="Sample rows of problems; values sealed under the shop's key",
    )

    import_id: Mapped[UUID]
    group_id: Mapped[UUID]
    row: Mapped[int] = mapped_column(BigInteger)
    value_sealed: Mapped[sealed | None]


class ImportMapping(TenantRow, Base):
    """A mapping that was committed once, to be offered again for the same headers."""

    __tablename__ = "import_mapping"
    __table_args__ = tenant_table(
        UniqueConstraint("shop_id", "kind", "fingerprint"),
        code_check("kind", ImportKind),
        comment="Remembered mappings by headers",
    )

    kind: Mapped[str]
    fingerprint: Mapped[str]
    preset: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reasons: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[created_moment]
