"""Drafts: beginning an evidence, answering a return with a next version, and changing what the draft says and covers.

A draft's state changes only through the workflow; here its content does.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, InvalidTransition, NotFound
from portal.domain.events import EvidenceStarted, RevisionDrafted
from portal.domain.note import clean_note
from portal.domain.permissions import Permission
from portal.domain.policy import is_permitted, require
from portal.domain.workflow import ANSWERABLE_STATES, OPEN_STATES, Action, State
from portal.models import (
    Evidence,
    Redaction,
    Requirement,
    Revision,
    RevisionFile,
    RevisionLink,
    RevisionSlot,
    Slot,
)
from portal.services import audit
from portal.services.action import NOTE_MAX
from portal.services.case import file_fact
from portal.services.contributors import add_contributor
from portal.services.draft_change import get_open_draft
from portal.services.places import Place, get_evidence_place, get_requirement_place
from portal.services.slot_claims import answered_slots, claim_slots, release_slots
from portal.services.unit_of_work import transaction

EARLIEST, FURTHEST_AHEAD = date(1990, 1, 1), timedelta(days=366)
"""The dates that a document may bear; beyond them the year was mistyped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft that is there now."""

    evidence_id: UUID
    revision_id: UUID


def start_evidence(*, actor: Actor, requirement_id: UUID, slot_ids: Collection[UUID], now: datetime) -> Draft:
    """Begin an evidence for some slots of a requirement; raises NotFound, InvalidInput, or Stale for a taken slot."""
    with transaction() as session:
        place = get_requirement_place(session, requirement_id)
        if not is_permitted(actor, Permission.SEE_PLAN, place.subject()):
            raise NotFound
        evidence, revision = new_evidence(session, actor=actor, place=place, requirement_id=requirement_id, now=now)
        choose_slots(session, revision, requirement_id, slot_ids)
        return Draft(evidence_id=evidence.id, revision_id=revision.id)


def answer_revision(*, actor: Actor, evidence_id: UUID, now: datetime) -> Draft:
    """The next version after a return, a withdrawal or a reopening, with the content of what it answers.

    Raises NotFound, or InvalidTransition when the evidence waits for somebody else or is closed.
    """
    with transaction() as session:
        place = get_evidence_place(session, evidence_id)
        if not is_permitted(actor, Permission.SEE_DRAFT, place.subject()):
            raise NotFound
        grant = require(actor, Permission.EDIT_DRAFT, place.subject())
        answered = _answered(session, evidence_id)
        revision = _new_revision(evidence_id, actor, now, number=_next_number(session, evidence_id))
        revision.answers, revision.note, revision.document_date = answered.number, answered.note, answered.document_date
        session.add(revision)
        session.flush()
        links = _carry_over(session, answered, revision, actor)
        event = RevisionDrafted(
            obj=evidence_id,
            rev=revision.number,
            answers=answered.number,
            files=tuple(file_fact(part.file) for part in answered.files),
            links=tuple(link.id for link in links),
        )
        audit.record(session, event, actor=actor, now=now, grant=grant, scope=place.scope, area=place.area_code)
        return Draft(evidence_id=evidence_id, revision_id=revision.id)


def change_draft(
    *,
    actor: Actor,
    revision_id: UUID,
    note: str,
    document_date: date | None,
    slot_ids: Collection[UUID],
    now: datetime,
) -> None:
    """Keep what was typed; raises NotFound, InvalidTransition when submitted meanwhile, InvalidInput, Stale."""
    note = clean_note(note)
    if len(note) > NOTE_MAX:
        raise InvalidInput("note", f"Catatan terlalu panjang: {len(note)} huruf, batasnya {NOTE_MAX}.")
    if document_date and not EARLIEST <= document_date <= now.date() + FURTHEST_AHEAD:
        raise InvalidInput("document_date", "Tanggal dokumen di luar jangkauan. Periksa tahunnya.")
    with transaction() as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        case.revision.note, case.revision.document_date = note, document_date
        add_contributor(session, revision_id, actor.person)
        choose_slots(session, case.revision, case.requirement.id, slot_ids)


def new_evidence(
    session: Session, *, actor: Actor, place: Place, requirement_id: UUID, now: datetime
) -> tuple[Evidence, Revision]:
    """An evidence with its first draft, within the caller's transaction; the requirement is the actor's to answer."""
    requirement = session.get_one(Requirement, requirement_id)
    grant = require(actor, Permission.EDIT_DRAFT, place.subject(requirement.classification))
    evidence = Evidence(requirement_id=requirement_id, started_by=actor.person, started_at=now)
    session.add(evidence)
    session.flush()
    revision = _new_revision(evidence.id, actor, now, number=1)
    session.add(revision)
    session.flush()
    add_contributor(session, revision.id, actor.person)
    event = EvidenceStarted(
        obj=evidence.id, rev=1, requirement=requirement_id, classification=requirement.classification
    )
    audit.record(session, event, actor=actor, now=now, grant=grant, scope=place.scope, area=place.area_code)
    return evidence, revision


def choose_slots(session: Session, revision: Revision, requirement_id: UUID, slot_ids: Collection[UUID]) -> None:
    """Let the draft cover just these slots. Those of the version that it answers stay held until it is submitted.

    At least one, because work lists go by slots: nobody would find a draft without any again.
    """
    wanted = set(slot_ids)
    if not wanted:
        raise InvalidInput("slots", "Pilih sekurang-kurangnya satu bulan, agar draf ini dapat ditemukan lagi.")
    own = set(session.execute(select(Slot.id).where(Slot.requirement_id == requirement_id)).scalars())
    if not wanted <= own:
        raise InvalidInput("slots", "Bulan itu bukan milik bukti fisik ini. Muat ulang halaman, lalu pilih lagi.")
    claim_slots(session, revision.evidence_id, wanted)
    chosen = set(session.execute(select(RevisionSlot.slot_id).where(RevisionSlot.revision_id == revision.id)).scalars())
    session.execute(
        delete(RevisionSlot).where(RevisionSlot.revision_id == revision.id, RevisionSlot.slot_id.in_(chosen - wanted))
    )
    session.add_all(RevisionSlot(revision_id=revision.id, slot_id=slot_id) for slot_id in wanted - chosen)
    release_slots(session, revision.evidence_id, keep=wanted | answered_slots(session, revision))


def _answered(session: Session, evidence_id: UUID) -> Revision:
    """The last version that counts, if it may be answered now."""
    query = (
        select(Revision)
        .where(Revision.evidence_id == evidence_id, Revision.state != State.DISCARDED)
        .order_by(Revision.number.desc())
        .limit(1)
        .with_for_update()
    )
    last = session.execute(query).scalar_one_or_none()
    if last is None:
        raise NotFound
    if last.state in OPEN_STATES or last.state not in ANSWERABLE_STATES:
        raise InvalidTransition(Action.SUBMIT, last.state)
    return last


def _next_number(session: Session, evidence_id: UUID) -> int:
    query = select(func.max(Revision.number)).where(Revision.evidence_id == evidence_id)
    return (session.execute(query).scalar_one() or 0) + 1


def _new_revision(evidence_id: UUID, actor: Actor, now: datetime, *, number: int) -> Revision:
    return Revision(
        evidence_id=evidence_id,
        number=number,
        state=State.DRAFT,
        tier=0,
        note="",
        digest_salt=secrets.token_hex(16),
        drafted_by=actor.person,
        drafted_at=now,
    )


def _carry_over(session: Session, answered: Revision, revision: Revision, actor: Actor) -> list[RevisionLink]:
    """Files with their marks, links and slots of the answered version, and everybody who had a hand in it; returns the
    new links.
    """
    for part in answered.files:
        session.add(RevisionFile(revision_id=revision.id, file_id=part.file_id, position=part.position))
    session.flush()
    session.add_all(
        Redaction(revision_id=revision.id, file_id=part.file_id, original_id=part.redacts)
        for part in answered.files
        if part.redacts
    )
    links = [
        RevisionLink(revision_id=revision.id, position=link.position, url=link.url, note=link.note)
        for link in answered.links
    ]
    session.add_all(links)
    for slot in answered.slots:
        session.add(RevisionSlot(revision_id=revision.id, slot_id=slot.slot_id))
    for person in {actor.person, *(contributor.user_id for contributor in answered.contributors)}:
        add_contributor(session, revision.id, person)
    return links
