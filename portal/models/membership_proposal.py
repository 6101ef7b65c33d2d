"""A role that one admin proposes and another one has to confirm. Once settled it never changes (guards in the
database).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, UtcDateTime, code_enum
from portal.domain.roles import Role
from portal.domain.second_admin import Settlement
from portal.models.identity import Identified
from portal.models.unit import Unit
from portal.models.user import User


class MembershipProposal(Identified, Base):
    """The membership that is made when it is confirmed has the same id and says the same.

    `sponsor_id` is set for an external auditor alone; from `expires_at` on nobody can confirm it any more.
    """

    __tablename__ = "membership_proposal"
    __table_args__ = (
        CheckConstraint("role IN ('admin', 'auditor')", name="role_confirmed"),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="window_order"),
        CheckConstraint(
            "(verdict IS NULL) = (settled_by IS NULL) AND (verdict IS NULL) = (settled_at IS NULL)",
            name="settled_complete",
        ),
        CheckConstraint(
            "proposed_by <> user_id AND (verdict IS NULL"
            " OR (settled_by <> user_id AND (verdict = 'withdrawn') = (settled_by = proposed_by)))",
            name="four_eyes",
        ),
        CheckConstraint("verdict IS NULL OR verdict <> 'confirmed' OR settled_at < expires_at", name="in_time"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), index=True)
    role: Mapped[Role] = mapped_column(code_enum(Role, "role"))
    area_code: Mapped[str | None] = mapped_column(String(8))
    below: Mapped[bool] = mapped_column(default=False)
    restricted: Mapped[bool] = mapped_column(default=False)
    sponsor_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[Settlement | None] = mapped_column(code_enum(Settlement, "verdict"))
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    proposer: Mapped[User] = relationship(foreign_keys=[proposed_by])
    settler: Mapped[User | None] = relationship(foreign_keys=[settled_by])
    sponsor: Mapped[User | None] = relationship(foreign_keys=[sponsor_id])

    @classmethod
    def is_open(cls, now: datetime) -> ColumnElement[bool]:
        """The condition that it still waits for a second admin."""
        return cls.verdict.is_(None) & (cls.expires_at > now)
