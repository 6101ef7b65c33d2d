"""Klasifikasi: who may read the evidence for a requirement, raised or lowered with a reason.

The class counts from the next request on, for evidence of before too; sealed bundles close by it (`bundles/access.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.domain.actor import Actor, Grant
from portal.domain.classification import Classification
from portal.domain.errors import InvalidInput, NotFound, Stale
from portal.domain.events import ClassificationChanged, Personal
from portal.domain.note import clean_note
from portal.domain.permissions import Permission
from portal.domain.policy import classification_permission, is_permitted, require
from portal.models import ClassificationChange, Evidence, Indicator, Requirement, Revision, RevisionFile
from portal.services import audit
from portal.services.action import NOTE_MAX
from portal.services.fresh_password import require_fresh_password
from portal.services.places import Place, get_requirement_place
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedItem:
    """Another evidence item that some of the same files answer too; its own class decides who reads them there."""

    indicator_code: str
    text: str
    classification: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationPage:
    """The class now, and those that the actor may choose instead."""

    place: Place
    requirement_text: str
    classification: Classification
    choices: tuple[Classification, ...]
    shared: tuple[SharedItem, ...]


def get_classification(*, actor: Actor, requirement_id: UUID, now: datetime) -> ClassificationPage:  # noqa: ARG001  # services take now
    """What is needed to choose; raises NotFound or NotPermitted."""
    with transaction(write=False) as session:
        place = _permitted_place(session, actor, requirement_id)
        requirement = session.get_one(Requirement, requirement_id)
        current = requirement.classification
        return ClassificationPage(
            place=place,
            requirement_text=requirement.text,
            classification=current,
            choices=tuple(
                other
                for other in Classification
                if other is not current
                and is_permitted(actor, classification_permission(current, other), place.subject(current))
            ),
            shared=_shared(session, requirement_id),
        )


def change_classification(
    *,
    actor: Actor,
    requirement_id: UUID,
    seen: Classification,
    wanted: Classification,
    reason: str,
    now: datetime,
) -> Place:
    """Give the requirement another class; `seen` is the one that the actor was shown.

    Raises NotFound, NotPermitted, Stale when the class was changed meanwhile, InvalidInput, and for a lower class
    PasswordNotFresh.
    """
    reason = _clean_reason(reason)
    with transaction() as session:
        place = _permitted_place(session, actor, requirement_id)
        requirement = session.get_one(Requirement, requirement_id, with_for_update=True)
        if requirement.classification is not seen:
            raise Stale
        if wanted is seen:
            raise InvalidInput("classification", "Klasifikasi ini sudah berlaku. Pilih yang lain.")
        grant = require(actor, classification_permission(seen, wanted), place.subject(seen))
        if wanted.is_lower_than(seen):
            require_fresh_password(actor, now=now)
        change = _new_change(session, requirement, wanted, reason, actor, grant, now)
        session.add(change)
        session.flush()  # a guard looks for the row when the class changes
        requirement.classification = wanted
        audit.record(
            session, _event(change), actor=actor, now=now, grant=grant, scope=place.scope, area=place.area_code
        )
        return place


def _permitted_place(session: Session, actor: Actor, requirement_id: UUID) -> Place:
    """Whoever may lower the class may raise it too."""
    place = get_requirement_place(session, requirement_id)
    if not is_permitted(actor, Permission.SEE_PLAN, place.subject()):
        raise NotFound
    require(actor, Permission.RAISE_CLASSIFICATION, place.subject())
    return place


def _clean_reason(raw: str) -> str:
    reason = clean_note(raw)
    if not reason:
        raise InvalidInput("reason", "Tuliskan alasannya dalam satu kalimat; alasan itu tersimpan dalam riwayat.")
    if len(reason) > NOTE_MAX:
        raise InvalidInput("reason", f"Alasan terlalu panjang: {len(reason)} huruf, batasnya {NOTE_MAX}.")
    return reason


def _new_change(
    session: Session,
    requirement: Requirement,
    wanted: Classification,
    reason: str,
    actor: Actor,
    grant: Grant,
    now: datetime,
) -> ClassificationChange:
    """The next row of the requirement, which is locked."""
    earlier = select(func.max(ClassificationChange.number)).where(ClassificationChange.requirement_id == requirement.id)
    return ClassificationChange(
        requirement_id=requirement.id,
        number=(session.execute(earlier).scalar_one() or 0) + 1,
        before=requirement.classification,
        after=wanted,
        reason=reason,
        changed_by=actor.person,
        membership_id=grant.membership_id,
        changed_at=now,
    )


def _event(change: ClassificationChange) -> ClassificationChanged:
    return ClassificationChanged(
        obj=change.requirement_id,
        number=change.number,
        before=change.before,
        after=change.after,
        membership=change.membership_id,
        reason=Personal(change.reason),
    )


def _shared(session: Session, requirement_id: UUID) -> tuple[SharedItem, ...]:
    """In the plan's order of codes; drafts count, for they are going to be read too."""
    own_file, own_revision, own_evidence = aliased(RevisionFile), aliased(Revision), aliased(Evidence)
    query = (
        select(Indicator.code.label("indicator_code"), Requirement.text, Requirement.classification)
        .join(Requirement, Requirement.indicator_id == Indicator.id)
        .join(Evidence, Evidence.requirement_id == Requirement.id)
        .join(Revision, Revision.evidence_id == Evidence.id)
        .join(RevisionFile, RevisionFile.revision_id == Revision.id)
        .join(own_file, own_file.file_id == RevisionFile.file_id)
        .join(own_revision, own_revision.id == own_file.revision_id)
        .join(own_evidence, own_evidence.id == own_revision.evidence_id)
        .where(own_evidence.requirement_id == requirement_id, Requirement.id != requirement_id)
        .distinct()
        .order_by(Indicator.code, Requirement.text)
    )
    return tuple(SharedItem(**row._mapping) for row in session.execute(query))
