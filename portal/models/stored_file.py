"""A file as it lies in the store: its bytes never change, and many revisions may share it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.models.identity import Identified


class StoredFile(Identified, Base):
    """`crc32` is the unsigned CRC-32 of the content, `sha256` 64 hex digits, `size` bytes; `name` is the sender's own
    file name.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_positive"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        CheckConstraint("crc32 BETWEEN 0 AND 4294967295", name="crc32_range"),
    )

    uploader_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    crc32: Mapped[int] = mapped_column(BigInteger)
    object_key: Mapped[str] = mapped_column(String(200), unique=True)
    version_id: Mapped[str | None] = mapped_column(String(200))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
