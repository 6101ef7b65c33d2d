"""What a bundle would hold: the approved evidence of a scope that the actor may read, and what is left out by which
rule. Reads only; what it returns outlives the transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.bundle.layout import BagFile, member_path
from portal.domain.classification import Classification
from portal.domain.file_name import extension_of
from portal.domain.permissions import Permission
from portal.domain.policy import is_permitted
from portal.domain.review import Verdict
from portal.domain.workflow import State
from portal.models import (
    Area,
    Component,
    Decision,
    Evidence,
    Indicator,
    Requirement,
    Revision,
    RevisionFile,
    RevisionLink,
)
from portal.services.bundles.scope import BundleScope, ScopePlace, get_scope_place
from portal.services.revision_parts import REVISION_PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """The evidence item of the plan that an evidence answers, with the headings above it, all texts verbatim."""

    area_position: int
    area_code: str
    area_name: str
    area_official_name: str
    component_number: int
    component_name: str
    indicator_code: str
    indicator_text: str
    target_text: str
    position: int
    text: str
    classification: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledFile:
    """An approved file with its path in the bag, and where its bytes lie; `redacts` is the SHA-256 of the file of which
    it is the redacted copy.
    """

    file_id: UUID
    name: str
    media_type: str
    uploader_id: UUID
    bag: BagFile
    object_key: str
    version_id: str | None
    redacts: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledLink:
    link_id: UUID
    url: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledDecision:
    """One verdict; `tier` counts from 1, `digest` is the revision as the reviewer was shown it."""

    decision_id: UUID
    reviewer_id: UUID
    membership_id: UUID
    verdict: Verdict
    tier: int
    digest: str
    note: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledEvidence:
    """One approved revision in its place of the plan; `months` are first days of months in order."""

    item: PlanItem
    evidence_id: UUID
    revision_id: UUID
    number: int
    digest: str
    digest_salt: str
    document_date: date | None
    note: str
    months: tuple[date, ...]
    submitted_by: UUID
    submitted_at: datetime
    files: tuple[BundledFile, ...]
    links: tuple[BundledLink, ...]
    decisions: tuple[BundledDecision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleContents:
    """Everything in order of the plan. `restricted` counts approved evidence that the actor may not read."""

    place: ScopePlace
    evidence: tuple[BundledEvidence, ...]
    restricted: Mapping[Classification, int]

    @property
    def files(self) -> tuple[BundledFile, ...]:
        return tuple(file for item in self.evidence for file in item.files)

    @property
    def left_out(self) -> int:
        return sum(self.restricted.values())

    @property
    def people(self) -> frozenset[UUID]:
        """Everybody whom the bag names: senders, uploaders and reviewers of the evidence in it."""
        found = {item.submitted_by for item in self.evidence} | {file.uploader_id for file in self.files}
        return frozenset(found | {d.reviewer_id for item in self.evidence for d in item.decisions})


def load_contents(session: Session, actor: Actor, scope: BundleScope) -> BundleContents:
    """The contents of a bundle of this scope for this actor; raises NotFound unless he may seal it."""
    place = get_scope_place(session, actor, scope)
    readable: list[BundledEvidence] = []
    restricted, positions = Counter[Classification](), Counter[str]()
    for row in session.execute(_approved(scope)):
        kind = row.Requirement.classification
        seen = replace(place.subject, area=row.Area.code, classification=kind, state=State.APPROVED)
        if is_permitted(actor, Permission.SEE_EVIDENCE, seen):
            readable.append(_evidence(_item(row), row.Revision, positions))
        else:
            restricted[kind] += 1
    return BundleContents(place=place, evidence=tuple(readable), restricted=dict(sorted(restricted.items())))


def _approved(scope: BundleScope) -> Select[Revision, Requirement, Indicator, Component, Area]:
    return (
        select(Revision, Requirement, Indicator, Component, Area)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .where(*scope.conditions(), Revision.state == State.APPROVED)
        .order_by(
            Area.position,
            Component.number,
            Indicator.seq,
            Requirement.position,
            Revision.submitted_at,
            Revision.id,
        )
        .options(*REVISION_PARTS)
    )


def _item(row: Row[*tuple[Any, ...]]) -> PlanItem:
    area, component, indicator, requirement = row.Area, row.Component, row.Indicator, row.Requirement
    return PlanItem(
        area_position=area.position,
        area_code=area.code,
        area_name=area.name,
        area_official_name=area.official_name,
        component_number=component.number,
        component_name=component.name,
        indicator_code=indicator.code,
        indicator_text=indicator.text,
        target_text=indicator.target_text,
        position=requirement.position,
        text=requirement.text,
        classification=requirement.classification,
    )


def _evidence(item: PlanItem, revision: Revision, positions: Counter[str]) -> BundledEvidence:
    if revision.digest is None or revision.submitted_by is None or revision.submitted_at is None:
        raise ValueError(f"revision {revision.id} is approved and was never submitted")
    return BundledEvidence(
        item=item,
        evidence_id=revision.evidence_id,
        revision_id=revision.id,
        number=revision.number,
        digest=revision.digest,
        digest_salt=revision.digest_salt,
        document_date=revision.document_date,
        note=revision.note,
        months=tuple(sorted(part.slot.month for part in revision.slots)),
        submitted_by=revision.submitted_by,
        submitted_at=revision.submitted_at,
        files=_files(item, revision.files, positions),
        links=tuple(_link(link) for link in revision.links),
        decisions=tuple(_decision(decision) for decision in revision.decisions),
    )


def _files(item: PlanItem, parts: Sequence[RevisionFile], positions: Counter[str]) -> tuple[BundledFile, ...]:
    """The files of one revision; `positions` counts those of each indicator through the whole bag."""
    found, hashes = [], {part.file_id: part.file.sha256 for part in parts}
    for part in parts:
        positions[item.indicator_code] += 1
        redacts = hashes[part.redacts] if part.redacts else None
        found.append(_file(item, part, positions[item.indicator_code], redacts))
    return tuple(found)


def _file(item: PlanItem, part: RevisionFile, position: int, redacts: str | None) -> BundledFile:
    file = part.file
    path = member_path(
        area_position=item.area_position,
        area_name=item.area_name,
        indicator_code=item.indicator_code,
        indicator_text=item.indicator_text,
        position=position,
        original_name=file.name,
        sha256=file.sha256,
        extension=extension_of(file.name),
    )
    return BundledFile(
        file_id=part.file_id,
        name=file.name,
        media_type=file.media_type,
        uploader_id=file.uploader_id,
        bag=BagFile(path, file.size, file.sha256, file.crc32),
        object_key=file.object_key,
        version_id=file.version_id,
        redacts=redacts,
    )


def _link(link: RevisionLink) -> BundledLink:
    return BundledLink(link_id=link.id, url=link.url, note=link.note)


def _decision(decision: Decision) -> BundledDecision:
    return BundledDecision(
        decision_id=decision.id,
        reviewer_id=decision.reviewer_id,
        membership_id=decision.membership_id,
        verdict=decision.verdict,
        tier=decision.tier + 1,
        digest=decision.revision_digest,
        note=decision.note,
        decided_at=decision.decided_at,
    )
