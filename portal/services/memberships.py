"""Memberships: what role somebody has, where, and from when until when. Granted or proposed, and ended here, each an
event of the trail; proposals are settled in `proposals.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Grant
from portal.domain.codes import MAX_AREA_CODE, is_code
from portal.domain.errors import InvalidInput, NotFound, NotPermitted
from portal.domain.events import MembershipEnded
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, find_grant, require
from portal.domain.roles import Role
from portal.domain.second_admin import needs_second_admin
from portal.models import Area, Membership, MembershipProposal, Plan, Unit, User
from portal.services import audit
from portal.services.admins import require_other_admin
from portal.services.external_rules import get_sponsor_id, require_alone, require_external
from portal.services.fresh_password import require_fresh_password
from portal.services.membership_days import today_in
from portal.services.membership_terms import MembershipTerms, write_membership, write_proposal
from portal.services.sessions import end_sessions
from portal.services.unit_of_work import transaction
from portal.services.units import get_managed_unit

AREAL = frozenset({Role.UPLOADER, Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD, Role.AUDITOR, Role.LEADER})
"""Roles that may be narrowed to one area."""

_ANYWHERE_BELOW = "*/"
"""Completes a unit's path to that of a unit below it that cannot exist: only a grant that reaches below covers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMembership:
    """What to grant. `valid_from` None means today in the unit's zone; `valid_until` is the last day included.

    `sponsor` is the e-mail address of the person who answers for an `external` auditor, whose days are limited.
    """

    role: Role
    unit_code: str
    area_code: str | None = None
    below: bool = False
    restricted: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    external: bool = False
    sponsor: str | None = None


def grant_membership(*, actor: Actor, user_id: UUID, wanted: NewMembership, now: datetime) -> UUID:
    """Give somebody else a role, which ends his sessions, or propose it where it needs a second admin; returns the id
    of the membership, which is that of the proposal until then. Raises NotPermitted for oneself, InvalidInput for what
    cannot be granted.
    """
    with transaction() as session:
        if actor.user_id == user_id:
            raise NotPermitted
        unit = get_managed_unit(session, actor, wanted.unit_code, field="unit")
        require_fresh_password(actor, now=now)
        if session.get(User, user_id) is None:
            raise NotFound
        return add_membership(session, actor=actor, user_id=user_id, unit=unit, wanted=wanted, now=now)


def end_membership(*, actor: Actor, membership_id: UUID, now: datetime) -> UUID:
    """Take a role and the person's sessions away at once; returns whose it was. One's own and the last admin's stay."""
    with transaction() as session:
        membership = session.get(Membership, membership_id)
        unit = session.get_one(Unit, membership.unit_id) if membership else None
        grant = managing_grant(actor, unit.path) if unit else None
        if membership is None or grant is None:
            raise NotFound
        if membership.user_id == actor.user_id:
            raise NotPermitted
        require_fresh_password(actor, now=now)
        if membership.role is Role.ADMIN:
            require_other_admin(session, membership.user_id, now=now)
        session.refresh(membership, with_for_update=True)
        if membership.ended_at is None:
            membership.ended_at, membership.ended_by = now, actor.code
            end_sessions(session, membership.user_id, now=now)
            event = MembershipEnded(obj=membership.id, user=membership.user_id)
            audit.record(session, event, actor=actor, now=now, grant=grant)
        return membership.user_id


def add_membership(
    session: Session, *, actor: Actor, user_id: UUID, unit: Unit, wanted: NewMembership, now: datetime
) -> UUID:
    """The same within the caller's transaction, in a unit that the actor manages, without asking who the person is."""
    session.get_one(User, user_id, with_for_update=True)  # what he holds elsewhere must not change meanwhile
    terms = _agreed_terms(session, user_id, unit, wanted, now)
    _require_area(session, unit, wanted)
    require_reach(actor, unit, below=wanted.below)
    if terms.sponsor_id is not None:
        require_external(session, terms, unit, actor=actor, now=now)
    require_alone(session, terms)
    refuse_twice(session, terms, unit)
    refuse_proposed_twice(session, terms, unit, now)
    membership_id, grant = uuid4(), require(actor, Permission.MANAGE_ACCOUNTS, Subject(unit_path=unit.path))
    write = write_proposal if needs_second_admin(actor, wanted.role) else write_membership
    write(session, terms, unit, membership_id, actor=actor, grant=grant, now=now)
    return membership_id


