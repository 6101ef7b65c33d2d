"""Verdicts on a submitted revision, and the reopening of an approved one. Rows are only ever added (guards in the
database).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, UtcDateTime, code_enum
from portal.domain.review import ReturnReason, Verdict
from portal.models.identity import Identified
from portal.models.membership import Membership


class Decision(Identified, Base):
    """`revision_digest` is the digest that the reviewer was shown; `membership_id` the one by which he might decide;
    `tier` counts from 0.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("revision_id", "reviewer_id"),
        CheckConstraint(
            "verdict = 'approve' OR (reason IS NOT NULL AND length(note) > 0)",
            name="refusal_explained",
        ),
    )

    revision_id: Mapped[UUID] = mapped_column(ForeignKey("revision.id", ondelete="RESTRICT"))
    tier: Mapped[int]
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    verdict: Mapped[Verdict] = mapped_column(code_enum(Verdict, "verdict"))
    reason: Mapped[ReturnReason | None] = mapped_column(code_enum(ReturnReason, "reason"))
    note: Mapped[str] = mapped_column(Text, default="")
    revision_digest: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)

    membership: Mapped[Membership] = relationship()


class Reopening(Base):
    """The TPI lead took an approval back, with a reason; the primary key allows it once a revision."""

    __tablename__ = "reopening"
    __table_args__ = (CheckConstraint("length(note) > 0", name="explained"),)

    revision_id: Mapped[UUID] = mapped_column(ForeignKey("revision.id", ondelete="RESTRICT"), primary_key=True)
    reopened_by: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    note: Mapped[str] = mapped_column(Text)
    reopened_at: Mapped[datetime] = mapped_column(UtcDateTime)
