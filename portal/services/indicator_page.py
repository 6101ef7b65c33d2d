"""Indikator: the verbatim texts of one indicator, each evidence item with its slots, and the evidence that answers
them. Reads only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.domain.policy import is_permitted, may_see_revision
from portal.domain.review import ReturnReason, Verdict
from portal.domain.workflow import CONTENT_STATES, State
from portal.models import (
    Area,
    Component,
    Decision,
    Evidence,
    Indicator,
    Requirement,
    Revision,
    RevisionSlot,
    Slot,
)
from portal.services.places import Place, get_indicator_place
from portal.services.redacted_page import HAS_COPIES, sees_copies_alone
from portal.services.revision_view import read_names
from portal.services.slot_board import SlotView, list_slots, select_slots
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSummary:
    """One evidence as its newest visible revision shows it. `decided_by` is a name; `months` first days of months."""

    evidence_id: UUID
    revision_id: UUID
    revision_number: int
    state: State
    months: tuple[date, ...]
    submitted_by: str | None
    submitted_at: datetime | None
    verdict: Verdict | None
    reason: ReturnReason | None
    note: str
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementView:
    """One evidence item, with the evidence for it that the actor may open; `copies` are evidence of which he may see
    the redacted copies alone.
    """

    requirement_id: UUID
    position: int
    text: str
    classification: Classification
    slots: tuple[SlotView, ...]
    evidence: tuple[EvidenceSummary, ...]
    copies: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorPage:
    """The page of one indicator, with what the actor may do on it."""

    place: Place
    area_name: str
    area_official_name: str
    component_number: int
    component_name: str
    text: str
    actions: tuple[str, ...]
    evidence_text: str
    target_text: str
    note: str | None
    suspicion: str | None
    requirements: tuple[RequirementView, ...]
    may_upload: bool
    may_assign_pic: bool
    may_classify: bool
    may_see_trail: bool
    previous_id: UUID | None
    next_id: UUID | None


def get_indicator(*, actor: Actor, indicator_id: UUID, now: datetime) -> IndicatorPage:
    """The page; raises NotFound for an indicator of a unit that the actor may not see."""
    with transaction(write=False) as session:
        place = get_indicator_place(session, indicator_id)
        subject = place.subject()
        if not is_permitted(actor, Permission.SEE_PLAN, subject):
            raise NotFound
        indicator = session.get_one(Indicator, indicator_id)
        area = indicator.component.area
        previous_id, next_id = _neighbours(session, place)
        manages = is_permitted(actor, Permission.MANAGE_PLAN, subject)
        return IndicatorPage(
            place=place,
            area_name=area.name,
            area_official_name=area.official_name,
            component_number=indicator.component.number,
            component_name=indicator.component.name,
            text=indicator.text,
            actions=tuple(indicator.actions.splitlines()),
            evidence_text=indicator.evidence_text,
            target_text=indicator.target_text,
            note=indicator.note if manages else None,
            suspicion=indicator.suspicion if manages else None,
            requirements=_requirements(session, actor, place, now),
            may_upload=is_permitted(actor, Permission.EDIT_DRAFT, subject),
            may_assign_pic=is_permitted(actor, Permission.ASSIGN_PIC, subject),
            may_classify=is_permitted(actor, Permission.RAISE_CLASSIFICATION, subject),
            may_see_trail=is_permitted(actor, Permission.SEE_TRAIL, subject),
            previous_id=previous_id,
            next_id=next_id,
        )


def _neighbours(session: Session, place: Place) -> tuple[UUID | None, UUID | None]:
    """The indicators before and after this one in the plan's order."""
    query = (
        select(Indicator.id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .where(Indicator.plan_id == place.plan_id)
        .order_by(Area.position, Component.number, Indicator.seq)
    )
    ids = list(session.execute(query).scalars())
    at = ids.index(place.indicator_id)
    return (ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None)


Rows: TypeAlias = Sequence[Row[Revision, Requirement, bool]]


def _requirements(session: Session, actor: Actor, place: Place, now: datetime) -> tuple[RequirementView, ...]:
    slots = list_slots(session, select_slots().where(Indicator.id == place.indicator_id), actor=actor, now=now)
    rows = _rows(session, place)
    summaries, copies = _summaries(session, actor, place, rows), _copies(actor, place, rows)
    by_requirement: dict[UUID, list[SlotView]] = {}
    for slot in slots:
        by_requirement.setdefault(slot.requirement_id, []).append(slot)
    return tuple(
        RequirementView(
            requirement_id=requirement_id,
            position=own[0].requirement_position,
            text=own[0].requirement_text,
            classification=own[0].classification,
            slots=tuple(own),
            evidence=tuple(summaries.get(requirement_id, [])),
            copies=tuple(copies.get(requirement_id, ())),
        )
        for requirement_id, own in by_requirement.items()
    )


def _rows(session: Session, place: Place) -> Rows:
    """All revisions of the indicator's evidence in order, each with its requirement and whether it has copies."""
    query = (
        select(Revision, Requirement, HAS_COPIES)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .where(Requirement.indicator_id == place.indicator_id, Revision.state != State.DISCARDED)
        .order_by(Evidence.started_at, Revision.number)
    )
    return session.execute(query).all()


def _copies(actor: Actor, place: Place, rows: Rows) -> dict[UUID, list[UUID]]:
    """Evidence of which the actor may see the redacted copies alone, by requirement: its newest version handed in."""
    newest = {row.Revision.evidence_id: row for row in rows if row.Revision.state in CONTENT_STATES}
    found: dict[UUID, list[UUID]] = {}
    for row in newest.values():
        subject = replace(place.subject(row.Requirement.classification), state=row.Revision.state)
        if row.has_copies and sees_copies_alone(actor, subject):
            found.setdefault(row.Requirement.id, []).append(row.Revision.evidence_id)
    return found


def _summaries(session: Session, actor: Actor, place: Place, rows: Rows) -> dict[UUID, list[EvidenceSummary]]:
    """The newest revision of each evidence that the actor may see, by requirement."""
    newest: dict[UUID, tuple[Revision, Requirement]] = {}
    for revision, requirement, _ in rows:
        if _may_see(actor, place, revision, requirement):
            newest[revision.evidence_id] = (revision, requirement)
    months, decisions = _months(session, newest), _decisions(session, newest)
    names = read_names(session, _people(newest, decisions))
    found: dict[UUID, list[EvidenceSummary]] = {}
    for revision, requirement in newest.values():
        summary = _summary(revision, months.get(revision.id, ()), decisions.get(revision.id), names)
        found.setdefault(requirement.id, []).append(summary)
    return found


def _may_see(actor: Actor, place: Place, revision: Revision, requirement: Requirement) -> bool:
    subject = replace(place.subject(requirement.classification), state=revision.state)
    return may_see_revision(actor, subject)


Newest = Mapping[UUID, tuple[Revision, Requirement]]


def _months(session: Session, newest: Newest) -> dict[UUID, tuple[date, ...]]:
    query = (
        select(RevisionSlot.revision_id, Slot.month)
        .join(Slot, Slot.id == RevisionSlot.slot_id)
        .where(RevisionSlot.revision_id.in_([revision.id for revision, _ in newest.values()]))
        .order_by(Slot.month)
    )
    found: dict[UUID, tuple[date, ...]] = {}
    for row in session.execute(query):
        found[row.revision_id] = (*found.get(row.revision_id, ()), row.month)
    return found


def _decisions(session: Session, newest: Newest) -> dict[UUID, Decision]:
    """The last decision on each revision."""
    query = (
        select(Decision)
        .where(Decision.revision_id.in_([revision.id for revision, _ in newest.values()]))
        .order_by(Decision.decided_at)
    )
    return {decision.revision_id: decision for decision in session.execute(query).scalars()}


def _people(newest: Newest, decisions: Mapping[UUID, Decision]) -> set[UUID]:
    senders = {revision.submitted_by for revision, _ in newest.values() if revision.submitted_by}
    return senders | {decision.reviewer_id for decision in decisions.values()}


def _summary(
    revision: Revision, months: Sequence[date], decision: Decision | None, names: Mapping[UUID, str]
) -> EvidenceSummary:
    return EvidenceSummary(
        evidence_id=revision.evidence_id,
        revision_id=revision.id,
        revision_number=revision.number,
        state=revision.state,
        months=tuple(months),
        submitted_by=names[revision.submitted_by] if revision.submitted_by else None,
        submitted_at=revision.submitted_at,
        verdict=decision.verdict if decision else None,
        reason=decision.reason if decision else None,
        note=decision.note if decision else "",
        decided_by=names[decision.reviewer_id] if decision else None,
        decided_at=decision.decided_at if decision else None,
    )
