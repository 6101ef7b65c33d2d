"""The slots of one indicator against its chain: who is in charge of each, and which evidence holds it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.domain.workflow import State
from portal.models import Requirement, RevisionSlot, Slot, SlotClaim
from portal.services.verify.facts import HeldBy, RevisionKey
from portal.services.verify.findings import Findings
from portal.services.verify.indicator_rows import IndicatorRows
from portal.services.verify.rows import reconcile
from portal.services.verify.story import Story


def compare_slots(findings: Findings, story: Story, rows: IndicatorRows, within: str) -> None:
    """Who is in charge of each slot, and which evidence holds it."""
    query = (
        select(Slot.id, Slot.pic_id, SlotClaim.evidence_id)
        .join(Requirement, Requirement.id == Slot.requirement_id)
        .outerjoin(SlotClaim, SlotClaim.slot_id == Slot.id)
    )
    slots = list(rows.of(query))
    pics = {slot: HeldBy(holder=pic) for slot, pic in story.pics.items() if pic}
    reconcile(
        findings,
        "slot",
        expected=pics,
        found={row.id: HeldBy(holder=row.pic_id) for row in slots if row.pic_id},
        within=within,
    )
    reconcile(
        findings,
        "slot_claim",
        expected={slot: HeldBy(holder=evidence) for slot, evidence in _claims(story, rows).items()},
        found={row.id: HeldBy(holder=row.evidence_id) for row in slots if row.evidence_id},
        within=within,
    )


def _claims(story: Story, rows: IndicatorRows) -> dict[UUID, UUID]:
    """Slot → evidence: those of an evidence's last version, unless it was rejected or all were discarded, and while a
    draft answers an earlier version those of that one too.
    """
    slots: dict[RevisionKey, set[UUID]] = {}
    for row in rows.revision_parts(RevisionSlot.slot_id, table=RevisionSlot):
        slots.setdefault((row.evidence_id, row.number), set()).add(row.slot_id)
    held: dict[UUID, UUID] = {}
    for evidence in story.evidence:
        kept = [key for key, fact in story.revisions.items() if key[0] == evidence and fact.state != State.DISCARDED]
        if not kept or story.revisions[max(kept)].state is State.REJECTED:
            continue
        last = story.revisions[max(kept)]
        own = slots.get(max(kept), set())
        if last.state is State.DRAFT and last.answers:
            own = own | slots.get((evidence, last.answers), set())
        held |= dict.fromkeys(own, evidence)
    return held
