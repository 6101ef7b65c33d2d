"""The redacted copies of a restricted evidence, for people who may not see the evidence itself. Changes nothing but the
trail, in which reading is recorded.

Nothing of the originals is here: no name, no size, no hash, no note, no link, and not how many there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, is_permitted, may_see_revision
from portal.domain.reading import ReadPage
from portal.domain.workflow import CONTENT_STATES, State
from portal.models import Redaction, Revision
from portal.services.case import load_case
from portal.services.indicator_text import IndicatorText, get_indicator_text
from portal.services.places import Place
from portal.services.reading import record_page
from portal.services.shown_revision import ShownRevision
from portal.services.unit_of_work import transaction

HAS_COPIES = exists().where(Redaction.revision_id == Revision.id).label("has_copies")
"""Column that tells of a revision in a query whether one of its files is a redacted copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyView:
    """One redacted copy; `size` is in bytes."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiesPage:
    """The copies of the newest version that was handed in; `sees_evidence` tells that all of it is open to
    him.
    """

    place: Place
    text: IndicatorText
    evidence_id: UUID
    revision_id: UUID
    number: int
    state: State
    files: tuple[CopyView, ...]
    sees_evidence: bool


def get_copies(*, actor: Actor, evidence_id: UUID, now: datetime) -> CopiesPage:
    """The page; raises NotFound when there is no copy that the actor may see."""
    page, shown = _read_copies(actor, evidence_id)
    record_page(ReadPage.COPIES, shown, actor=actor, now=now)
    return page


def sees_copies_alone(actor: Actor, subject: Subject) -> bool:
    """Whether of a revision like this the redacted copies are open to the actor, and nothing else."""
    return is_permitted(actor, Permission.SEE_REDACTED, subject) and not may_see_revision(actor, subject)


def _read_copies(actor: Actor, evidence_id: UUID) -> tuple[CopiesPage, ShownRevision]:
    with transaction(write=False) as session:
        query = select(Revision).where(Revision.evidence_id == evidence_id, Revision.state.in_(CONTENT_STATES))
        revision = session.execute(query.order_by(Revision.number.desc()).limit(1)).scalar_one_or_none()
        if revision is None:
            raise NotFound
        case, files = load_case(session, revision), tuple(_views(revision))
        if not files or not is_permitted(actor, Permission.SEE_REDACTED, case.subject):
            raise NotFound
        page = CopiesPage(
            place=case.place,
            text=get_indicator_text(session, case.requirement.id),
            evidence_id=evidence_id,
            revision_id=revision.id,
            number=revision.number,
            state=revision.state,
            files=files,
            sees_evidence=may_see_revision(actor, case.subject),
        )
        return page, case.shown


def _views(revision: Revision) -> Iterable[CopyView]:
    for part in revision.files:
        if part.redacts:
            file = part.file
            yield CopyView(id=file.id, name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256)
