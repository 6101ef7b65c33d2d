"""Which evidence holds a slot: taken when a draft chooses it, given free when the evidence no longer covers it.

The primary key of `slot_claim` lets one evidence hold a slot; who loses the race gets Stale.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.errors import Stale
from portal.models import Revision, RevisionSlot, SlotClaim


def claim_slots(session: Session, evidence_id: UUID, slot_ids: Collection[UUID]) -> None:
    """Take the slots for the evidence; those it holds already stay. Raises Stale when another evidence holds one."""
    holders = {
        claim.slot_id: claim.evidence_id
        for claim in session.execute(select(SlotClaim).where(SlotClaim.slot_id.in_(slot_ids))).scalars()
    }
    if any(holder != evidence_id for holder in holders.values()):
        raise Stale
    session.add_all(
        SlotClaim(slot_id=slot_id, evidence_id=evidence_id) for slot_id in slot_ids if slot_id not in holders
    )
    try:
        session.flush()
    except IntegrityError as error:  # somebody else took one between the two statements
        raise Stale from error


def release_slots(session: Session, evidence_id: UUID, *, keep: Collection[UUID] = ()) -> None:
    """Give free all slots of the evidence except those to `keep`."""
    session.execute(delete(SlotClaim).where(SlotClaim.evidence_id == evidence_id, SlotClaim.slot_id.not_in(keep)))


def answered_slots(session: Session, revision: Revision) -> set[UUID]:
    """The slots of the version that this one answers; empty for a first version."""
    query = (
        select(RevisionSlot.slot_id)
        .join(Revision, Revision.id == RevisionSlot.revision_id)
        .where(Revision.evidence_id == revision.evidence_id, Revision.number == revision.answers)
    )
    return set(session.execute(query).scalars())
