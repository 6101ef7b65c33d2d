"""Beranda: what waits for this person, grouped by who must act, counts first. Reads only.

Senders get the slots of their areas, reviewers their queue, everybody the progress of what he may see; one person can
be several of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.permissions import Permission
from portal.domain.policy import may_ever
from portal.domain.slot_state import SlotState, Timing
from portal.domain.workflow import State
from portal.models import Evidence, Indicator, Plan, Requirement, Slot, SlotClaim, Unit
from portal.services.review_queue import QueueFilter, QueuePage, read_queue
from portal.services.slot_board import SlotView, list_slots, select_slots
from portal.services.unit_of_work import transaction
from portal.services.visibility import visible_to

SHOWN_PER_GROUP = 5
SHOWN_PLANS = 50


class TaskKind(StrEnum):
    """What a group of tasks asks for, the most urgent first."""

    ANSWER_RETURN = "answer_return"
    FINISH_DRAFT = "finish_draft"
    UPLOAD_OVERDUE = "upload_overdue"
    UPLOAD_DUE_SOON = "upload_due_soon"
    UPLOAD_CATCH_UP = "upload_catch_up"
    UPLOAD_UPCOMING = "upload_upcoming"
    WAIT_FOR_REVIEW = "wait_for_review"


UPLOADS = {
    Timing.OVERDUE: TaskKind.UPLOAD_OVERDUE,
    Timing.DUE_SOON: TaskKind.UPLOAD_DUE_SOON,
    Timing.CATCH_UP: TaskKind.UPLOAD_CATCH_UP,
    Timing.UPCOMING: TaskKind.UPLOAD_UPCOMING,
}
HELD = {
    SlotState.RETURNED: TaskKind.ANSWER_RETURN,
    SlotState.REOPENED: TaskKind.ANSWER_RETURN,
    SlotState.DRAFT: TaskKind.FINISH_DRAFT,
    SlotState.SUBMITTED: TaskKind.WAIT_FOR_REVIEW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskGroup:
    """Slots that ask for the same: the first few of `count`, those the person is PIC of first, then the soonest due."""

    kind: TaskKind
    count: int
    mine: int
    slots: tuple[SlotView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProgress:
    """How far one plan is: of `slots`, so many are submitted and approved."""

    plan_id: UUID
    unit_name: str
    year: int
    slots: int
    submitted: int
    approved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Something in a plan that the admin should ask the office about."""

    indicator_id: UUID
    indicator_code: str
    unit_name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """The home page. `queue` is None for who reviews nothing; `suspicions` are for who manages plans."""

    groups: tuple[TaskGroup, ...]
    queue: QueuePage | None
    progress: tuple[PlanProgress, ...]
    suspicions: tuple[Suspicion, ...]


def get_tasks(*, actor: Actor, now: datetime) -> Tasks:
    """What waits for the actor now."""
    with transaction(write=False) as session:
        return Tasks(
            groups=_groups(session, actor, now) if may_ever(actor, Permission.EDIT_DRAFT) else (),
            queue=read_queue(session, actor, QueueFilter(), page=1) if may_ever(actor, Permission.DECIDE) else None,
            progress=_progress(session, actor),
            suspicions=_suspicions(session, actor) if may_ever(actor, Permission.MANAGE_PLAN) else (),
        )


def task_kind(slot: SlotView) -> TaskKind | None:
    """What the slot asks of the unit's staff, or None when it asks nothing any more."""
    return UPLOADS.get(slot.timing) if slot.state is SlotState.MISSING else HELD.get(slot.state)


def _groups(session: Session, actor: Actor, now: datetime) -> tuple[TaskGroup, ...]:
    query = select_slots().where(visible_to(actor, Permission.EDIT_DRAFT))
    by_kind: dict[TaskKind, list[SlotView]] = {}
    for slot in list_slots(session, query, actor=actor, now=now):
        kind = task_kind(slot)
        if kind:
            by_kind.setdefault(kind, []).append(slot)
    return tuple(_group(kind, by_kind[kind], actor) for kind in TaskKind if kind in by_kind)


def _group(kind: TaskKind, slots: Iterable[SlotView], actor: Actor) -> TaskGroup:
    ordered = sorted(slots, key=lambda slot: (slot.pic_id != actor.user_id, slot.due_on))
    return TaskGroup(
        kind=kind,
        count=len(ordered),
        mine=sum(slot.pic_id == actor.user_id for slot in ordered),
        slots=tuple(ordered[:SHOWN_PER_GROUP]),
    )


def _progress(session: Session, actor: Actor) -> tuple[PlanProgress, ...]:
    def held_at(state: State) -> ColumnElement[int]:
        return func.sum(case((and_(SlotClaim.evidence_id.is_not(None), Evidence.state == state), 1), else_=0))

    query = (
        select(
            Plan.id.label("plan_id"),
            Unit.name.label("unit_name"),
            Plan.year,
            func.count(Slot.id).label("slots"),
            held_at(State.SUBMITTED).label("submitted"),
            held_at(State.APPROVED).label("approved"),
        )
        .select_from(Slot)
        .join(Requirement, Requirement.id == Slot.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Plan, Plan.id == Indicator.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
        .outerjoin(SlotClaim, SlotClaim.slot_id == Slot.id)
        .outerjoin(Evidence, Evidence.id == SlotClaim.evidence_id)
        .where(visible_to(actor, Permission.SEE_STATE))
        .group_by(Plan.id, Unit.name, Unit.path, Plan.year)
        .order_by(Unit.path, Plan.year.desc())
        .limit(SHOWN_PLANS)
    )
    return tuple(PlanProgress(**row._mapping) for row in session.execute(query))


def _suspicions(session: Session, actor: Actor) -> tuple[Suspicion, ...]:
    query = (
        select(
            Indicator.id.label("indicator_id"),
            Indicator.code.label("indicator_code"),
            Unit.name.label("unit_name"),
            Indicator.suspicion.label("text"),
        )
        .join(Plan, Plan.id == Indicator.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
        .where(Indicator.suspicion.is_not(None), visible_to(actor, Permission.MANAGE_PLAN))
        .order_by(Unit.path, Indicator.code)
        .limit(SHOWN_PLANS)
    )
    return tuple(Suspicion(**row._mapping) for row in session.execute(query))
