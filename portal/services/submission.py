"""What handing in writes, and what taking back or dropping a draft writes.

Called by `workflow.perform` alone. From the submission on the content is fixed: its digest covers all that a reviewer
will be shown.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.domain.errors import InvalidInput
from portal.domain.events import DraftDiscarded, EvidenceSubmitted, EvidenceWithdrawn, Personal
from portal.services.action import Effect, Step
from portal.services.case import Case, file_fact
from portal.services.contributors import add_contributor, list_contributors
from portal.services.slot_claims import answered_slots, claim_slots, release_slots


def submit(session: Session, step: Step) -> Effect:
    """Fix the draft's content under its digest, and hold just the slots that it covers."""
    case = step.case
    _require_complete(case)
    add_contributor(session, case.revision.id, step.actor.person)
    case.revision.digest = case.content.digest
    case.revision.submitted_by = step.actor.person
    case.revision.submitted_at = step.now
    slot_ids = [part.slot_id for part in case.revision.slots]
    claim_slots(session, case.evidence.id, slot_ids)
    release_slots(session, case.evidence.id, keep=slot_ids)
    return Effect(position=step.unmoved, event=_submitted(session, case, case.revision.digest))


def discard(session: Session, step: Step) -> Effect:
    """Drop the draft. The slots go back to what the answered revision covered, or free when there is none."""
    answered = answered_slots(session, step.case.revision)
    release_slots(session, step.case.evidence.id, keep=answered)
    return Effect(
        position=step.unmoved,
        event=DraftDiscarded(obj=step.case.evidence.id, rev=step.case.revision.number),
    )


def withdraw(session: Session, step: Step) -> Effect:  # noqa: ARG001  # every effect takes the session
    """Take the submission back before anybody has decided; its slots stay held for the next draft."""
    note = Personal(step.command.note)
    return Effect(
        position=step.unmoved,
        event=EvidenceWithdrawn(obj=step.case.evidence.id, rev=step.case.revision.number, note=note),
    )


def _require_complete(case: Case) -> None:
    """Raises InvalidInput for the first thing that a reviewer would miss."""
    if not case.revision.files and not case.revision.links:
        raise InvalidInput(
            "files", "Belum ada berkas atau tautan. Tambahkan sekurang-kurangnya satu, lalu ajukan lagi."
        )
    if not case.revision.slots:
        raise InvalidInput("slots", "Pilih sekurang-kurangnya satu bulan yang dipenuhi bukti ini.")


def _submitted(session: Session, case: Case, digest: str) -> EvidenceSubmitted:
    revision = case.revision
    return EvidenceSubmitted(
        obj=case.evidence.id,
        rev=revision.number,
        digest=digest,
        files=tuple(file_fact(part.file) for part in revision.files),
        links=tuple(link.id for link in revision.links),
        months=tuple(sorted(part.slot.month for part in revision.slots)),
        document_date=revision.document_date,
        contributors=tuple(sorted(list_contributors(session, revision.id))),
        note=Personal(revision.note),
    )
