"""Proposals of roles and the windows of external auditors as the events of the scope `sys` say they are, against their
tables.

Refuses to believe a grant that one admin made alone, and whatever else the portal would not have let somebody settle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.second_admin import CONFIRMED_ROLES, LONGEST_WINDOW, Settlement
from portal.models import ExternalWindow, MembershipProposal, Unit
from portal.services.verify.findings import Findings
from portal.services.verify.people import Term
from portal.services.verify.rows import reconcile, unreadable_told
from portal.services.verify.trail import TrailEntry, refuse_event

SETTLES: Mapping[EventName, Settlement] = MappingProxyType(
    {
        EventName.MEMBERSHIP_GRANTED: Settlement.CONFIRMED,
        EventName.EXTERNAL_AUDITOR_GRANTED: Settlement.CONFIRMED,
        EventName.MEMBERSHIP_REFUSED: Settlement.REFUSED,
        EventName.MEMBERSHIP_WITHDRAWN: Settlement.WITHDRAWN,
    }
)
"""How each event settles the proposal with its `obj`, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFact:
    user: UUID | None
    unit: str | None
    role: str | None
    area: str | None
    below: bool
    restricted: bool
    sponsor: UUID | None
    valid_from: date | None
    valid_until: date | None
    proposed_by: UUID | None
    proposed_at: datetime
    expires_at: datetime
    verdict: str | None = None
    settled_by: UUID | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFact:
    sponsor: UUID | None
    first_day: date | None
    last_day: date | None


class GrantCheck:
    """Takes the events of `sys` one by one, after `terms` has them: all memberships by id."""

    def __init__(self, session: Session, findings: Findings, *, terms: Mapping[UUID, Term]) -> None:
        self._session, self._findings, self._terms = session, findings, terms
        self._proposals: dict[UUID, ProposalFact] = {}
        self._windows: dict[UUID, WindowFact] = {}

    def tell(self, told: TrailEntry) -> None:
        if told.entry.name is EventName.MEMBERSHIP_PROPOSED:
            self._require_admin(told)
            self._proposals[told.entry.obj] = _proposal(told)
        elif verdict := SETTLES.get(told.entry.name):
            if verdict is Settlement.CONFIRMED:
                self._check_grant(told)
            self._settle(told, verdict)
        if told.entry.name is EventName.EXTERNAL_AUDITOR_GRANTED:
            self._open_window(told)

    def finish(self) -> None:
        with unreadable_told(self._findings, "usulan peran"):
            found = _stored_proposals(self._session)
            reconcile(self._findings, "membership_proposal", expected=self._proposals, found=found)
        with unreadable_told(self._findings, "masa auditor eksternal"):
            windows = _stored_windows(self._session)
            reconcile(self._findings, "external_window", expected=self._windows, found=windows)

    def _require_admin(self, told: TrailEntry) -> None:
        """Whoever proposes or confirms was an admin at that moment."""
        seq, person = told.entry.seq, told.entry.person
        if not any(term.role == Role.ADMIN and term.covers(seq, person) for term in self._terms.values()):
            refuse_event(self._findings, told, "seorang admin", told.entry.actor)

    def _check_grant(self, told: TrailEntry) -> None:
        """A person gives such a role only as a second admin, and gives just what the first one proposed."""
        if told.entry.person is None or told.text("member_role") not in CONFIRMED_ROLES:
            return
        proposal = self._proposals.get(told.entry.obj)
        if proposal is None:
            refuse_event(
                self._findings, told, "peran yang diusulkan admin lain", f"diberikan sendiri oleh {told.entry.actor}"
            )
            return
        self._require_admin(told)
        given = _proposal(told)
        kept = {"proposed_by": given.proposed_by, "proposed_at": given.proposed_at, "expires_at": given.expires_at}
        if replace(proposal, **kept) != given:  # type: ignore[arg-type]  # names of ProposalFact's fields
            refuse_event(self._findings, told, "peran seperti yang diusulkan", given.role)

    def _settle(self, told: TrailEntry, verdict: Settlement) -> None:
        entry, proposal = told.entry, self._proposals.get(told.entry.obj)
        if proposal is None:
            if verdict is not Settlement.CONFIRMED:
                refuse_event(self._findings, told, "usulan yang menunggu", None)
            return
        is_own = entry.person == proposal.proposed_by
        if proposal.verdict is not None or (verdict is Settlement.CONFIRMED and entry.at >= proposal.expires_at):
            refuse_event(
                self._findings,
                told,
                "usulan yang masih menunggu",
                proposal.verdict or f"kedaluwarsa {proposal.expires_at}",
            )
        if entry.person == proposal.user or is_own != (verdict is Settlement.WITHDRAWN):
            refuse_event(self._findings, told, "admin lain", entry.actor)
        self._proposals[entry.obj] = replace(
            proposal, verdict=verdict.value, settled_by=entry.person, settled_at=entry.at
        )

    def _open_window(self, told: TrailEntry) -> None:
        first, last = told.day("valid_from"), told.day("valid_until")
        if first is None or last is None or last - first > LONGEST_WINDOW:
            refuse_event(self._findings, told, f"paling lama {LONGEST_WINDOW.days} hari", f"{first} sampai {last}")
        self._windows[told.entry.obj] = WindowFact(sponsor=told.id("sponsor"), first_day=first, last_day=last)


def _proposal(told: TrailEntry) -> ProposalFact:
    """What an event proposes, or gives."""
    return ProposalFact(
        user=told.id("user"),
        unit=told.text("unit"),
        role=told.text("member_role"),
        area=told.text("member_area"),
        below=told.entry.data.get("below") is True,
        restricted=told.entry.data.get("restricted") is True,
        sponsor=told.id("sponsor"),
        valid_from=told.day("valid_from"),
        valid_until=told.day("valid_until"),
        proposed_by=told.entry.person,
        proposed_at=told.entry.at,
        expires_at=told.entry.at + timedelta(days=max(told.number("open_days"), 0)),
    )


def _stored_proposals(session: Session) -> dict[UUID, ProposalFact]:
    query = select(MembershipProposal, Unit.code).outerjoin(Unit, Unit.id == MembershipProposal.unit_id)
    return {
        row.MembershipProposal.id: ProposalFact(
            user=row.MembershipProposal.user_id,
            unit=row.code,
            role=row.MembershipProposal.role.value,
            area=row.MembershipProposal.area_code,
            below=row.MembershipProposal.below,
            restricted=row.MembershipProposal.restricted,
            sponsor=row.MembershipProposal.sponsor_id,
            valid_from=row.MembershipProposal.valid_from,
            valid_until=row.MembershipProposal.valid_until,
            proposed_by=row.MembershipProposal.proposed_by,
            proposed_at=row.MembershipProposal.proposed_at,
            expires_at=row.MembershipProposal.expires_at,
            verdict=row.MembershipProposal.verdict.value if row.MembershipProposal.verdict else None,
            settled_by=row.MembershipProposal.settled_by,
            settled_at=row.MembershipProposal.settled_at,
        )
        for row in session.execute(query)
    }


def _stored_windows(session: Session) -> dict[UUID, WindowFact]:
    return {
        row.membership_id: WindowFact(sponsor=row.sponsor_id, first_day=row.first_day, last_day=row.last_day)
        for row in session.execute(select(ExternalWindow)).scalars()
    }
