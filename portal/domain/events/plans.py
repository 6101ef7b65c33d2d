"""Events of units, their plans, and what becomes of a plan's parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.domain.classification import Classification
from portal.domain.events.base import Event, Personal
from portal.domain.events.names import EventName


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAdded(Event):
    type = EventName.UNIT_ADDED
    code: str
    under: str | None
    timezone: str
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanImported(Event):
    """`content` is every row of the plan as it was stored (services.plan_content), so that each can be compared with it
    for ever.
    """

    type = EventName.PLAN_IMPORTED
    unit: str
    year: int
    document_sha256: str
    indicators: int
    requirements: int
    slots: int
    content: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PicAssigned(Event):
    """`obj` is the slot; `pic` None takes the PIC away."""

    type = EventName.PIC_ASSIGNED
    month: date
    pic: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationChanged(Event):
    """`obj` is the requirement; its changes are numbered from 1. The first one's `before` is the imported class."""

    type = EventName.CLASSIFICATION_CHANGED
    number: int
    before: Classification
    after: Classification
    membership: UUID
    reason: Personal