def managing_grant(actor: Actor, unit_path: str) -> Grant | None:
    """The grant by which the actor manages the accounts of a unit, or None."""
    return find_grant(actor, Permission.MANAGE_ACCOUNTS, Subject(unit_path=unit_path))


def require_reach(actor: Actor, unit: Unit, *, below: bool) -> None:
    """Raise InvalidInput when somebody would give more than he manages himself."""
    if below and managing_grant(actor, f"{unit.path}{_ANYWHERE_BELOW}") is None:
        raise InvalidInput("below", "Anda hanya mengelola unit ini, bukan unit di bawahnya. Hapus tandanya.")


def refuse_twice(session: Session, terms: MembershipTerms, unit: Unit) -> None:
    """Raise InvalidInput for what the person holds, or is proposed for, already: the same role for the same days is one
    membership, however often its form is sent.
    """
    query = select(Membership.id).where(Membership.ended_at.is_(None), *_same(Membership, terms, unit))
    if session.execute(query).first():
        raise InvalidInput("role", "Orang ini sudah memegang peran itu di sana untuk waktu yang sama.")


def refuse_proposed_twice(session: Session, terms: MembershipTerms, unit: Unit, now: datetime) -> None:
    """The same for what waits for a second admin."""
    is_same = _same(MembershipProposal, terms, unit)
    query = select(MembershipProposal.id).where(MembershipProposal.is_open(now), *is_same)
    if session.execute(query).first():
        raise InvalidInput("role", "Peran itu sudah diusulkan untuk orang ini dan menunggu admin lain.")


def _same(
    table: type[Membership] | type[MembershipProposal], terms: MembershipTerms, unit: Unit
) -> tuple[ColumnElement[bool], ...]:
    return (
        table.user_id == terms.user_id,
        table.unit_id == unit.id,
        table.role == terms.role,
        table.area_code.is_not_distinct_from(terms.area_code),
        table.below == terms.below,
        table.restricted == terms.restricted,
        table.valid_from == terms.valid_from,
        table.valid_until.is_not_distinct_from(terms.valid_until),
    )


def _agreed_terms(session: Session, user_id: UUID, unit: Unit, wanted: NewMembership, now: datetime) -> MembershipTerms:
    valid_from = wanted.valid_from or today_in(unit, now)
    _require_window(valid_from, wanted.valid_until)
    if wanted.restricted and wanted.role is not Role.AUDITOR:
        raise InvalidInput("restricted", "Izin ini hanya untuk auditor. Hapus tandanya, atau pilih peran auditor.")
    if wanted.sponsor and not wanted.external:
        raise InvalidInput("sponsor", "Penanggung jawab hanya untuk auditor eksternal. Kosongkan, atau beri tandanya.")
    return MembershipTerms(
        user_id=user_id,
        role=wanted.role,
        area_code=wanted.area_code,
        below=wanted.below,
        restricted=wanted.restricted,
        valid_from=valid_from,
        valid_until=wanted.valid_until,
        sponsor_id=get_sponsor_id(session, wanted.sponsor or "") if wanted.external else None,
    )


def _require_window(valid_from: date, valid_until: date | None) -> None:
    if not date(2000, 1, 1) <= valid_from <= date(2100, 1, 1):
        raise InvalidInput("valid_from", "Tanggal mulai di luar jangkauan. Periksa tahunnya.")
    if valid_until is not None and not valid_from <= valid_until <= date(2100, 1, 1):
        raise InvalidInput("valid_until", "Tanggal berakhir harus sama dengan atau sesudah tanggal mulai.")


def _require_area(session: Session, unit: Unit, wanted: NewMembership) -> None:
    if wanted.area_code is None:
        return
    if wanted.role not in AREAL:
        raise InvalidInput("area", "Peran ini berlaku untuk semua area. Kosongkan areanya.")
    codes = select(Area.code).join(Plan, Plan.id == Area.plan_id).where(Plan.unit_id == unit.id)
    known = set(session.execute(codes).scalars())
    if not is_code(wanted.area_code, longest=MAX_AREA_CODE) or (known and wanted.area_code not in known):
        raise InvalidInput("area", f"Area tidak dikenal. Pilihannya: {', '.join(sorted(known)) or 'I, II, III, …'}.")
