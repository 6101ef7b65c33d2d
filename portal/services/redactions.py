"""Redacted copies: which file of a draft blacks out which other file of it. Whoever may not see a restricted evidence
sees these copies alone.

Whether a copy really hides what it must is the reviewers' to judge; here only the mark is kept.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound
from portal.domain.events import CopyMarked, CopyUnmarked
from portal.models import Redaction, RevisionFile
from portal.services.case import Case
from portal.services.draft_change import get_open_draft, record_change
from portal.services.unit_of_work import transaction

NOT_RESTRICTED = "Bukti fisik ini dapat dibaca seluruh unit kerja, jadi salinannya tidak perlu ditandai."
SAME = "Berkas asli dan salinannya harus dua berkas yang berbeda."
CHAIN = "Salinan tidak dapat disalin lagi: pilih berkas aslinya, yang bukan salinan dari berkas lain."
GONE = "Berkas itu tidak ada lagi dalam draf ini. Muat ulang halaman, lalu pilih lagi."


def mark_copy(*, actor: Actor, revision_id: UUID, file_id: UUID, original_id: UUID, now: datetime) -> None:
    """Mark a file of a restricted draft as the redacted copy of another, instead of what it was marked as before.

    Raises NotFound, NotPermitted, InvalidTransition when submitted meanwhile, or InvalidInput.
    """
    with transaction() as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        if not case.requirement.classification.is_restricted:
            raise InvalidInput("copy", NOT_RESTRICTED)
        parts = {part.file_id: part for part in case.revision.files}
        _refuse_unfit(parts, file_id, original_id)
        if parts[file_id].redacts == original_id:
            return
        if parts[file_id].redacts:
            _unmark(session, case, file_id, actor, now)
        session.add(Redaction(revision_id=revision_id, file_id=file_id, original_id=original_id))
        event = CopyMarked(obj=case.evidence.id, rev=case.revision.number, file=file_id, original=original_id)
        record_change(session, case, event, actor=actor, now=now)


def unmark_copy(*, actor: Actor, revision_id: UUID, file_id: UUID, now: datetime) -> None:
    """Let a file of the draft be one like any other again; raises NotFound when it is not marked."""
    with transaction() as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        if not any(part.file_id == file_id and part.redacts for part in case.revision.files):
            raise NotFound
        _unmark(session, case, file_id, actor, now)


def unmark_around(session: Session, case: Case, file_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take away each mark that names the file, before it is taken out of the draft itself."""
    for part in case.revision.files:
        if part.redacts and file_id in {part.file_id, part.redacts}:
            _unmark(session, case, part.file_id, actor, now)


def _refuse_unfit(parts: dict[UUID, RevisionFile], file_id: UUID, original_id: UUID) -> None:
    if file_id not in parts:
        raise InvalidInput("copy", GONE)
    if original_id not in parts:
        raise InvalidInput("original", GONE)
    if file_id == original_id:
        raise InvalidInput("original", SAME)
    if parts[original_id].redacts or any(part.redacts == file_id for part in parts.values()):
        raise InvalidInput("original", CHAIN)


def _unmark(session: Session, case: Case, file_id: UUID, actor: Actor, now: datetime) -> None:
    session.execute(delete(Redaction).where(Redaction.revision_id == case.revision.id, Redaction.file_id == file_id))
    event = CopyUnmarked(obj=case.evidence.id, rev=case.revision.number, file=file_id)
    record_change(session, case, event, actor=actor, now=now)
