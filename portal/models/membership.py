"""Binds a person to a role in a unit, for a time. What the role may do is the policy's business."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, UtcDateTime, code_enum
from portal.domain.roles import Role
from portal.models.identity import Identified
from portal.models.unit import Unit
from portal.models.user import User

if TYPE_CHECKING:
    from portal.models.external_window import ExternalWindow


class Membership(Identified, Base):
    """In force from `valid_from` to `valid_until` (both days included, in the unit's zone) unless ended before.

    `area_code` None means all areas; `below` reaches all units underneath; `restricted` is the leave to read
    restricted evidence; `window` is there for an external auditor alone.
    """

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="window_order"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_complete"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), index=True)
    role: Mapped[Role] = mapped_column(code_enum(Role, "role"))
    area_code: Mapped[str | None] = mapped_column(String(8))
    below: Mapped[bool] = mapped_column(default=False)
    restricted: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    granted_by: Mapped[str] = mapped_column(String(80))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()
    unit: Mapped[Unit] = relationship()
    window: Mapped[ExternalWindow | None] = relationship(back_populates="membership")

    @property
    def external(self) -> bool:
        """Whether it is that of an external auditor."""
        return self.window is not None
