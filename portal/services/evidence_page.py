"""The page of one evidence: where it stands, who holds it now, its versions, what this person may do. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.domain.policy import is_permitted, may_see_revision
from portal.domain.reading import ReadPage
from portal.domain.slot_state import SlotState
from portal.domain.workflow import ANSWERABLE_STATES, Action, State, find_transition
from portal.models import Evidence, Requirement
from portal.services.indicator_text import IndicatorText, get_indicator_text
from portal.services.places import Place, get_evidence_place, get_requirement_place
from portal.services.reading import record_page
from portal.services.revision_view import RevisionView, list_revisions
from portal.services.shown_revision import ShownRevision
from portal.services.slot_board import SlotView, list_slots, select_slots
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotChoice:
    """A slot that a draft may cover; `is_free` is false for one that another evidence holds."""

    slot_id: UUID
    month: date
    due_on: date
    is_free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePage:
    """What is shown of an evidence. `current` is its newest version in sight, `earlier` the others, newest first.

    `draft_id` is the open draft, if the actor may edit it; `may_answer` tells that he may begin the next version now.
    """

    place: Place
    text: IndicatorText
    current: RevisionView
    earlier: tuple[RevisionView, ...]
    draft_id: UUID | None
    may_answer: bool
    may_withdraw: bool
    may_reuse: bool
    may_review: bool
    may_see_trail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    """What is needed to begin an evidence for a requirement."""

    place: Place
    text: IndicatorText
    slots: tuple[SlotChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPage:
    """A draft with the slots that it may cover, and the version that it answers."""

    place: Place
    text: IndicatorText
    draft: RevisionView
    answers: RevisionView | None
    slots: tuple[SlotChoice, ...]


def get_evidence(*, actor: Actor, evidence_id: UUID, now: datetime) -> EvidencePage:
    """The page; raises NotFound when the actor may see no version of the evidence. Reading it is recorded."""
    page = _read_evidence(actor, evidence_id)
    record_page(ReadPage.EVIDENCE, _shown(page.place, page.text, page.current), actor=actor, now=now)
    return page


def _read_evidence(actor: Actor, evidence_id: UUID) -> EvidencePage:
    with transaction(write=False) as session:
        place, text, revisions = _load(session, evidence_id)
        seen = [r for r in revisions if _may_see(actor, place, text, r) and r.state is not State.DISCARDED]
        if not seen:
            raise NotFound
        newest = next(r for r in reversed(revisions) if r.state is not State.DISCARDED)
        edits = is_permitted(actor, Permission.EDIT_DRAFT, place.subject(text.classification))
        withdrawal = find_transition(Action.WITHDRAW, newest.state, decided=bool(newest.decisions))
        return EvidencePage(
            place=place,
            text=text,
            current=seen[-1],
            earlier=tuple(reversed(seen[:-1])),
            draft_id=newest.id if edits and newest.state is State.DRAFT else None,
            may_answer=edits and newest.state in ANSWERABLE_STATES,
            may_withdraw=edits and withdrawal is not None,
            may_reuse=edits and bool(seen[-1].files) and seen[-1].state is not State.DRAFT,
            may_review=is_permitted(actor, Permission.REOPEN, place.subject()) or _reviews(actor, place),
            may_see_trail=is_permitted(actor, Permission.SEE_TRAIL, place.subject()),
        )


def get_start(*, actor: Actor, requirement_id: UUID, now: datetime) -> StartPage:
    """What can be begun for a requirement; raises NotFound unless the actor may send evidence for it."""
    with transaction(write=False) as session:
        place = get_requirement_place(session, requirement_id)
        if not is_permitted(actor, Permission.EDIT_DRAFT, place.subject()):
            raise NotFound
        text = get_indicator_text(session, requirement_id)
        return StartPage(place=place, text=text, slots=_slots(session, actor, requirement_id, None, now))


def get_draft(*, actor: Actor, evidence_id: UUID, now: datetime) -> DraftPage:
    """The open draft of an evidence; raises NotFound when there is none that the actor may edit. Reading somebody
    else's is recorded.
    """
    page = _read_draft(actor, evidence_id, now)
    record_page(ReadPage.DRAFT, _shown(page.place, page.text, page.draft), actor=actor, now=now)
    return page


def _read_draft(actor: Actor, evidence_id: UUID, now: datetime) -> DraftPage:
    with transaction(write=False) as session:
        if not is_permitted(actor, Permission.EDIT_DRAFT, get_evidence_place(session, evidence_id).subject()):
            raise NotFound
        place, text, revisions = _load(session, evidence_id)
        draft = next((revision for revision in revisions if revision.state is State.DRAFT), None)
        if draft is None or not is_permitted(actor, Permission.EDIT_DRAFT, place.subject(text.classification)):
            raise NotFound
        return DraftPage(
            place=place,
            text=text,
            draft=draft,
            answers=next((revision for revision in revisions if revision.number == draft.answers), None),
            slots=_slots(session, actor, text.requirement_id, evidence_id, now),
        )


def _load(session: Session, evidence_id: UUID) -> tuple[Place, IndicatorText, tuple[RevisionView, ...]]:
    place = get_evidence_place(session, evidence_id)
    text = get_indicator_text(session, session.get_one(Evidence, evidence_id).requirement_id)
    return place, text, list_revisions(session, evidence_id)


def _may_see(actor: Actor, place: Place, text: IndicatorText, revision: RevisionView) -> bool:
    return may_see_revision(actor, _shown(place, text, revision).subject)


def _shown(place: Place, text: IndicatorText, revision: RevisionView) -> ShownRevision:
    return ShownRevision(
        place=place,
        classification=text.classification,
        evidence_id=revision.evidence_id,
        number=revision.number,
        state=revision.state,
        drafter_id=revision.drafter_id,
    )


def _reviews(actor: Actor, place: Place) -> bool:
    """Whether the actor is a reviewer of this place at all, whoever's turn it is."""
    subject = replace(place.subject(), tier_roles=frozenset(grant.role for grant in actor.grants))
    return is_permitted(actor, Permission.DECIDE, subject)


def _slots(
    session: Session, actor: Actor, requirement_id: UUID, evidence_id: UUID | None, now: datetime
) -> tuple[SlotChoice, ...]:
    query = select_slots().where(Requirement.id == requirement_id)
    return tuple(
        SlotChoice(
            slot_id=slot.slot_id,
            month=slot.month,
            due_on=slot.due_on,
            is_free=_is_free(slot, evidence_id),
        )
        for slot in list_slots(session, query, actor=actor, now=now)
    )


def _is_free(slot: SlotView, evidence_id: UUID | None) -> bool:
    return slot.state is SlotState.MISSING or slot.evidence_id == evidence_id
