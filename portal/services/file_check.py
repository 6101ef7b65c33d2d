"""Verifikasi berkas: whether a file, known by its SHA-256 alone, is part of approved evidence, and since when.

Reads only. Who asks without an account learns of what is not restricted, and only where the admin allows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, false, or_, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.errors import InvalidInput, NotPermitted
from portal.domain.events import EventName, indicator_scope
from portal.domain.permissions import Permission
from portal.domain.workflow import State
from portal.models import (
    Area,
    Component,
    Evidence,
    Indicator,
    LogCheckpoint,
    Plan,
    Requirement,
    Revision,
    RevisionFile,
    StoredFile,
    Unit,
)
from portal.services.log_reader import LogEntry, list_entries
from portal.services.unit_of_work import transaction
from portal.services.visibility import visible_to

MOST_SHOWN = 10
"""Evidence that is named for one file; a form letter may lie in hundreds."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedPlace:
    """An approved evidence that holds the file. `seq` is the place of the approval in the audit log and
    `checkpoint_size` the first signed checkpoint that covers it (None: none yet); `evidence_id` is None for who may not
    open the evidence.
    """

    unit_name: str
    year: int
    indicator_code: str
    approved_at: datetime
    seq: int
    checkpoint_size: int | None
    signed_at: datetime | None
    evidence_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """The answer for one file: no places, or at most MOST_SHOWN of them, and whether there are more."""

    sha256: str
    places: tuple[ApprovedPlace, ...]
    has_more: bool


def check_file(*, actor: Actor | None, sha256: str, is_public: bool, now: datetime) -> FileCheck:  # noqa: ARG001  # services take now
    """The approved evidence with a file of this hash; `is_public` is the admin's leave for everybody to ask.

    Raises NotPermitted for a stranger without that leave, InvalidInput for what is no SHA-256.
    """
    if actor is None and not is_public:
        raise NotPermitted
    wanted = read_sha256(sha256)
    readable = visible_to(actor, Permission.SEE_EVIDENCE) if actor else false()
    with transaction(write=False) as session:
        rows = session.execute(_approved_with(wanted, readable, is_public=is_public)).all()
        places = [_find_place(session, row) for row in rows[:MOST_SHOWN]]
    return FileCheck(sha256=wanted, places=tuple(filter(None, places)), has_more=len(rows) > MOST_SHOWN)


def read_sha256(text: str) -> str:
    """64 lower-case hex digits from what somebody typed or pasted, in groups or not; raises InvalidInput."""
    found = re.sub(r"[\s-]", "", text).lower()
    if not _SHA256.fullmatch(found):
        raise InvalidInput("sha256", "Kode SHA-256 terdiri dari 64 tanda 0–9 dan a–f. Salin ulang kodenya.")
    return found


def _approved_with(
    sha256: str, readable: ColumnElement[bool], *, is_public: bool
) -> Select[UUID, int, str, str, int, str, bool]:
    open_to_all = (Requirement.classification == Classification.BIASA) if is_public else false()
    return (
        select(
            Evidence.id,
            Revision.number,
            Unit.code.label("unit"),
            Unit.name.label("unit_name"),
            Plan.year,
            Indicator.code.label("indicator"),
            readable.label("is_readable"),
        )
        .join(Revision, Revision.evidence_id == Evidence.id)
        .join(RevisionFile, RevisionFile.revision_id == Revision.id)
        .join(StoredFile, StoredFile.id == RevisionFile.file_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .join(Plan, Plan.id == Area.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
        .where(StoredFile.sha256 == sha256, Revision.state == State.APPROVED, or_(readable, open_to_all))
        .order_by(Revision.settled_at, Evidence.id)
        .limit(MOST_SHOWN + 1)
    )


def _find_place(session: Session, row: Row[UUID, int, str, str, int, str, bool]) -> ApprovedPlace | None:
    """The place, as far as the trail holds its approval: a row that no leaf explains is no approved evidence."""
    evidence_id, number, unit, unit_name, year, indicator, is_readable = row
    approval = _find_final_approval(session, indicator_scope(unit, year, indicator), evidence_id, number)
    if approval is None:
        return None
    covering = _find_covering(session, approval.seq)
    return ApprovedPlace(
        unit_name=unit_name,
        year=year,
        indicator_code=indicator,
        approved_at=approval.at,
        seq=approval.seq,
        checkpoint_size=covering.size if covering else None,
        signed_at=covering.signed_at if covering else None,
        evidence_id=evidence_id if is_readable else None,
    )


def _find_covering(session: Session, seq: int) -> LogCheckpoint | None:
    """The first checkpoint whose tree holds the leaf."""
    query = select(LogCheckpoint).where(LogCheckpoint.size > seq).order_by(LogCheckpoint.size).limit(1)
    return session.execute(query).scalar_one_or_none()


def _find_final_approval(session: Session, scope: str, evidence_id: UUID, number: int) -> LogEntry | None:
    for entry in list_entries(session, scope):
        is_approval = entry.name is EventName.EVIDENCE_APPROVED and entry.data.get("final") is True
        if is_approval and (entry.obj, entry.rev) == (evidence_id, number):
            return entry
    return None
