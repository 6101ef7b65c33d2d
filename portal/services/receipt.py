"""Tanda terima: what was handed in, by whom and when, with the hash of every file. Reads only.

Its number is the beginning of the revision's digest, so it can be checked against the trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.slot_state import Timing
from portal.models import Evidence, Slot
from portal.services.case import get_case
from portal.services.indicator_text import IndicatorText, get_indicator_text
from portal.services.places import Place
from portal.services.revision_view import RevisionView, list_revisions
from portal.services.slot_board import list_slots, select_slots
from portal.services.unit_of_work import transaction

NUMBER_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt for one submitted version; `number` is 12 hex digits in groups of four."""

    number: str
    place: Place
    text: IndicatorText
    revision: RevisionView
    timings: frozenset[Timing]


def get_receipt(*, actor: Actor, revision_id: UUID, now: datetime) -> Receipt:
    """The receipt; raises NotFound for a version that was never submitted or that the actor may not see."""
    with transaction(write=False) as session:
        case = get_case(session, actor=actor, revision_id=revision_id)
        digest = case.revision.digest
        if digest is None:
            raise NotFound
        revisions = list_revisions(session, case.evidence.id)
        slots = list_slots(
            session,
            select_slots().where(
                Slot.id.in_([part.slot_id for part in case.revision.slots]), Evidence.id == case.evidence.id
            ),
            actor=actor,
            now=now,
        )
        return Receipt(
            number=" ".join(digest[at : at + 4] for at in range(0, NUMBER_LENGTH, 4)),
            place=case.place,
            text=get_indicator_text(session, case.requirement.id),
            revision=next(revision for revision in revisions if revision.id == revision_id),
            timings=frozenset(slot.timing for slot in slots),
        )
