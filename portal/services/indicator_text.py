"""The verbatim texts around a requirement, as every page about evidence shows them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.classification import Classification
from portal.domain.errors import NotFound
from portal.models import Area, Component, Indicator, Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorText:
    """Texts as the plan has them; `actions` one step each."""

    indicator_id: UUID
    area_code: str
    area_name: str
    component_number: int
    component_name: str
    indicator_code: str
    indicator_text: str
    actions: tuple[str, ...]
    evidence_text: str
    target_text: str
    requirement_id: UUID
    requirement_text: str
    classification: Classification


def get_indicator_text(session: Session, requirement_id: UUID) -> IndicatorText:
    """Texts around one requirement; raises NotFound."""
    row = session.execute(
        select(Requirement, Indicator, Component, Area)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .where(Requirement.id == requirement_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    requirement, indicator, component, area = row
    return IndicatorText(
        indicator_id=indicator.id,
        area_code=area.code,
        area_name=area.name,
        component_number=component.number,
        component_name=component.name,
        indicator_code=indicator.code,
        indicator_text=indicator.text,
        actions=tuple(indicator.actions.splitlines()),
        evidence_text=indicator.evidence_text,
        target_text=indicator.target_text,
        requirement_id=requirement.id,
        requirement_text=requirement.text,
        classification=requirement.classification,
    )
