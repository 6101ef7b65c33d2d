"""A unit of the organisation, in a tree: the province above the regency, the ministry above all."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base
from portal.models.identity import Identified


class Unit(Identified, Base):
    """`code` is immutable and stands in the trail; `path` is the codes from the root, for instance
    `/KPU/KPU-15/KPU-1502/`.
    """

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("path LIKE '/%/'", name="path_form"),
        CheckConstraint("length(code) BETWEEN 1 AND 32", name="code_length"),
    )

    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    path: Mapped[str] = mapped_column(String(500), unique=True)
    timezone: Mapped[str] = mapped_column(String(40))
