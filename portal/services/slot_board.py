"""Every slot of a plan with where it stands, in one query: the ground of the home page, the indicator list and the
progress figures.

Whether somebody may see drafts is asked of the policy row by row; to the others a draft looks like nothing at all. Of
evidence that he may not open he learns where it stands, and nothing that leads to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.policy import Subject, may_see_revision
from portal.domain.slot_state import SlotState, Timing, slot_state, timing
from portal.domain.workflow import State
from portal.models import (
    Area,
    Component,
    Evidence,
    Indicator,
    Plan,
    Requirement,
    Revision,
    RevisionSlot,
    Slot,
    SlotClaim,
    Unit,
    User,
)

SlotRows: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotView:
    """One slot. `was_rejected` tells that an earlier evidence for it was rejected; `pic` is a name; `evidence_id` is
    None also for who may not open the evidence.
    """

    slot_id: UUID
    month: date
    due_on: date
    pic_id: UUID | None
    pic: str | None
    requirement_id: UUID
    requirement_position: int
    requirement_text: str
    classification: Classification
    indicator_id: UUID
    indicator_code: str
    indicator_text: str
    indicator_suspicion: str | None
    area_code: str
    area_name: str
    unit_name: str
    unit_path: str
    evidence_id: UUID | None
    state: SlotState
    timing: Timing
    was_rejected: bool


def select_slots() -> SlotRows:
    """Query of slots with all that a SlotView needs, in the plan's order; callers narrow it."""
    covering = aliased(RevisionSlot)
    first_submission = (
        select(func.min(Revision.submitted_at))
        .join(covering, covering.revision_id == Revision.id)
        .where(covering.slot_id == Slot.id, Revision.evidence_id == SlotClaim.evidence_id)
        .correlate(Slot, SlotClaim)
        .scalar_subquery()
    )
    rejected = exists().where(
        RevisionSlot.slot_id == Slot.id, RevisionSlot.revision_id == Revision.id, Revision.state == State.REJECTED
    )
    return (
        select(
            Slot.id.label("slot_id"),
            Slot.month,
            Slot.due_on,
            Slot.pic_id,
            User.name.label("pic"),
            Requirement.id.label("requirement_id"),
            Requirement.position.label("requirement_position"),
            Requirement.text.label("requirement_text"),
            Requirement.classification,
            Indicator.id.label("indicator_id"),
            Indicator.code.label("indicator_code"),
            Indicator.text.label("indicator_text"),
            Indicator.suspicion.label("indicator_suspicion"),
            Area.code.label("area_code"),
            Area.name.label("area_name"),
            Unit.name.label("unit_name"),
            Unit.path.label("unit_path"),
            Unit.timezone,
            Plan.lateness_from,
            SlotClaim.evidence_id,
            Evidence.state.label("evidence_state"),
            first_submission.label("first_submitted_at"),
            rejected.label("was_rejected"),
        )
        .select_from(Slot)
        .join(Requirement, Requirement.id == Slot.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .join(Plan, Plan.id == Area.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
        .outerjoin(SlotClaim, SlotClaim.slot_id == Slot.id)
        .outerjoin(Evidence, Evidence.id == SlotClaim.evidence_id)
        .outerjoin(User, User.id == Slot.pic_id)
        .order_by(Unit.path, Area.position, Component.number, Indicator.seq, Requirement.position, Slot.month)
    )


def list_slots(session: Session, query: SlotRows, *, actor: Actor, now: datetime) -> tuple[SlotView, ...]:
    """The slots of `query` as the actor may see them; `now` decides what is due."""
    sees = _sight(actor)
    return tuple(_view(row, sees, now) for row in session.execute(query))


def count_states(slots: Iterable[SlotView]) -> dict[SlotState, int]:
    """How many of the slots stand at each state, states without any included."""
    counts = dict.fromkeys(SlotState, 0)
    for slot in slots:
        counts[slot.state] += 1
    return counts


Sight: TypeAlias = Callable[[Row[*tuple[Any, ...]], State], bool]
"""Whether somebody may open evidence that stands at a state, in the slot of a row."""


def _sight(actor: Actor) -> Sight:
    """The policy's answers, each asked for once."""

    @cache
    def ask(unit_path: str, area: str, classification: Classification, state: State) -> bool:
        subject = Subject(unit_path=unit_path, area=area, classification=classification, state=state)
        return may_see_revision(actor, subject)

    return lambda row, state: ask(row.unit_path, row.area_code, row.classification, state)


def _view(row: Row[*tuple[Any, ...]], sees: Sight, now: datetime) -> SlotView:
    values = dict(row._mapping)
    zone, lateness_from = ZoneInfo(values.pop("timezone")), values.pop("lateness_from")
    first: datetime | None = values.pop("first_submitted_at")
    standing: State = values.pop("evidence_state")
    state = slot_state(standing if values["evidence_id"] else None, sees_drafts=sees(row, State.DRAFT))
    if state is SlotState.MISSING or not sees(row, standing):
        values["evidence_id"] = None
    return SlotView(
        **values,
        state=state,
        timing=timing(
            due_on=values["due_on"],
            submitted_on=first.astimezone(zone).date() if first else None,
            lateness_from=lateness_from,
            today=now.astimezone(zone).date(),
        ),
    )
