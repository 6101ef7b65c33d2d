"""Periksa sebelum diajukan: what a draft still lacks, and what a reviewer would wonder about. Reads only.

Only a gap keeps a draft from being submitted; a doubt is for the sender to look at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.workflow import State
from portal.models import Evidence, Indicator, Requirement, Revision, RevisionFile, StoredFile
from portal.services.evidence_page import DraftPage, get_draft
from portal.services.revision_view import RevisionView
from portal.services.unit_of_work import transaction

OLD_DOCUMENT = timedelta(days=400)


class Remark(StrEnum):
    """What was found; a gap keeps the draft from being submitted."""

    NO_CONTENT = "no_content"
    NO_DOCUMENT_DATE = "no_document_date"
    DATE_IN_FUTURE = "date_in_future"
    DATE_LONG_AGO = "date_long_ago"
    NOTHING_NEW = "nothing_new"
    RESTRICTED = "restricted"

    @property
    def is_gap(self) -> bool:
        return self is Remark.NO_CONTENT


@dataclass(frozen=True, slots=True, kw_only=True)
class SameBytes:
    """A file of the draft whose bytes are part of another evidence of the plan already."""

    name: str
    indicator_code: str
    requirement_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The draft as it would be submitted, with what was found, gaps first."""

    page: DraftPage
    remarks: tuple[Remark, ...]
    known_files: tuple[SameBytes, ...]

    @property
    def may_submit(self) -> bool:
        return not any(remark.is_gap for remark in self.remarks)


def check_draft(*, actor: Actor, evidence_id: UUID, now: datetime) -> Readiness:
    """Look at the open draft before it is submitted; raises NotFound when there is none that the actor may edit."""
    page = get_draft(actor=actor, evidence_id=evidence_id, now=now)
    with transaction(write=False) as session:
        known = _same_bytes(session, page)
    return Readiness(page=page, remarks=tuple(_remarks(page, now)), known_files=known)


def _remarks(page: DraftPage, now: datetime) -> Iterable[Remark]:
    draft, today = page.draft, now.astimezone(ZoneInfo(page.place.timezone)).date()
    dated, first_month = draft.document_date, min(draft.months, default=None)
    found = {
        Remark.NO_CONTENT: not draft.files and not draft.links,
        Remark.NO_DOCUMENT_DATE: dated is None,
        Remark.DATE_IN_FUTURE: dated is not None and dated > today,
        Remark.DATE_LONG_AGO: dated is not None and first_month is not None and first_month - dated > OLD_DOCUMENT,
        Remark.NOTHING_NEW: page.answers is not None
        and page.answers.state is State.RETURNED
        and _content(draft) == _content(page.answers),
        Remark.RESTRICTED: page.text.classification.is_restricted,
    }
    return [remark for remark in Remark if found[remark]]


def _content(revision: RevisionView) -> tuple[set[str], set[tuple[str, str]]]:
    return {file.sha256 for file in revision.files}, {(link.url, link.note) for link in revision.links}


def _same_bytes(session: Session, page: DraftPage) -> tuple[SameBytes, ...]:
    """The draft's files whose bytes stand in a submitted revision of another evidence of this plan."""
    names = {file.sha256: file.name for file in page.draft.files}
    query = (
        select(StoredFile.sha256, Indicator.code, Requirement.text)
        .join(RevisionFile, RevisionFile.file_id == StoredFile.id)
        .join(Revision, Revision.id == RevisionFile.revision_id)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .where(
            StoredFile.sha256.in_(names),
            Indicator.plan_id == page.place.plan_id,
            Evidence.id != page.draft.evidence_id,
            Revision.state.in_([State.SUBMITTED, State.APPROVED, State.RETURNED]),
        )
        .distinct()
        .order_by(Indicator.code)
        .limit(20)
    )
    return tuple(
        SameBytes(name=names[row.sha256], indicator_code=row.code, requirement_text=row.text)
        for row in session.execute(query)
    )
