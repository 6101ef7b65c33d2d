"""The tables around the evidence of one indicator against its chain of the trail.

Reads rows and compares; what they ought to be is told by `story.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.domain.revision_digest import FileContent, LinkContent, RevisionContent
from portal.domain.workflow import State
from portal.models import (
    Contributor,
    Decision,
    Evidence,
    Redaction,
    Reopening,
    Requirement,
    Revision,
    RevisionFile,
    RevisionLink,
    RevisionSlot,
    Slot,
    StoredFile,
)
from portal.services.case import get_tiers
from portal.services.places import Place
from portal.services.verify.facts import (
    DecisionFact,
    EvidenceFact,
    LinkFact,
    PartFact,
    PartKey,
    Present,
    RedactionFact,
    ReopeningFact,
    RevisionFact,
    RevisionKey,
    StoredFileFact,
)
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.indicator_rows import IndicatorRows
from portal.services.verify.people import Term
from portal.services.verify.rows import reconcile, row_place, unreadable_told
from portal.services.verify.slots import compare_slots
from portal.services.verify.story import Story
from portal.services.verify.trail import iter_trail

_SUBMITTED_ONCE = frozenset(State) - {State.DRAFT, State.DISCARDED}


def reconcile_indicator(session: Session, findings: Findings, place: Place, terms: Mapping[UUID, Term]) -> int:
    """Compare one indicator's rows with its chain; returns how many stored files the chain explains."""
    story = Story(findings, tiers=get_tiers(session, place.plan_id), terms=terms)
    for told in iter_trail(session, place.scope):
        story.tell(told)
    rows = IndicatorRows(session, place.indicator_id)
    for compare in _COMPARISONS:
        with unreadable_told(findings, place.scope):
            compare(findings, story, rows, place.scope)
    session.expunge_all()
    return len(story.files)


