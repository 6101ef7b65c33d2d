"""A revision as pages show it: content, people and verdicts, read once into frozen objects.

Who may see it is decided before; nothing here asks the policy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.review import ReturnReason, Verdict
from portal.domain.roles import Role
from portal.domain.workflow import State
from portal.models import Decision, Reopening, Revision, RevisionFile, User
from portal.services.revision_parts import REVISION_PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """One file of a revision. `is_new` tells that the revision it answers did not have it; `size` is in bytes;
    `redacts` is the id of the file of which it is the redacted copy.
    """

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    uploader: str
    uploaded_at: datetime
    is_new: bool
    redacts: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    id: UUID
    url: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """One verdict; `tier` counts from 1, `role` is the one of the membership by which it was made."""

    reviewer: str
    role: Role
    tier: int
    verdict: Verdict
    reason: ReturnReason | None
    note: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopeningView:
    by: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """One version of an evidence; `tier` counts from 1, `months` are first days of months in order."""

    id: UUID
    evidence_id: UUID
    number: int
    answers: int | None
    state: State
    tier: int
    note: str
    document_date: date | None
    digest: str | None
    drafter_id: UUID
    drafted_by: str
    drafted_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    settled_at: datetime | None
    files: tuple[FileView, ...]
    links: tuple[LinkView, ...]
    months: tuple[date, ...]
    slot_ids: frozenset[UUID]
    decisions: tuple[DecisionView, ...]
    reopening: ReopeningView | None

    @property
    def total_size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def originals(self) -> tuple[FileView, ...]:
        """The files that are no copies."""
        return tuple(file for file in self.files if file.redacts is None)

    def name_of(self, file_id: UUID) -> str:
        """The name of a file of this revision."""
        return next(file.name for file in self.files if file.id == file_id)

    @property
    def with_copies(self) -> tuple[FileView, ...]:
        """The files that have redacted copies."""
        return tuple(file for file in self.originals if self.copies_of(file))

    def copies_of(self, original: FileView) -> tuple[FileView, ...]:
        """The redacted copies of a file."""
        return tuple(file for file in self.files if file.redacts == original.id)

    @property
    def refusal(self) -> DecisionView | None:
        """The return or rejection that ended the round, if one did."""
        return next((d for d in self.decisions if d.verdict is not Verdict.APPROVE), None)


def list_revisions(session: Session, evidence_id: UUID) -> tuple[RevisionView, ...]:
    """All revisions of the evidence in order, in a constant number of queries."""
    query = (
        select(Revision).where(Revision.evidence_id == evidence_id).order_by(Revision.number).options(*REVISION_PARTS)
    )
    revisions = list(session.execute(query).scalars())
    reopenings = _reopenings(session, [revision.id for revision in revisions])
    names = read_names(session, _people(revisions, reopenings.values()))
    files_of = {revision.number: {part.file_id for part in revision.files} for revision in revisions}
    return tuple(
        _view(revision, names, reopenings.get(revision.id), files_of.get(revision.answers or 0, set()))
        for revision in revisions
    )


def read_names(session: Session, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Names of the people with these ids."""
    query = select(User.id, User.name).where(User.id.in_(user_ids))
    return {row.id: row.name for row in session.execute(query)}


def _people(revisions: Iterable[Revision], reopenings: Iterable[Reopening]) -> set[UUID]:
    found: set[UUID] = {reopening.reopened_by for reopening in reopenings}
    for revision in revisions:
        found |= {revision.drafted_by, *(part.file.uploader_id for part in revision.files)}
        found |= {decision.reviewer_id for decision in revision.decisions}
        if revision.submitted_by:
            found.add(revision.submitted_by)
    return found


def _reopenings(session: Session, revision_ids: Collection[UUID]) -> dict[UUID, Reopening]:
    query = select(Reopening).where(Reopening.revision_id.in_(revision_ids))
    return {reopening.revision_id: reopening for reopening in session.execute(query).scalars()}


def _view(
    revision: Revision,
    names: Mapping[UUID, str],
    reopening: Reopening | None,
    answered_files: Collection[UUID],
) -> RevisionView:
    return RevisionView(
        id=revision.id,
        evidence_id=revision.evidence_id,
        number=revision.number,
        answers=revision.answers,
        state=revision.state,
        tier=revision.tier + 1,
        note=revision.note,
        document_date=revision.document_date,
        digest=revision.digest,
        drafter_id=revision.drafted_by,
        drafted_by=names[revision.drafted_by],
        drafted_at=revision.drafted_at,
        submitted_by=names[revision.submitted_by] if revision.submitted_by else None,
        submitted_at=revision.submitted_at,
        settled_at=revision.settled_at,
        files=tuple(_file(part, names, is_new=part.file_id not in answered_files) for part in revision.files),
        links=tuple(LinkView(id=link.id, url=link.url, note=link.note) for link in revision.links),
        months=tuple(sorted(part.slot.month for part in revision.slots)),
        slot_ids=frozenset(part.slot_id for part in revision.slots),
        decisions=tuple(_decision(decision, names) for decision in revision.decisions),
        reopening=_reopening(reopening, names),
    )


def _file(part: RevisionFile, names: Mapping[UUID, str], *, is_new: bool) -> FileView:
    file = part.file
    return FileView(
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        uploader=names[file.uploader_id],
        uploaded_at=file.uploaded_at,
        is_new=is_new,
        redacts=part.redacts,
    )


def _decision(decision: Decision, names: Mapping[UUID, str]) -> DecisionView:
    return DecisionView(
        reviewer=names[decision.reviewer_id],
        role=decision.membership.role,
        tier=decision.tier + 1,
        verdict=decision.verdict,
        reason=decision.reason,
        note=decision.note,
        decided_at=decision.decided_at,
    )


def _reopening(reopening: Reopening | None, names: Mapping[UUID, str]) -> ReopeningView | None:
    if reopening is None:
        return None
    return ReopeningView(by=names[reopening.reopened_by], note=reopening.note, at=reopening.reopened_at)
