"""The rows that a plan document becomes. Builds them, and neither reads nor stores any."""

from __future__ import annotations

from uuid import UUID, uuid4

from portal.domain.plan import PlanArea, PlanComponent, PlanDocument, PlanIndicator, PlanRequirement
from portal.domain.roles import Role
from portal.models import Area, Component, Indicator, Plan, Requirement, ReviewTier, Slot


def plan_rows(document: PlanDocument, *, unit_id: UUID) -> Plan:
    """The plan with everything below it, not yet in any session, and the default review: one tier, one approval."""
    plan_id = uuid4()
    return Plan(
        id=plan_id,
        unit_id=unit_id,
        year=document.year,
        title=document.title,
        decree_number=document.decree_number,
        decree_date=document.decree_date,
        issuer=document.issuer,
        place=document.place,
        signatory=document.signatory,
        lateness_from=document.lateness_from,
        document_sha256=document.sha256,
        areas=[_area(area, position, document, plan_id) for position, area in enumerate(document.areas, start=1)],
        tiers=[ReviewTier(position=0, role=Role.TPI_MEMBER, quorum=1)],
    )


def find_suspicion(indicator: PlanIndicator, *, year: int) -> str | None:
    """What the office should be asked about this indicator: what the document says, else a month of another year."""
    if indicator.suspicion:
        return indicator.suspicion
    foreign = sorted({month.year for month in indicator.months} - {year})
    if not foreign:
        return None
    years = ", ".join(str(found) for found in foreign)
    return f"Target jatuh pada tahun {years}, di luar tahun rencana {year}. Tanyakan kepada penyusun."


def _area(area: PlanArea, position: int, document: PlanDocument, plan_id: UUID) -> Area:
    return Area(
        position=position,
        code=area.code,
        name=area.name,
        official_name=area.official_name,
        components=[_component(component, document, plan_id) for component in area.components],
    )


def _component(component: PlanComponent, document: PlanDocument, plan_id: UUID) -> Component:
    return Component(
        number=component.number,
        name=component.name,
        indicators=[_indicator(indicator, document, plan_id) for indicator in component.indicators],
    )


def _indicator(indicator: PlanIndicator, document: PlanDocument, plan_id: UUID) -> Indicator:
    return Indicator(
        plan_id=plan_id,
        seq=indicator.seq,
        code=indicator.code,
        text=indicator.text,
        actions="\n".join(indicator.actions),
        evidence_text=indicator.evidence_text,
        target_text=indicator.target_text,
        note=indicator.note,
        suspicion=find_suspicion(indicator, year=document.year),
        requirements=[_requirement(requirement, indicator) for requirement in indicator.requirements],
    )


def _requirement(requirement: PlanRequirement, indicator: PlanIndicator) -> Requirement:
    return Requirement(
        position=requirement.position,
        text=requirement.text,
        classification=requirement.classification,
        slots=[Slot(month=slot.month, due_on=slot.due_on) for slot in indicator.slots],
    )
