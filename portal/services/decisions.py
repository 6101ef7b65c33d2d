"""What a verdict or a reopening writes: the decision row, and the release of the slots where an evidence is rejected.

Called by `workflow.perform` alone, on a case that is locked and an action that is permitted.
"""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.errors import InvalidInput
from portal.domain.events import (
    EvidenceApproved,
    EvidenceRejected,
    EvidenceReopened,
    EvidenceReturned,
    Personal,
)
from portal.domain.review import Verdict
from portal.domain.workflow import Action, State, after_approval
from portal.models import Decision, Reopening
from portal.services.action import Effect, Step
from portal.services.slot_claims import release_slots


def approve(session: Session, step: Step) -> Effect:
    """Count one approval; the last one needed passes the tier, and the last tier approves the revision."""
    decision = _decide(session, step, Verdict.APPROVE)
    case = step.case
    earlier = {d.reviewer_id for d in case.decisions if d.tier == case.revision.tier and d.verdict is Verdict.APPROVE}
    position = after_approval(case.tiers, case.revision.tier, frozenset(earlier | {step.actor.person}))
    return Effect(
        position=position,
        event=EvidenceApproved(final=position.state is State.APPROVED, **_facts(step, decision)),
    )


def refuse(session: Session, step: Step) -> Effect:
    """Return or reject: the round ends at once. A rejected evidence gives its slots free."""
    if step.command.reason is None:
        raise InvalidInput("reason", "Pilih alasan dari daftar.")
    decision = _decide(session, step, Verdict(step.command.action.value))
    rejected = step.command.action is Action.REJECT
    if rejected:
        release_slots(session, step.case.evidence.id)
    kind = EvidenceRejected if rejected else EvidenceReturned
    return Effect(position=step.unmoved, event=kind(reason=step.command.reason, **_facts(step, decision)))


def reopen(session: Session, step: Step) -> Effect:
    """Take an approval back; the slots stay with the evidence, whose next draft answers the reopening."""
    session.add(
        Reopening(
            revision_id=step.case.revision.id,
            reopened_by=step.actor.person,
            membership_id=step.grant.membership_id,
            note=step.command.note,
            reopened_at=step.now,
        )
    )
    return Effect(
        position=step.unmoved,
        event=EvidenceReopened(
            obj=step.case.evidence.id,
            rev=step.case.revision.number,
            membership=step.grant.membership_id,
            note=Personal(step.command.note),
        ),
    )


class _Facts(TypedDict):
    """The fields that all verdicts' events share."""

    obj: UUID
    rev: int
    decision: UUID
    membership: UUID
    digest: str
    tier: int
    note: Personal


def _facts(step: Step, decision: Decision) -> _Facts:
    return _Facts(
        obj=step.case.evidence.id,
        rev=step.case.revision.number,
        decision=decision.id,
        membership=decision.membership_id,
        digest=decision.revision_digest,
        tier=decision.tier + 1,
        note=Personal(decision.note),
    )


def _decide(session: Session, step: Step, verdict: Verdict) -> Decision:
    digest = step.case.revision.digest
    assert digest is not None, "a submitted revision has its digest"  # noqa: S101  # held by ck_revision_submitted_complete
    decision = Decision(
        id=uuid4(),
        revision_id=step.case.revision.id,
        tier=step.case.revision.tier,
        reviewer_id=step.actor.person,
        membership_id=step.grant.membership_id,
        verdict=verdict,
        reason=step.command.reason,
        note=step.command.note,
        revision_digest=digest,
        decided_at=step.now,
    )
    session.add(decision)
    return decision
