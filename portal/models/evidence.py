"""Evidence answers one requirement in one or more of its slots; what was handed in stands in its revisions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portal.db import Base, UtcDateTime
from portal.domain.workflow import UNSETTLED_STATES, State
from portal.models.identity import Identified
from portal.models.plan import Requirement
from portal.models.revision import Revision


class Evidence(Identified, Base):
    """`state` is where the evidence stands: the state of its last settled revision, else draft
    (domain.workflow.standing_state).
    """

    __tablename__ = "evidence"

    requirement_id: Mapped[UUID] = mapped_column(ForeignKey("requirement.id", ondelete="RESTRICT"), index=True)
    started_by: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)

    requirement: Mapped[Requirement] = relationship()
    if TYPE_CHECKING:
        state: Mapped[State]  # given below, once the class it selects from exists
    revisions: Mapped[list[Revision]] = relationship(back_populates="evidence", order_by=Revision.number)


Evidence.state = column_property(
    func.coalesce(
        select(Revision.state)
        .where(Revision.evidence_id == Evidence.id, Revision.state.not_in(UNSETTLED_STATES))
        .order_by(Revision.number.desc())
        .limit(1)
        .correlate_except(Revision)
        .scalar_subquery(),
        State.DRAFT,
        type_=Revision.__table__.c.state.type,
    )
)


class SlotClaim(Base):
    """The slot is taken by this evidence while it is open or approved; the primary key lets no second one in."""

    __tablename__ = "slot_claim"

    slot_id: Mapped[UUID] = mapped_column(ForeignKey("slot.id", ondelete="RESTRICT"), primary_key=True)
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"), index=True)
