"""Antrean pemeriksaan: which submitted revisions wait for this reviewer, the longest waiting first. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.permissions import Permission
from portal.domain.workflow import State
from portal.models import (
    Area,
    Component,
    Evidence,
    Indicator,
    Plan,
    Requirement,
    ReviewTier,
    Revision,
    RevisionSlot,
    Slot,
    Unit,
    User,
)
from portal.services.paging import count_pages, on_page
from portal.services.unit_of_work import transaction
from portal.services.visibility import visible_to

PAGE_SIZE = 25

Rows: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """What to narrow the queue to; None takes everything."""

    unit_id: UUID | None = None
    area_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """One revision that waits. `tier` counts from 1 of `tiers`; `due_on` is the earliest due date of its slots."""

    revision_id: UUID
    revision_number: int
    unit_name: str
    area_code: str
    indicator_code: str
    indicator_text: str
    requirement_text: str
    classification: Classification
    submitted_by: str
    submitted_at: datetime
    tier: int
    tiers: int
    months: tuple[date, ...]
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueUnit:
    """A unit from which something waits."""

    unit_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """A page of the queue; `total` counts all that the filter takes, `units` are all that wait; `page` from 1."""

    items: tuple[QueueItem, ...]
    units: tuple[QueueUnit, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return count_pages(self.total, PAGE_SIZE)


def list_queue(*, actor: Actor, narrow: QueueFilter, page: int, now: datetime) -> QueuePage:  # noqa: ARG001  # services take now
    """The revisions on which the actor may decide now; a page past the end is empty."""
    with transaction(write=False) as session:
        return read_queue(session, actor, narrow, page=page)


def read_queue(session: Session, actor: Actor, narrow: QueueFilter, *, page: int) -> QueuePage:
    """The same within a transaction that is open."""
    waiting = _waiting_for(actor, narrow)
    total = session.execute(select(func.count()).select_from(waiting.subquery())).scalar_one()
    rows = session.execute(on_page(_oldest_first(waiting), page, PAGE_SIZE)).all()
    months = _months(session, [row.revision_id for row in rows])
    items = tuple(QueueItem(**row._mapping, **_dating(months.get(row.revision_id, []))) for row in rows)
    return QueuePage(items=items, units=_units(session, actor), total=total, page=page)


def count_queue(session: Session, actor: Actor) -> int:
    """How many revisions wait for the actor."""
    waiting = _waiting_for(actor, QueueFilter()).subquery()
    return session.execute(select(func.count()).select_from(waiting)).scalar_one()


def find_next(session: Session, actor: Actor, *, after: UUID | None) -> UUID | None:
    """The longest waiting revision other than `after`, or None when nothing is left."""
    query = _oldest_first(_waiting_for(actor, QueueFilter())).where(Revision.id != after if after else true())
    row = session.execute(query.limit(1)).first()
    return row.revision_id if row else None


def _units(session: Session, actor: Actor) -> tuple[QueueUnit, ...]:
    waiting = _waiting_for(actor, QueueFilter())
    query = waiting.with_only_columns(Unit.id.label("unit_id"), Unit.name, Unit.path, maintain_column_froms=True)
    rows = session.execute(query.distinct().order_by(Unit.path))
    return tuple(QueueUnit(unit_id=row.unit_id, name=row.name) for row in rows)


def _waiting_for(actor: Actor, narrow: QueueFilter) -> Rows:
    """The query of queue items, unordered; the review tier joined is the one in which the revision stands."""
    tiers = select(func.count()).where(ReviewTier.plan_id == Plan.id).correlate(Plan).scalar_subquery()
    return (
        select(
            Revision.id.label("revision_id"),
            Revision.number.label("revision_number"),
            Unit.name.label("unit_name"),
            Area.code.label("area_code"),
            Indicator.code.label("indicator_code"),
            Indicator.text.label("indicator_text"),
            Requirement.text.label("requirement_text"),
            Requirement.classification.label("classification"),
            User.name.label("submitted_by"),
            Revision.submitted_at.label("submitted_at"),
            (Revision.tier + 1).label("tier"),
            tiers.label("tiers"),
        )
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .join(Plan, Plan.id == Area.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
        .join(ReviewTier, and_(ReviewTier.plan_id == Plan.id, ReviewTier.position == Revision.tier))
        .join(User, User.id == Revision.submitted_by)
        .where(Revision.state == State.SUBMITTED, visible_to(actor, Permission.DECIDE), *_narrowed(narrow))
    )


def _narrowed(narrow: QueueFilter) -> Sequence[ColumnElement[bool]]:
    return (
        Unit.id == narrow.unit_id if narrow.unit_id else true(),
        Area.code == narrow.area_code if narrow.area_code else true(),
    )


def _oldest_first(query: Rows) -> Rows:
    return query.order_by(Revision.submitted_at, Revision.id)


def _months(session: Session, revision_ids: Sequence[UUID]) -> dict[UUID, list[tuple[date, date]]]:
    """Month and due date of each revision's slots, in order."""
    query = (
        select(RevisionSlot.revision_id, Slot.month, Slot.due_on)
        .join(Slot, Slot.id == RevisionSlot.slot_id)
        .where(RevisionSlot.revision_id.in_(revision_ids))
        .order_by(Slot.month)
    )
    found: dict[UUID, list[tuple[date, date]]] = {}
    for row in session.execute(query):
        found.setdefault(row.revision_id, []).append((row.month, row.due_on))
    return found


def _dating(slots: Sequence[tuple[date, date]]) -> dict[str, Any]:
    return {"months": tuple(month for month, _ in slots), "due_on": min((due for _, due in slots), default=None)}
