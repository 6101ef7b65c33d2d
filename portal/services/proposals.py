"""Roles that wait for a second admin: confirmed or refused by another one who manages the unit, or withdrawn by whoever
proposed them. A proposal that nobody settles in time has lapsed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Grant
from portal.domain.errors import InvalidInput, NotFound, NotPermitted, Stale
from portal.domain.events import MembershipRefused, MembershipWithdrawn
from portal.domain.second_admin import Settlement
from portal.models import MembershipProposal, Unit, User
from portal.services import audit
from portal.services.external_rules import require_alone, require_sponsor
from portal.services.fresh_password import require_fresh_password
from portal.services.membership_days import today_in
from portal.services.membership_terms import MembershipTerms, terms_of, write_membership
from portal.services.memberships import managing_grant, refuse_twice, require_reach
from portal.services.unit_of_work import transaction

OVER = "Masa yang diusulkan sudah lewat. Tolak usulan ini, lalu usulkan masa yang baru."
INACTIVE = "Akun orang ini nonaktif. Aktifkan dulu, atau tolak usulannya."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A proposal that can still be settled, and the grant by which the actor settles it."""

    proposal: MembershipProposal
    unit: Unit
    grant: Grant


def confirm_proposal(*, actor: Actor, proposal_id: UUID, now: datetime) -> UUID:
    """Give the proposed role; returns whose it is now.

    Raises NotFound outside the units that the actor manages, NotPermitted for what he proposed or would be given
    himself, Stale for what is settled or lapsed, InvalidInput for what cannot be given any more.
    """
    with transaction() as session:
        found = _get_open(session, actor, proposal_id, now)
        _require_other(actor, found.proposal)
        terms = terms_of(found.proposal)
        _require_still_possible(session, actor, terms, found.unit, now)
        _settle(found.proposal, Settlement.CONFIRMED, actor, now)
        session.flush()  # the guard of the membership looks at the verdict
        write_membership(session, terms, found.unit, proposal_id, actor=actor, grant=found.grant, now=now)
        return terms.user_id


def refuse_proposal(*, actor: Actor, proposal_id: UUID, now: datetime) -> None:
    """Let the proposal go without effect; raises like `confirm_proposal`."""
    with transaction() as session:
        found = _get_open(session, actor, proposal_id, now)
        _require_other(actor, found.proposal)
        _settle(found.proposal, Settlement.REFUSED, actor, now)
        event = MembershipRefused(obj=proposal_id, user=found.proposal.user_id)
        audit.record(session, event, actor=actor, now=now, grant=found.grant)


def withdraw_proposal(*, actor: Actor, proposal_id: UUID, now: datetime) -> None:
    """Take one's own proposal back; raises NotPermitted for somebody else's, and otherwise like `confirm_proposal`."""
    with transaction() as session:
        found = _get_open(session, actor, proposal_id, now)
        if found.proposal.proposed_by != actor.user_id:
            raise NotPermitted
        _settle(found.proposal, Settlement.WITHDRAWN, actor, now)
        event = MembershipWithdrawn(obj=proposal_id, user=found.proposal.user_id)
        audit.record(session, event, actor=actor, now=now, grant=found.grant)


def _get_open(session: Session, actor: Actor, proposal_id: UUID, now: datetime) -> _Open:
    proposal = session.get(MembershipProposal, proposal_id, with_for_update=True)
    unit = session.get_one(Unit, proposal.unit_id) if proposal else None
    grant = managing_grant(actor, unit.path) if unit else None
    if proposal is None or unit is None or grant is None:
        raise NotFound
    require_fresh_password(actor, now=now)
    if proposal.verdict is not None or proposal.expires_at <= now:
        raise Stale
    return _Open(proposal=proposal, unit=unit, grant=grant)


def _require_other(actor: Actor, proposal: MembershipProposal) -> None:
    """Four eyes: not the proposer, and nobody about himself."""
    if actor.user_id is None or actor.user_id in {proposal.proposed_by, proposal.user_id}:
        raise NotPermitted


def _require_still_possible(session: Session, actor: Actor, terms: MembershipTerms, unit: Unit, now: datetime) -> None:
    """What held when it was proposed, asked again: days have passed."""
    person = session.get_one(User, terms.user_id, with_for_update=True)
    if person.deactivated_at is not None:
        raise InvalidInput("user", INACTIVE)
    if terms.valid_until is not None and terms.valid_until < today_in(unit, now):
        raise InvalidInput("valid_until", OVER)
    require_reach(actor, unit, below=terms.below)
    if terms.sponsor_id is not None:
        require_sponsor(session, terms, unit, now=now)
    require_alone(session, terms)
    refuse_twice(session, terms, unit)


def _settle(proposal: MembershipProposal, verdict: Settlement, actor: Actor, now: datetime) -> None:
    proposal.verdict, proposal.settled_by, proposal.settled_at = verdict, actor.person, now
