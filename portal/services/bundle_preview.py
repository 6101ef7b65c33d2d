"""What a bundle of a scope would hold if it were sealed now, and what not and why. Reads only, reveals only counts of
what the actor may not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.slot_state import SlotState
from portal.services.bundle_contents import BundledEvidence, load_contents
from portal.services.bundle_metadata import grouped
from portal.services.bundle_scope import BundleScope
from portal.services.log_reader import get_head
from portal.services.slot_board import count_states, list_slots, select_slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So many approved evidences, files and bytes."""

    evidence: int
    files: int
    size: int


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
    """The preview within the caller's transaction; raises NotFound unless the actor may seal the scope."""
    contents = load_contents(session, actor, scope)
    slots = list_slots(session, select_slots().where(*scope.conditions()), actor=actor, now=now)
    return Preview(
        areas=tuple(_area(own) for own in grouped(contents.evidence, lambda e: e.item.area_position)),
        total=_amount(contents.evidence),
        states=count_states(slots),
        restricted=contents.restricted,
        log_size=get_head(session).size,
    )


def _area(items: Sequence[BundledEvidence]) -> AreaPreview:
    return AreaPreview(
        code=items[0].item.area_code,
        name=items[0].item.area_name,
        amount=_amount(items),
        indicators=tuple(_indicator(own) for own in grouped(items, lambda e: e.item.indicator_code)),
    )


def _indicator(items: Sequence[BundledEvidence]) -> IndicatorPreview:
    return IndicatorPreview(code=items[0].item.indicator_code, text=items[0].item.indicator_text, amount=_amount(items))


def _amount(items: Sequence[BundledEvidence]) -> Amount:
    files = [file for item in items for file in item.files]
    return Amount(evidence=len(items), files=len(files), size=sum(file.bag.size for file in files))
