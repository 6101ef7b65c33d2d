"""A revision with all that an action on it needs: its place, tiers, contributors and decisions, locked against
everybody else.

Read by `workflow.py` and by the pages that show which actions are open; owns no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.events import FileFact
from portal.domain.policy import Subject, find_file_grant, may_see_revision
from portal.domain.revision_digest import FileContent, LinkContent, RevisionContent
from portal.domain.workflow import State, Tier
from portal.models import Contributor, Decision, Evidence, Requirement, ReviewTier, Revision, RevisionFile
from portal.models.stored_file import StoredFile
from portal.services.places import Place, get_evidence_place
from portal.services.shown_revision import ShownRevision


@dataclass(frozen=True)
class Case:
    """One revision before somebody who may act on it. ORM rows stay inside the transaction that loaded them."""

    revision: Revision
    evidence: Evidence
    requirement: Requirement
    place: Place
    tiers: tuple[Tier, ...]
    contributors: frozenset[UUID]
    decisions: tuple[Decision, ...]

    @property
    def is_decided(self) -> bool:
        return bool(self.decisions)

    @cached_property
    def subject(self) -> Subject:
        """The revision as the policy sees it."""
        seats = self.tiers[self.revision.tier].roles if self.revision.state is State.SUBMITTED else frozenset()
        return replace(
            self.place.subject(self.requirement.classification),
            state=self.revision.state,
            contributors=self.contributors,
            tier_roles=seats,
            decided_by=frozenset(decision.reviewer_id for decision in self.decisions),
        )

    @property
    def shown(self) -> ShownRevision:
        """The revision as it is handed out to somebody."""
        return ShownRevision(
            place=self.place,
            classification=self.requirement.classification,
            evidence_id=self.evidence.id,
            number=self.revision.number,
            state=self.revision.state,
            drafter_id=self.revision.drafted_by,
        )

    @property
    def content(self) -> RevisionContent:
        """What the revision's digest covers."""
        return RevisionContent(
            requirement=self.requirement.text,
            note=self.revision.note,
            document_date=self.revision.document_date,
            files=tuple(_file_contents(self.revision.files)),
            links=tuple(LinkContent(url=link.url, note=link.note) for link in self.revision.links),
            months=tuple(sorted(part.slot.month for part in self.revision.slots)),
            salt=self.revision.digest_salt,
        )


def get_case(session: Session, *, actor: Actor, revision_id: UUID, lock: bool = False) -> Case:
    """The case of a revision that the actor may see; raises NotFound for a foreign or missing one.

    `lock` holds the revision's row until the transaction ends (on SQLite the writing transaction holds the database).
    """
    query = select(Revision).where(Revision.id == revision_id)
    if lock:
        query = query.with_for_update(key_share=True)
    revision = session.execute(query).scalar_one_or_none()
    if revision is None:
        raise NotFound
    case = load_case(session, revision)
    require_visible(actor, case.subject)
    return case


def get_file_case(session: Session, *, actor: Actor, revision_id: UUID, file_id: UUID) -> tuple[Case, RevisionFile]:
    """The case of a revision and a file of it that the actor may read: because he may see the revision, or because the
    file is a redacted copy. Raises NotFound.
    """
    revision = session.get(Revision, revision_id)
    if revision is None:
        raise NotFound
    case = load_case(session, revision)
    part = next((part for part in revision.files if part.file_id == file_id), None)
    if part is None or find_file_grant(actor, case.subject, is_copy=part.redacts is not None) is None:
        raise NotFound
    return case, part


def require_visible(actor: Actor, subject: Subject) -> None:
    """A revision that the actor may not see does not exist for him: raises NotFound."""
    if not may_see_revision(actor, subject):
        raise NotFound


def file_fact(file: StoredFile) -> FileFact:
    """The file as the trail states it."""
    return FileFact(
        file=file.id, sha256=file.sha256, crc32=f"{file.crc32:08x}", size=file.size, media_type=file.media_type
    )


def _file_contents(parts: Sequence[RevisionFile]) -> Iterable[FileContent]:
    hashes = {part.file_id: part.file.sha256 for part in parts}
    for part in parts:
        file = part.file
        yield FileContent(
            name=file.name,
            sha256=file.sha256,
            size=file.size,
            media_type=file.media_type,
            redacts=hashes[part.redacts] if part.redacts else None,
        )


def load_case(session: Session, revision: Revision) -> Case:
    """The case of a revision, whoever asks: visibility is the caller's business."""
    evidence = session.get_one(Evidence, revision.evidence_id)
    place = get_evidence_place(session, evidence.id)
    people = select(Contributor.user_id).where(Contributor.revision_id == revision.id)
    decisions = select(Decision).where(Decision.revision_id == revision.id).order_by(Decision.decided_at)
    return Case(
        revision=revision,
        evidence=evidence,
        requirement=session.get_one(Requirement, evidence.requirement_id),
        place=place,
        tiers=get_tiers(session, place.plan_id),
        contributors=frozenset(session.execute(people).scalars()),
        decisions=tuple(session.execute(decisions).scalars()),
    )


def get_tiers(session: Session, plan_id: UUID) -> tuple[Tier, ...]:
    """The plan's review tiers in order."""
    query = (
        select(ReviewTier.role, ReviewTier.quorum).where(ReviewTier.plan_id == plan_id).order_by(ReviewTier.position)
    )
    return tuple(Tier(row.role, row.quorum) for row in session.execute(query))
