"""What a bundle would hold: the approved evidence of a scope that the actor may read, and what is left out and why.
Reads only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from portal.domain.actor import Actor
from portal.domain.bundle.layout import BagFile, member_path
from portal.domain.classification import Classification
from portal.domain.errors import NotFound
from portal.domain.file_name import extension_of
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, is_permitted
from portal.domain.workflow import State
from portal.models import (
    Area,
    Component,
    Evidence,
    Indicator,
    Plan,
    Requirement,
    Revision,
    RevisionFile,
    RevisionSlot,
    Unit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleScope:
    """What to take along: a whole plan, one of its areas, or one indicator."""

    plan_id: UUID
    area_code: str | None = None
    indicator_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePlace:
    """The plan that a scope is of, as the bag names it."""

    unit_code: str
    unit_name: str
    unit_path: str
    timezone: str
    year: int
    title: str
    decree_number: str
    decree_date: date
    indicator_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledFile:
    """An approved file with its path in the bag, and where its bytes lie."""

    file_id: UUID
    name: str
    media_type: str
    uploader_id: UUID
    bag: BagFile
    object_key: str
    version_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledEvidence:
    """One approved revision in its place of the plan; the ORM row stays inside the transaction that loaded it."""

    area: Area
    component: Component
    indicator: Indicator
    requirement: Requirement
    revision: Revision
    files: tuple[BundledFile, ...]


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


def get_scope_place(session: Session, actor: Actor, scope: BundleScope) -> tuple[ScopePlace, Subject]:
    """The scope's plan and the subject that the policy is asked about; raises NotFound unless the actor may seal it."""
    row = session.execute(
        select(Plan, Unit).join(Unit, Unit.id == Plan.unit_id).where(Plan.id == scope.plan_id)
    ).first()
    if row is None:
        raise NotFound
    codes = _indicator_codes(session, scope)
    area = scope.area_code or (scope.indicator_code.split(".", 1)[0] if scope.indicator_code else None)
    subject = Subject(unit_path=row.Unit.path, area=area)
    if not codes or not is_permitted(actor, Permission.SEAL_BUNDLE, subject):
        raise NotFound
    return _place(row.Plan, row.Unit, codes), subject


def load_contents(session: Session, actor: Actor, scope: BundleScope) -> BundleContents:
    """The contents of a bundle of this scope for this actor; raises NotFound unless he may seal it."""
    place, subject = get_scope_place(session, actor, scope)
    readable, restricted = [], Counter[Classification]()
    for row in session.execute(_approved(scope)):
        seen = replace(subject, area=row.Area.code, classification=row.Requirement.classification, state=State.APPROVED)
        if is_permitted(actor, Permission.SEE_EVIDENCE, seen):
            readable.append(row)
        else:
            restricted[row.Requirement.classification] += 1
    positions: Counter[str] = Counter()
    return BundleContents(
        place=place,
        evidence=tuple(
            BundledEvidence(
                area=row.Area,
                component=row.Component,
                indicator=row.Indicator,
                requirement=row.Requirement,
                revision=row.Revision,
                files=_files(row.Area, row.Indicator, row.Revision.files, positions),
            )
            for row in readable
        ),
        restricted=dict(restricted),
    )


def _approved(scope: BundleScope) -> Select[Revision, Requirement, Indicator, Component, Area]:
    query = (
        select(Revision, Requirement, Indicator, Component, Area)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .where(Area.plan_id == scope.plan_id, Revision.state == State.APPROVED)
        .order_by(Area.position, Component.number, Indicator.seq, Requirement.position, Revision.submitted_at)
        .options(
            selectinload(Revision.files).joinedload(RevisionFile.file),
            selectinload(Revision.links),
            selectinload(Revision.slots).joinedload(RevisionSlot.slot),
            selectinload(Revision.decisions),
        )
    )
    if scope.area_code:
        query = query.where(Area.code == scope.area_code)
    return query.where(Indicator.code == scope.indicator_code) if scope.indicator_code else query


def _indicator_codes(session: Session, scope: BundleScope) -> tuple[str, ...]:
    query = (
        select(Indicator.code)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .where(Area.plan_id == scope.plan_id)
        .order_by(Area.position, Component.number, Indicator.seq)
    )
    if scope.area_code:
        query = query.where(Area.code == scope.area_code)
    if scope.indicator_code:
        query = query.where(Indicator.code == scope.indicator_code)
    return tuple(session.execute(query).scalars())


def _place(plan: Plan, unit: Unit, codes: tuple[str, ...]) -> ScopePlace:
    return ScopePlace(
        unit_code=unit.code,
        unit_name=unit.name,
        unit_path=unit.path,
        timezone=unit.timezone,
        year=plan.year,
        title=plan.title,
        decree_number=plan.decree_number,
        decree_date=plan.decree_date,
        indicator_codes=codes,
    )


def _files(
    area: Area, indicator: Indicator, parts: Sequence[RevisionFile], positions: Counter[str]
) -> tuple[BundledFile, ...]:
    """The files of one revision; `positions` counts those of each indicator through the whole bag."""
    found = []
    for part in parts:
        positions[indicator.code] += 1
        path = member_path(
            area_position=area.position,
            area_name=area.name,
            indicator_code=indicator.code,
            indicator_text=indicator.text,
            position=positions[indicator.code],
            original_name=part.file.name,
            sha256=part.file.sha256,
            extension=extension_of(part.file.name),
        )
        found.append(
            BundledFile(
                file_id=part.file_id,
                name=part.file.name,
                media_type=part.file.media_type,
                uploader_id=part.file.uploader_id,
                bag=BagFile(path, part.file.size, part.file.sha256, part.file.crc32),
                object_key=part.file.object_key,
                version_id=part.file.version_id,
            )
        )
    return tuple(found)
