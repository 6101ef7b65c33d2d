"""Units, accounts, invitations and memberships as the events of the scope `sys` say they are, against their tables.

They are few enough to be held in memory at once; sessions are not, and have their own file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.models import Invitation, Membership, Unit, User
from portal.services.verify.findings import Findings
from portal.services.verify.rows import reconcile, unreadable_told
from portal.services.verify.trail import TrailEntry, refuse_event

ALWAYS = 2**63
"""A `seq` that no leaf reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFact:
    code: str | None
    name: str | None
    under: str | None
    path: str
    timezone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFact:
    """`password_sha256` is the SHA-256 of the stored password hash."""

    email: str | None
    name: str | None
    created_at: datetime
    password_sha256: str | None = None
    deactivated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationFact:
    user: UUID
    token_sha256: str | None
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipFact:
    user: UUID | None
    unit: str | None
    role: str | None
    area: str | None
    below: bool
    restricted: bool
    valid_from: date | None
    valid_until: date | None
    granted_by: str
    granted_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """From which leaf on until which somebody held a membership."""

    user: UUID | None
    role: str | None
    first_seq: int
    stop_seq: int = ALWAYS

    def covers(self, seq: int, user: UUID | None) -> bool:
        return user is not None and self.user == user and self.first_seq < seq < self.stop_seq


@dataclass(slots=True)
class People:
    """What the events so far say; `terms` are the memberships by id, for checking who might act."""

    units: dict[UUID, UnitFact] = field(default_factory=dict)
    users: dict[UUID, UserFact] = field(default_factory=dict)
    invitations: dict[UUID, InvitationFact] = field(default_factory=dict)
    memberships: dict[UUID, MembershipFact] = field(default_factory=dict)
    terms: dict[UUID, Term] = field(default_factory=dict)

    def tell(self, told: TrailEntry) -> None:
        """Take one event of the scope `sys`; those about other things change nothing."""
        if handler := _HANDLERS.get(told.entry.name):
            handler(self, told)

    def void_invitations(self, user: UUID, at: datetime) -> None:
        for key, fact in self.invitations.items():
            if fact.user == user and fact.used_at is None and fact.superseded_at is None:
                self.invitations[key] = replace(fact, superseded_at=at)


def _unit_added(people: People, told: TrailEntry) -> None:
    code, under = told.text("code"), told.text("under")
    above = next((unit.path for unit in people.units.values() if unit.code == under), "/") if under else "/"
    people.units[told.entry.obj] = UnitFact(
        code=code, name=told.text("name"), under=under, path=f"{above}{code}/", timezone=told.text("timezone")
    )


def _user_invited(people: People, told: TrailEntry) -> None:
    user, at = told.entry.obj, told.entry.at
    known = people.users.get(user) or UserFact(email=None, name=None, created_at=at)
    people.users[user] = replace(known, email=told.text("email"), name=told.text("name"))
    _link_issued(people, told)


def _link_issued(people: People, told: TrailEntry) -> None:
    user, at = told.entry.obj, told.entry.at
    people.void_invitations(user, at)
    if invitation := told.id("invitation"):
        people.invitations[invitation] = InvitationFact(
            user=user,
            token_sha256=told.text("token_sha256"),
            issued_at=at,
            expires_at=at + timedelta(minutes=told.number("valid_minutes")),
        )


def _user_activated(people: People, told: TrailEntry) -> None:
    _change_user(people, told, password_sha256=told.text("password_sha256"))
    invitation = told.id("invitation")
    if invitation and (used := people.invitations.get(invitation)):
        people.invitations[invitation] = replace(used, used_at=told.entry.at)


def _password_changed(people: People, told: TrailEntry) -> None:
    _change_user(people, told, password_sha256=told.text("password_sha256"))
    people.void_invitations(told.entry.obj, told.entry.at)


def _user_deactivated(people: People, told: TrailEntry) -> None:
    _change_user(people, told, deactivated_at=told.entry.at)
    people.void_invitations(told.entry.obj, told.entry.at)


def _user_reactivated(people: People, told: TrailEntry) -> None:
    _change_user(people, told, deactivated_at=None)


def _change_user(people: People, told: TrailEntry, **changes: str | datetime | None) -> None:
    if known := people.users.get(told.entry.obj):
        people.users[told.entry.obj] = replace(known, **changes)  # type: ignore[arg-type]  # names of UserFact's fields


