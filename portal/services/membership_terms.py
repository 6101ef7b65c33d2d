"""What a membership is to say, once everything in it has been looked up, and how it is written: as a membership in
force, or as a proposal that a second admin has to confirm. Asks no permission: its callers do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Grant
from portal.domain.events import ExternalAuditorGranted, MembershipGranted, MembershipProposed
from portal.domain.roles import Role
from portal.domain.second_admin import PROPOSAL_DAYS
from portal.models import ExternalWindow, Membership, MembershipProposal, Unit
from portal.services import audit
from portal.services.sessions import end_sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipTerms:
    """`valid_until` is the last day included; `sponsor_id` is set for an external auditor alone."""

    user_id: UUID
    role: Role
    area_code: str | None
    below: bool
    restricted: bool
    valid_from: date
    valid_until: date | None
    sponsor_id: UUID | None


def terms_of(proposal: MembershipProposal) -> MembershipTerms:
    """What was proposed."""
    return MembershipTerms(
        user_id=proposal.user_id,
        role=proposal.role,
        area_code=proposal.area_code,
        below=proposal.below,
        restricted=proposal.restricted,
        valid_from=proposal.valid_from,
        valid_until=proposal.valid_until,
        sponsor_id=proposal.sponsor_id,
    )


def write_membership(
    session: Session,
    terms: MembershipTerms,
    unit: Unit,
    membership_id: UUID,
    *,
    actor: Actor,
    grant: Grant,
    now: datetime,
) -> None:
    """The membership, its window if it is an external auditor's, and the event of both."""
    session.add(Membership(id=membership_id, **_columns(terms, unit), granted_by=actor.code, granted_at=now))
    session.flush()  # the guard of the window looks at the membership
    end_sessions(session, terms.user_id, now=now)  # whoever may do something else now signs in for it
    if terms.sponsor_id is not None:
        session.add(_window(terms, membership_id, terms.sponsor_id))
    audit.record(session, _granted(terms, unit, membership_id), actor=actor, now=now, grant=grant)


def write_proposal(
    session: Session,
    terms: MembershipTerms,
    unit: Unit,
    proposal_id: UUID,
    *,
    actor: Actor,
    grant: Grant,
    now: datetime,
) -> None:
    """The proposal and its event."""
    session.add(
        MembershipProposal(
            id=proposal_id,
            **_columns(terms, unit),
            sponsor_id=terms.sponsor_id,
            proposed_by=actor.person,
            proposed_at=now,
            expires_at=now + timedelta(days=PROPOSAL_DAYS),
        )
    )
    event = MembershipProposed(
        obj=proposal_id, **_facts(terms, unit), sponsor=terms.sponsor_id, open_days=PROPOSAL_DAYS
    )
    audit.record(session, event, actor=actor, now=now, grant=grant)


def _window(terms: MembershipTerms, membership_id: UUID, sponsor_id: UUID) -> ExternalWindow:
    if terms.valid_until is None:
        raise ValueError("an external auditor without a last day")  # the callers have refused that
    return ExternalWindow(
        membership_id=membership_id,
        sponsor_id=sponsor_id,
        first_day=terms.valid_from,
        last_day=terms.valid_until,
    )


def _granted(terms: MembershipTerms, unit: Unit, membership_id: UUID) -> MembershipGranted:
    if terms.sponsor_id is None:
        return MembershipGranted(obj=membership_id, **_facts(terms, unit))
    return ExternalAuditorGranted(obj=membership_id, **_facts(terms, unit), sponsor=terms.sponsor_id)


def _columns(terms: MembershipTerms, unit: Unit) -> dict[str, Any]:
    """What a membership and its proposal have in common, as columns."""
    return {
        "user_id": terms.user_id,
        "unit_id": unit.id,
        "role": terms.role,
        "area_code": terms.area_code,
        "below": terms.below,
        "restricted": terms.restricted,
        "valid_from": terms.valid_from,
        "valid_until": terms.valid_until,
    }


def _facts(terms: MembershipTerms, unit: Unit) -> dict[str, Any]:
    """The same as the fields of their events."""
    return {
        "user": terms.user_id,
        "member_role": terms.role,
        "unit": unit.code,
        "member_area": terms.area_code,
        "below": terms.below,
        "restricted": terms.restricted,
        "valid_from": terms.valid_from,
        "valid_until": terms.valid_until,
    }
