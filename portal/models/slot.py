"""A dated slot: one requirement in one month, with its due date and the person in charge."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base
from portal.models.identity import Identified


class Slot(Identified, Base):
    """`month` is the first day of the month meant; `due_on` the last day on which a submission is in time."""

    __tablename__ = "slot"
    __table_args__ = (UniqueConstraint("requirement_id", "month"),)

    requirement_id: Mapped[UUID] = mapped_column(ForeignKey("requirement.id", ondelete="RESTRICT"))
    month: Mapped[date]
    due_on: Mapped[date] = mapped_column(index=True)
    pic_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