def _membership_granted(people: People, told: TrailEntry) -> None:
    entry, user = told.entry, told.id("user")
    people.memberships[entry.obj] = MembershipFact(
        user=user,
        unit=told.text("unit"),
        role=told.text("member_role"),
        area=told.text("member_area"),
        below=entry.data.get("below") is True,
        restricted=entry.data.get("restricted") is True,
        valid_from=told.day("valid_from"),
        valid_until=told.day("valid_until"),
        granted_by=entry.actor,
        granted_at=entry.at,
    )
    people.terms[entry.obj] = Term(user=user, role=told.text("member_role"), first_seq=entry.seq)


def _membership_ended(people: People, told: TrailEntry) -> None:
    entry = told.entry
    if known := people.memberships.get(entry.obj):
        people.memberships[entry.obj] = replace(known, ended_by=entry.actor, ended_at=entry.at)
        people.terms[entry.obj] = replace(people.terms[entry.obj], stop_seq=entry.seq)


_HANDLERS: Mapping[EventName, Callable[[People, TrailEntry], None]] = MappingProxyType(
    {
        EventName.UNIT_ADDED: _unit_added,
        EventName.USER_INVITED: _user_invited,
        EventName.PASSWORD_RESET_REQUESTED: _link_issued,
        EventName.USER_ACTIVATED: _user_activated,
        EventName.PASSWORD_CHANGED: _password_changed,
        EventName.USER_DEACTIVATED: _user_deactivated,
        EventName.USER_REACTIVATED: _user_reactivated,
        EventName.MEMBERSHIP_GRANTED: _membership_granted,
        EventName.EXTERNAL_AUDITOR_GRANTED: _membership_granted,
        EventName.MEMBERSHIP_ENDED: _membership_ended,
    }
)


def check_membership(
    findings: Findings, told: TrailEntry, terms: Mapping[UUID, Term], *, seats: Collection[Role]
) -> None:
    """The actor held the membership that the event names, and it was one of `seats`."""
    entry, membership = told.entry, told.id("membership")
    term = terms.get(membership) if membership else None
    if term is None or not term.covers(entry.seq, entry.person):
        refuse_event(findings, told, f"peran yang dimiliki {entry.actor} saat itu", f"peran {membership}")
    elif term.role not in seats:
        refuse_event(findings, told, f"peran {', '.join(sorted(seats))}", term.role)


def reconcile_people(session: Session, findings: Findings, people: People) -> None:
    """Compare the four tables with what the events say."""
    with unreadable_told(findings, "unit"):
        reconcile(findings, "unit", expected=people.units, found=_units(session))
    with unreadable_told(findings, "akun"):
        reconcile(findings, "user", expected=people.users, found=_users(session))
    with unreadable_told(findings, "undangan"):
        reconcile(findings, "invitation", expected=people.invitations, found=_invitations(session))
    with unreadable_told(findings, "peran"):
        reconcile(findings, "membership", expected=people.memberships, found=_memberships(session))


def _units(session: Session) -> dict[UUID, UnitFact]:
    rows = session.execute(select(Unit)).scalars().all()
    codes = {row.id: row.code for row in rows}
    return {
        row.id: UnitFact(
            code=row.code,
            name=row.name,
            under=codes.get(row.parent_id, str(row.parent_id)) if row.parent_id else None,
            path=row.path,
            timezone=row.timezone,
        )
        for row in rows
    }


def _users(session: Session) -> dict[UUID, UserFact]:
    return {
        row.id: UserFact(
            email=row.email,
            name=row.name,
            created_at=row.created_at,
            password_sha256=sha256(row.password_hash.encode()).hexdigest() if row.password_hash else None,
            deactivated_at=row.deactivated_at,
        )
        for row in session.execute(select(User)).scalars()
    }


def _invitations(session: Session) -> dict[UUID, InvitationFact]:
    return {
        row.id: InvitationFact(
            user=row.user_id,
            token_sha256=row.token_sha256,
            issued_at=row.issued_at,
            expires_at=row.expires_at,
            used_at=row.used_at,
            superseded_at=row.superseded_at,
        )
        for row in session.execute(select(Invitation)).scalars()
    }


def _memberships(session: Session) -> dict[UUID, MembershipFact]:
    query = select(Membership, Unit.code).outerjoin(Unit, Unit.id == Membership.unit_id)
    return {
        row.Membership.id: MembershipFact(
            user=row.Membership.user_id,
            unit=row.code,
            role=row.Membership.role.value,
            area=row.Membership.area_code,
            below=row.Membership.below,
            restricted=row.Membership.restricted,
            valid_from=row.Membership.valid_from,
            valid_until=row.Membership.valid_until,
            granted_by=row.Membership.granted_by,
            granted_at=row.Membership.granted_at,
            ended_by=row.Membership.ended_by,
            ended_at=row.Membership.ended_at,
        )
        for row in session.execute(query)
    }
