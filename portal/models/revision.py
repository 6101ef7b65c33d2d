"""One version of an evidence and what it consists of. Editable as a draft, immutable from its submission on (guards in
the database).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, UtcDateTime, code_enum
from portal.domain.workflow import State
from portal.models.identity import Identified
from portal.models.slot import Slot
from portal.models.stored_file import StoredFile

if TYPE_CHECKING:
    from portal.models.decision import Decision
    from portal.models.evidence import Evidence

_IS_OPEN = text("state IN ('draft', 'submitted')")


class Revision(Identified, Base):
    """`number` counts from 1; `tier` is the review tier (from 0) that decides next; `digest` (64 hex) covers all
    content once submitted.

    `digest_salt` (32 hex) keeps the digest from being guessed where the content stays closed.
    """

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("evidence_id", "number"),
        Index(
            "uq_revision_open_per_evidence",
            "evidence_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_revision_state_submitted_at", "state", "submitted_at"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint(
            "state IN ('draft', 'discarded') "
            "OR (digest IS NOT NULL AND submitted_by IS NOT NULL AND submitted_at IS NOT NULL)",
            name="submitted_complete",
        ),
    )

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"))
    number: Mapped[int]
    state: Mapped[State] = mapped_column(code_enum(State, "state"))
    tier: Mapped[int] = mapped_column(default=0)
    answers: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    document_date: Mapped[date | None]
    digest_salt: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str | None] = mapped_column(String(64))
    drafted_by: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    evidence: Mapped[Evidence] = relationship(back_populates="revisions")
    files: Mapped[list[RevisionFile]] = relationship(order_by="RevisionFile.position")
    links: Mapped[list[RevisionLink]] = relationship(order_by="RevisionLink.position")
    slots: Mapped[list[RevisionSlot]] = relationship()
    contributors: Mapped[list[Contributor]] = relationship()
    decisions: Mapped[list[Decision]] = relationship(order_by="Decision.decided_at")


class RevisionFile(Base):
    __tablename__ = "revision_file"
    __table_args__ = (UniqueConstraint("revision_id", "position"),)

    revision_id: Mapped[UUID] = mapped_column(ForeignKey("revision.id", ondelete="RESTRICT"), primary_key=True)
    file_id: Mapped[UUID] = mapped_column(
        ForeignKey("stored_file.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    position: Mapped[int]

    file: Mapped[StoredFile] = relationship(lazy="joined")
    redaction: Mapped[Redaction | None] = relationship(
        lazy="joined",
        viewonly=True,
        primaryjoin=lambda: and_(
            RevisionFile.revision_id == Redaction.revision_id, RevisionFile.file_id == Redaction.file_id
        ),
    )

    @property
    def redacts(self) -> UUID | None:
        """The id of the file of which this one is the redacted copy."""
        return self.redaction.original_id if self.redaction else None


class Redaction(Base):
    """That a file of a revision is the redacted copy of another file of it, which is no copy itself."""

    __tablename__ = "redaction"
    __table_args__ = (
        ForeignKeyConstraint(
            ["file_id", "revision_id"],
            ["revision_file.file_id", "revision_file.revision_id"],
            name="fk_redaction_copy",
            ondelete="RESTRICT",
        ),
        ForeignKeyConstraint(
            ["original_id", "revision_id"],
            ["revision_file.file_id", "revision_file.revision_id"],
            name="fk_redaction_original",
            ondelete="RESTRICT",
        ),
        CheckConstraint("file_id <> original_id", name="not_of_itself"),
        Index("ix_redaction_original", "revision_id", "original_id"),
    )

    revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    original_id: Mapped[UUID]


class RevisionLink(Identified, Base):
    """An address on the web that belongs to the evidence, with a note on what is to be seen there."""

    __tablename__ = "revision_link"
    __table_args__ = (UniqueConstraint("revision_id", "position"),)

    revision_id: Mapped[UUID] = mapped_column(ForeignKey("revision.id", ondelete="RESTRICT"))
    position: Mapped[int]
    url: Mapped[str] = mapped_column(String(2000))
    note: Mapped[str] = mapped_column(Text, default="")


class RevisionSlot(Base):
    __tablename__ = "revision_slot"

    revision_id: Mapped[UUID] = mapped_column(ForeignKey("revision.id", ondelete="RESTRICT"), primary_key=True)
    slot_id: Mapped[UUID] = mapped_column(ForeignKey("slot.id", ondelete="RESTRICT"), primary_key=True, index=True)

    slot: Mapped[Slot] = relationship(lazy="joined")


class Contributor(Base):
    """Had a hand in the revision: uploaded one of its files, drafted it or submitted it. Never decides on it."""

    __tablename__ = "contributor"

    revision_id: Mapped[UUID] = mapped_column(ForeignKey("revision.id", ondelete="RESTRICT"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), primary_key=True, index=True)
