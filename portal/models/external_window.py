"""What makes a membership that of an external auditor: a person of the unit who answers for it, and a short window.
Rows are only ever added (guards in the database).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base
from portal.models.membership import Membership
from portal.models.user import User

_DAYS = {
    "postgresql": "last_day - first_day",
    "sqlite": "julianday(last_day) - julianday(first_day)",
}
"""The two databases count days in ways of their own."""


class ExternalWindow(Base):
    """The days are those of the membership (a guard compares them), here again so that a check can count them."""

    __tablename__ = "external_window"
    __table_args__ = tuple(
        CheckConstraint(f"{days} BETWEEN 0 AND 90", name="days").ddl_if(dialect=dialect)
        for dialect, days in _DAYS.items()
    )

    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"), primary_key=True)
    sponsor_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]

    membership: Mapped[Membership] = relationship(back_populates="window")
    sponsor: Mapped[User] = relationship()
