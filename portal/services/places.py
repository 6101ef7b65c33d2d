"""Where something stands: the unit, plan, area and indicator around it, as the policy and the trail need them.

Every service that is given an id finds its place here first, asks the policy, and only then reads what it reveals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from portal.domain.classification import Classification
from portal.domain.errors import NotFound
from portal.domain.events import indicator_scope
from portal.domain.policy import Subject
from portal.models import Area, Component, Evidence, Indicator, Plan, Requirement, Slot, Unit

Places: TypeAlias = Select[*tuple[Any, ...]]
"""A query whose rows are places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An indicator's address in the organisation. `scope` names its chain in the trail."""

    unit_id: UUID
    unit_code: str
    unit_name: str
    unit_path: str
    timezone: str
    plan_id: UUID
    year: int
    area_code: str
    indicator_id: UUID
    indicator_code: str

    @property
    def scope(self) -> str:
        return indicator_scope(self.unit_code, self.year, self.indicator_code)

    def subject(self, classification: Classification = Classification.BIASA) -> Subject:
        """The place itself as the policy sees it; a revision adds its own facts."""
        return Subject(unit_path=self.unit_path, area=self.area_code, classification=classification)


def place_columns() -> tuple[ColumnElement[Any], ...]:
    """The columns of a Place, for queries that join `indicator` to `unit` themselves."""
    return (
        Unit.id.label("unit_id"),
        Unit.code.label("unit_code"),
        Unit.name.label("unit_name"),
        Unit.path.label("unit_path"),
        Unit.timezone.label("timezone"),
        Plan.id.label("plan_id"),
        Plan.year.label("year"),
        Area.code.label("area_code"),
        Indicator.id.label("indicator_id"),
        Indicator.code.label("indicator_code"),
    )


def select_places() -> Places:
    """Query of all places, one row an indicator; callers narrow it."""
    return (
        select(*place_columns())
        .select_from(Indicator)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .join(Plan, Plan.id == Area.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
    )


def get_indicator_place(session: Session, indicator_id: UUID) -> Place:
    """Place of the indicator; raises NotFound."""
    return _one(session, select_places().where(Indicator.id == indicator_id))


def get_requirement_place(session: Session, requirement_id: UUID) -> Place:
    """Place of the indicator that asks for this evidence item; raises NotFound."""
    return _one(session, select_places().join(Requirement).where(Requirement.id == requirement_id))


def get_slot_place(session: Session, slot_id: UUID) -> Place:
    """Place of the indicator whose requirement is dated by this slot; raises NotFound."""
    return _one(session, select_places().join(Requirement).join(Slot).where(Slot.id == slot_id))


def get_evidence_place(session: Session, evidence_id: UUID) -> Place:
    """Place of the indicator that this evidence answers; raises NotFound."""
    query = select_places().join(Requirement).join(Evidence, Evidence.requirement_id == Requirement.id)
    return _one(session, query.where(Evidence.id == evidence_id))


def _one(session: Session, query: Places) -> Place:
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound
    return Place(**row)