def _evidence(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    found = {
        row.Evidence.id: EvidenceFact(
            requirement=row.Evidence.requirement_id,
            started_by=row.Evidence.started_by,
            started_at=row.Evidence.started_at,
        )
        for row in rows.of(select(Evidence).join(Requirement, Requirement.id == Evidence.requirement_id))
    }
    reconcile(findings, "evidence", expected=story.evidence, found=found, within=within)


def _revisions(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    months = _months(rows)
    query = (
        select(Revision, Requirement.text)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
    )
    found = {}
    for row in rows.of(query):
        key = (row.Revision.evidence_id, row.Revision.number)
        expected = story.revisions.get(key)
        is_fixed = expected is not None and expected.months is not None
        found[key] = _revision(row.Revision, months.get(key, ()) if is_fixed else None)
        if is_fixed and expected:
            content = _content(rows.session, row.Revision, row.text, months.get(key, ()))
            place = row_place("revision", key, within=within)
            findings.compare(FindingCode.DIGEST_WRONG, place, expected=expected.digest, found=content.digest)
    reconcile(findings, "revision", expected=story.revisions, found=found, within=within)


def _revision(row: Revision, months: tuple[str, ...] | None) -> RevisionFact:
    """`months` None: never submitted, so what the row says besides is the drafter's business."""
    return RevisionFact(
        state=row.state,
        tier=row.tier,
        answers=row.answers,
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        settled_at=row.settled_at,
        digest=row.digest,
        note=row.note if months is not None else None,
        document_date=row.document_date if months is not None else None,
        months=months,
    )


def _content(session: Session, row: Revision, requirement: str, months: Iterable[str]) -> RevisionContent:
    """What is stored of the revision now: its digest must be the one that the reviewers were shown."""
    mark, original = aliased(Redaction), aliased(StoredFile)
    files = (
        select(StoredFile.name, StoredFile.sha256, StoredFile.size, StoredFile.media_type)
        .add_columns(original.sha256.label("redacts"))
        .join(RevisionFile, RevisionFile.file_id == StoredFile.id)
        .outerjoin(mark, (mark.revision_id == RevisionFile.revision_id) & (mark.file_id == RevisionFile.file_id))
        .outerjoin(original, original.id == mark.original_id)
        .where(RevisionFile.revision_id == row.id)
        .order_by(RevisionFile.position)
    )
    links = select(RevisionLink.url, RevisionLink.note).where(RevisionLink.revision_id == row.id)
    return RevisionContent(
        requirement=requirement,
        note=row.note,
        document_date=row.document_date,
        files=tuple(FileContent(**file._mapping) for file in session.execute(files)),
        links=tuple(LinkContent(**link._mapping) for link in session.execute(links.order_by(RevisionLink.position))),
        months=tuple(date.fromisoformat(month) for month in months),
        salt=row.digest_salt,
    )


def _months(rows: IndicatorRows) -> dict[RevisionKey, tuple[str, ...]]:
    found: dict[RevisionKey, list[str]] = {}
    query = (
        select(Revision.evidence_id, Revision.number, Slot.month)
        .join(RevisionSlot, RevisionSlot.revision_id == Revision.id)
        .join(Slot, Slot.id == RevisionSlot.slot_id)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .order_by(Slot.month)
    )
    for row in rows.of(query):
        found.setdefault((row.evidence_id, row.number), []).append(str(row.month))
    return {key: tuple(months) for key, months in found.items()}


def _parts(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    query = (
        select(Revision.evidence_id, Revision.number, StoredFile)
        .join(RevisionFile, RevisionFile.revision_id == Revision.id)
        .join(StoredFile, StoredFile.id == RevisionFile.file_id)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
    )
    found: dict[PartKey, PartFact] = {
        (row.evidence_id, row.number, row.StoredFile.id): PartFact(
            sha256=row.StoredFile.sha256,
            crc32=f"{row.StoredFile.crc32:08x}",
            size=row.StoredFile.size,
            media_type=row.StoredFile.media_type,
        )
        for row in rows.of(query)
    }
    reconcile(findings, "revision_file", expected=story.parts, found=found, within=within)


def _redactions(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    found: dict[PartKey, RedactionFact] = {
        (row.evidence_id, row.number, row.file_id): RedactionFact(original=row.original_id)
        for row in rows.revision_parts(Redaction.file_id, Redaction.original_id, table=Redaction)
    }
    reconcile(findings, "redaction", expected=story.redactions, found=found, within=within)


def _links(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    columns = (RevisionLink.id, RevisionLink.url, RevisionLink.note)
    found = {
        row.id: LinkFact(evidence=row.evidence_id, rev=row.number, url=row.url, note=row.note)
        for row in rows.revision_parts(*columns, table=RevisionLink)
    }
    reconcile(findings, "revision_link", expected=story.links, found=found, within=within)


def _contributors(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    """Typing in a draft is no event, so a draft may have more hands than its events name; they are fixed when it is
    submitted.
    """
    expected = {(*key, person): Present() for key, people in story.contributors.items() for person in people}
    found = {
        (row.evidence_id, row.number, row.user_id): Present()
        for row in rows.revision_parts(Contributor.user_id, table=Contributor)
        if (row.evidence_id, row.number, row.user_id) in expected or _is_fixed(story, (row.evidence_id, row.number))
    }
    reconcile(findings, "contributor", expected=expected, found=found, within=within)


def _is_fixed(story: Story, key: RevisionKey) -> bool:
    fact = story.revisions.get(key)
    return fact is None or fact.state in _SUBMITTED_ONCE


def _decisions(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    found = {
        row.Decision.id: DecisionFact(
            evidence=row.evidence_id,
            rev=row.number,
            tier=row.Decision.tier,
            reviewer=row.Decision.reviewer_id,
            membership=row.Decision.membership_id,
            verdict=row.Decision.verdict.value,
            reason=row.Decision.reason.value if row.Decision.reason else None,
            note=row.Decision.note,
            digest=row.Decision.revision_digest,
            decided_at=row.Decision.decided_at,
        )
        for row in rows.revision_parts(Decision, table=Decision)
    }
    reconcile(findings, "decision", expected=story.decisions, found=found, within=within)


def _reopenings(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    found = {
        (row.evidence_id, row.number): ReopeningFact(
            reopened_by=row.Reopening.reopened_by,
            membership=row.Reopening.membership_id,
            note=row.Reopening.note,
            reopened_at=row.Reopening.reopened_at,
        )
        for row in rows.revision_parts(Reopening, table=Reopening)
    }
    reconcile(findings, "reopening", expected=story.reopenings, found=found, within=within)


def _files(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    """The files that this chain brought in, wherever they are used; files that no chain explains are counted later."""
    query = select(StoredFile).where(StoredFile.id.in_(story.files))
    found = {
        row.id: StoredFileFact(
            uploader=row.uploader_id,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            crc32=f"{row.crc32:08x}",
            object_key=row.object_key,
            version_id=row.version_id,
            uploaded_at=row.uploaded_at,
        )
        for row in rows.session.execute(query).scalars()
    }
    reconcile(findings, "stored_file", expected=story.files, found=found, within=within)


def _classes(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:  # noqa: ARG001  # one of _COMPARISONS
    story.classes.compare(rows.session, rows.indicator_id, within=within)


_COMPARISONS: tuple[Callable[[Findings, Story, IndicatorRows, str], None], ...] = (
    _evidence,
    _revisions,
    _parts,
    _redactions,
    _links,
    _contributors,
    _decisions,
    _reopenings,
    _files,
    compare_slots,
    _classes,
)


def count_files(session: Session) -> int:
    return session.execute(select(func.count()).select_from(StoredFile)).scalar_one()
