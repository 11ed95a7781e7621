"""The table of files."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.platform.kernel.columns import Base, Visibility, created_moment, platform_table, uuid_key


class File(Base):
    """A stored file. With a subject it is encrypted under that customer's key and goes when the key goes."""

    __tablename__ = "file"
    __table_args__ = platform_table(
        UniqueConstraint("path"),
        CheckConstraint("size >= 0", name="size_not_negative"),
        Index("ix_file_shop_id_subject_id", "shop_id", "subject_id"),
        comment="Uploaded and produced files; the bytes are encrypted outside the database",
        visibility=Visibility.SHOP,
    )

    id: Mapped[uuid_key]
    shop_id: Mapped[UUID]
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    path: Mapped[str]
    subject_id: Mapped[UUID | None]
    created_by: Mapped[str]
    created_at: Mapped[created_moment]
