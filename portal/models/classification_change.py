"""Changes of a requirement's class, in order. Rows are only ever added, and the class only moves along with the newest
of them (guards in the database).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime, code_enum
from portal.domain.classification import Classification


class ClassificationChange(Base):
    """`number` counts from 1 for each requirement; `membership_id` is the one by which the person might do it."""

    __tablename__ = "classification_change"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("before <> after", name="changes"),
        CheckConstraint("length(reason) > 0", name="explained"),
    )

    requirement_id: Mapped[UUID] = mapped_column(ForeignKey("requirement.id", ondelete="RESTRICT"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    before: Mapped[Classification] = mapped_column(code_enum(Classification, "before"))
    after: Mapped[Classification] = mapped_column(code_enum(Classification, "after"))
    reason: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
