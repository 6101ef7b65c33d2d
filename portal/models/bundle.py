"""A sealed evidence bundle: what the trail says of it, and what it holds, byte for byte, so that it can be sent again
years later from any machine.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, UtcDateTime
from portal.models.identity import Identified
from portal.models.plan import Plan


class Bundle(Identified, Base):
    """What was sealed, written with the event that says so. Without its `completion` there is nothing to send yet.

    `area_code` and `indicator_code` narrow the scope; `log_size` and `log_root` (64 hex) are the log's head when the
    scope was read; `evidence_size` is the sum of the `files` in bytes.
    """

    __tablename__ = "bundle"
    __table_args__ = (CheckConstraint("evidence_size > 0", name="size_positive"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id", ondelete="RESTRICT"), index=True)
    area_code: Mapped[str | None] = mapped_column(String(8))
    indicator_code: Mapped[str | None] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(120))
    sealed_by: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    log_size: Mapped[int] = mapped_column(BigInteger)
    log_root: Mapped[str] = mapped_column(String(64))
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    heads_sha256: Mapped[str] = mapped_column(String(64))
    files: Mapped[int]
    left_out: Mapped[int]
    evidence_size: Mapped[int] = mapped_column(BigInteger)

    plan: Mapped[Plan] = relationship()
    completion: Mapped[BundleCompletion | None] = relationship(lazy="joined")


class BundleCompletion(Base):
    """That the bundle can be sent: `size` is the exact length of the ZIP in bytes, `checkpoint_size` and
    `checkpoint_root` (64 hex) the signed head of the log that it carries.
    """

    __tablename__ = "bundle_completion"
    __table_args__ = (CheckConstraint("size > 0", name="size_positive"),)

    bundle_id: Mapped[UUID] = mapped_column(ForeignKey("bundle.id", ondelete="RESTRICT"), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    checkpoint_size: Mapped[int] = mapped_column(BigInteger)
    checkpoint_root: Mapped[str] = mapped_column(String(64))
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BundleRevision(Base):
    """An approved revision that is in the bundle; whoever may no longer read one of them gets none of it."""

    __tablename__ = "bundle_revision"

    bundle_id: Mapped[UUID] = mapped_column(ForeignKey("bundle.id", ondelete="RESTRICT"), primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(
        ForeignKey("revision.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class BundleMember(Base):
    """One member of the ZIP in its order; `file_id` is None for what the portal wrote (manifests, index, log)."""

    __tablename__ = "bundle_member"
    __table_args__ = (UniqueConstraint("bundle_id", "path"),)

    bundle_id: Mapped[UUID] = mapped_column(ForeignKey("bundle.id", ondelete="RESTRICT"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(250))
    size: Mapped[int] = mapped_column(BigInteger)
    crc32: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    object_key: Mapped[str] = mapped_column(String(200))
    version_id: Mapped[str | None] = mapped_column(String(200))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
