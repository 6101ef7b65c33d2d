"""Roles that wait for a second admin, and those that were settled lately, as an admin sees them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from portal.domain.actor import Actor, Grant
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, is_permitted
from portal.domain.roles import Role
from portal.models import MembershipProposal, Unit, User
from portal.services.admins import select_admins
from portal.services.membership_days import is_in_force
from portal.services.sessions import grant_of
from portal.services.unit_of_work import transaction
from portal.services.visibility import visible_to

SHOWN = 100
SHOWN_SETTLED = 20
SHOWN_FOR = timedelta(days=90)


class ProposalState(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """`may_settle` tells whether the actor is the second admin it waits for, `own` whether he proposed it himself;
    `others` are the names of those who could confirm it.
    """

    proposal_id: UUID
    state: ProposalState
    user_id: UUID
    user_name: str
    user_email: str
    role: Role
    unit_name: str
    area_code: str | None
    below: bool
    restricted: bool
    external: bool
    sponsor_name: str | None
    valid_from: date
    valid_until: date | None
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    own: bool
    may_settle: bool
    others: tuple[str, ...]


def list_proposals(*, actor: Actor, now: datetime) -> tuple[ProposalView, ...]:
    """The open ones of the units that the actor manages, the one that lapses first before the others."""
    with transaction(write=False) as session:
        query = (
            _managed(actor)
            .where(MembershipProposal.is_open(now))
            .order_by(MembershipProposal.expires_at, MembershipProposal.id)
        )
        return _views(session, actor, session.execute(query.limit(SHOWN)).scalars().all(), now)


def list_settled(*, actor: Actor, now: datetime) -> tuple[ProposalView, ...]:
    """What became of the others of the last three months, the latest first."""
    with transaction(write=False) as session:
        query = _managed(actor).where(
            MembershipProposal.verdict.is_not(None) | (MembershipProposal.expires_at <= now),
            MembershipProposal.proposed_at > now - SHOWN_FOR,
        )
        latest = query.order_by(MembershipProposal.proposed_at.desc(), MembershipProposal.id)
        return _views(session, actor, session.execute(latest.limit(SHOWN_SETTLED)).scalars().all(), now)


def count_awaited(session: Session, actor: Actor, now: datetime) -> int:
    """How many wait for the actor himself."""
    query = (
        select(func.count(MembershipProposal.id))
        .join(Unit, Unit.id == MembershipProposal.unit_id)
        .where(
            visible_to(actor, Permission.MANAGE_ACCOUNTS),
            MembershipProposal.proposed_by != actor.user_id,
            MembershipProposal.user_id != actor.user_id,
            MembershipProposal.is_open(now),
        )
    )
    return session.execute(query).scalar_one()


def _managed(actor: Actor) -> Select[MembershipProposal]:
    return (
        select(MembershipProposal)
        .join(Unit, Unit.id == MembershipProposal.unit_id)
        .where(visible_to(actor, Permission.MANAGE_ACCOUNTS))
        .options(
            joinedload(MembershipProposal.unit),
            joinedload(MembershipProposal.user),
            joinedload(MembershipProposal.proposer),
            joinedload(MembershipProposal.settler),
            joinedload(MembershipProposal.sponsor),
        )
    )


def _views(
    session: Session, actor: Actor, proposals: Sequence[MembershipProposal], now: datetime
) -> tuple[ProposalView, ...]:
    admins = [
        (row.User, grant_of(row.Membership, row.Unit))
        for row in session.execute(select_admins())
        if is_in_force(row.Membership, row.Unit, now)
    ]
    return tuple(_view(actor, proposal, admins, now) for proposal in proposals)


def _view(
    actor: Actor, proposal: MembershipProposal, admins: Sequence[tuple[User, Grant]], now: datetime
) -> ProposalView:
    others = {
        user.id: user.name
        for user, grant in admins
        if user.id not in {proposal.proposed_by, proposal.user_id} and _manages(user, grant, proposal.unit)
    }
    state = _state(proposal, now)
    return ProposalView(
        proposal_id=proposal.id,
        state=state,
        user_id=proposal.user_id,
        user_name=proposal.user.name,
        user_email=proposal.user.email,
        role=proposal.role,
        unit_name=proposal.unit.name,
        area_code=proposal.area_code,
        below=proposal.below,
        restricted=proposal.restricted,
        external=proposal.sponsor_id is not None,
        sponsor_name=proposal.sponsor.name if proposal.sponsor else None,
        valid_from=proposal.valid_from,
        valid_until=proposal.valid_until,
        proposed_by=proposal.proposer.name,
        proposed_at=proposal.proposed_at,
        expires_at=proposal.expires_at,
        settled_by=proposal.settler.name if proposal.settler else None,
        settled_at=proposal.settled_at,
        own=proposal.proposed_by == actor.user_id,
        may_settle=state is ProposalState.OPEN and actor.user_id in others,
        others=tuple(sorted(others.values())),
    )


def _state(proposal: MembershipProposal, now: datetime) -> ProposalState:
    if proposal.verdict is not None:
        return ProposalState(proposal.verdict.value)
    return ProposalState.OPEN if proposal.expires_at > now else ProposalState.LAPSED


def _manages(admin: User, grant: Grant, unit: Unit) -> bool:
    holder = Actor(user_id=admin.id, grants=(grant,))
    return is_permitted(holder, Permission.MANAGE_ACCOUNTS, Subject(unit_path=unit.path))
