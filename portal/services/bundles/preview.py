"""What a bundle of a scope would hold if it were sealed now, and what not and why. Reads only, reveals only counts of
what the actor may not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.permissions import Permission
from portal.domain.policy import is_permitted
from portal.domain.slot_state import SlotState
from portal.domain.workflow import State
from portal.models import Area, Component, Evidence, Indicator, Requirement, Revision, RevisionFile, StoredFile
from portal.services.bundles.metadata import grouped
from portal.services.bundles.scope import BundleScope, ScopePlace, get_scope_place
from portal.services.log_reader import get_head
from portal.services.slot_board import count_states, list_slots, select_slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So many approved evidences, files and bytes."""

    evidence: int
    files: int
    size: int

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            evidence=self.evidence + other.evidence, files=self.files + other.files, size=self.size + other.size
        )


NOTHING = Amount(evidence=0, files=0, size=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorPreview:
    code: str
    text: str
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaPreview:
    code: str
    name: str
    amount: Amount
    indicators: tuple[IndicatorPreview, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`states` counts all slots in the scope as the actor may see them, `restricted` the approved evidence that he may
    not read; `log_size` is the number of leaves that the bag would carry.
    """

    areas: tuple[AreaPreview, ...]
    total: Amount
    states: Mapping[SlotState, int]
    restricted: Mapping[Classification, int]
    log_size: int


def read_preview(session: Session, actor: Actor, scope: BundleScope, now: datetime) -> Preview:
    """The preview within the caller's transaction; raises NotFound unless the actor may seal the scope.

    Only sums are read, so that a page over thousands of files costs no more than one over a few.
    """
    place = get_scope_place(session, actor, scope)
    readable: list[_Approved] = []
    restricted = Counter[Classification]()
    for found in _read_approved(session, scope):
        if _may_read(actor, place, found):
            readable.append(found)
        else:
            restricted[found.classification] += found.amount.evidence
    slots = list_slots(session, select_slots().where(*scope.conditions()), actor=actor, now=now)
    return Preview(
        areas=tuple(_area(own) for own in grouped(readable, lambda found: found.area_code)),
        total=_total(readable),
        states=count_states(slots),
        restricted=dict(sorted(restricted.items())),
        log_size=get_head(session).size,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Approved:
    """The approved evidence of one indicator and class."""

    area_code: str
    area_name: str
    indicator_code: str
    indicator_text: str
    classification: Classification
    amount: Amount


def _may_read(actor: Actor, place: ScopePlace, found: _Approved) -> bool:
    seen = replace(place.subject, area=found.area_code, classification=found.classification, state=State.APPROVED)
    return is_permitted(actor, Permission.SEE_EVIDENCE, seen)


def _read_approved(session: Session, scope: BundleScope) -> list[_Approved]:
    """In order of the plan."""
    return [
        _Approved(
            area_code=row.area_code,
            area_name=row.area_name,
            indicator_code=row.code,
            indicator_text=row.text,
            classification=row.classification,
            amount=Amount(evidence=row.evidence, files=row.files, size=row.size),
        )
        for row in session.execute(_sums(scope))
    ]


def _sums(scope: BundleScope) -> Select[str, str, str, str, Classification, int, int, int]:
    return (
        select(
            Area.code.label("area_code"),
            Area.name.label("area_name"),
            Indicator.code,
            Indicator.text,
            Requirement.classification,
            func.count(Revision.id.distinct()).label("evidence"),
            func.count(StoredFile.id).label("files"),
            cast(func.coalesce(func.sum(StoredFile.size), 0), BigInteger).label("size"),  # a sum is numeric elsewhere
        )
        .select_from(Revision)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .outerjoin(RevisionFile, RevisionFile.revision_id == Revision.id)
        .outerjoin(StoredFile, StoredFile.id == RevisionFile.file_id)
        .where(*scope.conditions(), Revision.state == State.APPROVED)
        .group_by(Area.id, Component.id, Indicator.id, Requirement.classification)
        .order_by(Area.position, Component.number, Indicator.seq)
    )


def _area(found: Sequence[_Approved]) -> AreaPreview:
    return AreaPreview(
        code=found[0].area_code,
        name=found[0].area_name,
        amount=_total(found),
        indicators=tuple(_indicator(own) for own in grouped(found, lambda each: each.indicator_code)),
    )


def _indicator(found: Sequence[_Approved]) -> IndicatorPreview:
    return IndicatorPreview(code=found[0].indicator_code, text=found[0].indicator_text, amount=_total(found))


def _total(found: Sequence[_Approved]) -> Amount:
    return sum((each.amount for each in found), start=NOTHING)
