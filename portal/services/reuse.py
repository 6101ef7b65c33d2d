"""Pakai juga untuk bukti lain: the same files attached to an evidence of another requirement, without sending them
again.

The result is a sibling evidence: it shares the stored files and has its own reviewers, state, classification and trail.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.errors import InvalidInput, NotFound
from portal.domain.events import FileReused, Personal
from portal.domain.permissions import Permission
from portal.domain.policy import is_permitted, require
from portal.domain.reading import ReadPage
from portal.domain.slot_state import SlotState
from portal.models import Plan, RevisionFile, Slot, SlotClaim, StoredFile
from portal.services import audit
from portal.services.case import Case, file_fact, get_case
from portal.services.contributors import add_contributor
from portal.services.drafts import Draft, choose_slots, new_evidence
from portal.services.places import Place, get_requirement_place
from portal.services.reading import record_page
from portal.services.shown_revision import ShownRevision
from portal.services.slot_board import list_slots, select_slots
from portal.services.unit_of_work import transaction
from portal.services.visibility import visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseTarget:
    """A requirement that still has a free slot and that the actor may answer."""

    requirement_id: UUID
    indicator_code: str
    indicator_text: str
    requirement_text: str
    classification: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class ReusableFile:
    file_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseChoice:
    """What can be attached, and to what; the class of the target decides who reads it there."""

    place: Place
    evidence_id: UUID
    requirement_text: str
    classification: Classification
    files: tuple[ReusableFile, ...]
    targets: tuple[ReuseTarget, ...]


def get_reuse_choice(*, actor: Actor, revision_id: UUID, now: datetime) -> ReuseChoice:
    """The files of a revision that the actor may see, and the requirements of its plan that they could answer too.
    Reading them is recorded.
    """
    choice, shown = _read_choice(actor, revision_id, now)
    record_page(ReadPage.REUSE, shown, actor=actor, now=now)
    return choice


def _read_choice(actor: Actor, revision_id: UUID, now: datetime) -> tuple[ReuseChoice, ShownRevision]:
    with transaction(write=False) as session:
        case = get_case(session, actor=actor, revision_id=revision_id)
        query = select_slots().where(Plan.id == case.place.plan_id, visible_to(actor, Permission.EDIT_DRAFT))
        free = [
            slot
            for slot in list_slots(session, query, actor=actor, now=now)
            if slot.state is SlotState.MISSING and slot.requirement_id != case.requirement.id
        ]
        targets = {
            slot.requirement_id: ReuseTarget(
                requirement_id=slot.requirement_id,
                indicator_code=slot.indicator_code,
                indicator_text=slot.indicator_text,
                requirement_text=slot.requirement_text,
                classification=slot.classification,
            )
            for slot in free
        }
        choice = ReuseChoice(
            place=case.place,
            evidence_id=case.evidence.id,
            requirement_text=case.requirement.text,
            classification=case.requirement.classification,
            files=tuple(ReusableFile(file_id=p.file_id, name=p.file.name) for p in case.revision.files),
            targets=tuple(targets.values()),
        )
        return choice, case.shown


def reuse_files(
    *, actor: Actor, revision_id: UUID, file_ids: Collection[UUID], requirement_id: UUID, now: datetime
) -> Draft:
    """A draft for `requirement_id` with these files of a revision, covering its free slots of the same months, or its
    first free one.

    Raises NotFound for a revision that the actor may not see, NotPermitted or InvalidInput for a target that is not
    his.
    """
    with transaction() as session:
        case = get_case(session, actor=actor, revision_id=revision_id)
        files = [part.file for part in case.revision.files if part.file_id in set(file_ids)]
        if not files or len(files) != len(set(file_ids)):
            raise InvalidInput("files", "Pilih sekurang-kurangnya satu berkas dari bukti ini.")
        place = get_requirement_place(session, requirement_id)
        if not is_permitted(actor, Permission.SEE_PLAN, place.subject()):
            raise NotFound
        evidence, revision = new_evidence(session, actor=actor, place=place, requirement_id=requirement_id, now=now)
        choose_slots(session, revision, requirement_id, _free_slots(session, case, requirement_id))
        _attach(session, revision.id, files)
        grant = require(actor, Permission.EDIT_DRAFT, place.subject())
        for file in files:
            event = FileReused(
                obj=evidence.id, rev=1, fact=file_fact(file), uploader=file.uploader_id, name=Personal(file.name)
            )
            audit.record(session, event, actor=actor, now=now, grant=grant, scope=place.scope, area=place.area_code)
        return Draft(evidence_id=evidence.id, revision_id=revision.id)


def _free_slots(session: Session, case: Case, requirement_id: UUID) -> list[UUID]:
    """The target's slots of the same months that nobody holds; where there is none, its first free one."""
    query = (
        select(Slot)
        .outerjoin(SlotClaim, SlotClaim.slot_id == Slot.id)
        .where(Slot.requirement_id == requirement_id, SlotClaim.evidence_id.is_(None))
        .order_by(Slot.month)
    )
    free = session.execute(query).scalars().all()
    months = {part.slot.month for part in case.revision.slots}
    return [slot.id for slot in free if slot.month in months] or [slot.id for slot in free[:1]]


def _attach(session: Session, revision_id: UUID, files: Sequence[StoredFile]) -> None:
    """Whoever sent one of the files first is a contributor of the sibling too, and does not decide on it."""
    for position, file in enumerate(files):
        session.add(RevisionFile(revision_id=revision_id, file_id=file.id, position=position))
        add_contributor(session, revision_id, file.uploader_id)
