"""Memberships: what role somebody has, where, and from when until when. Granted and ended here, each an event of the
trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Grant
from portal.domain.codes import MAX_AREA_CODE, is_code
from portal.domain.errors import InvalidInput, NotFound, NotPermitted
from portal.domain.events import MembershipEnded, MembershipGranted
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, find_grant
from portal.domain.roles import Role
from portal.models import Area, Membership, Plan, Unit, User
from portal.services import audit
from portal.services.admins import require_other_admin
from portal.services.fresh_password import require_fresh_password
from portal.services.membership_days import today_in
from portal.services.sessions import end_sessions
from portal.services.unit_of_work import transaction
from portal.services.units import get_managed_unit

AREAL = frozenset({Role.UPLOADER, Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD, Role.AUDITOR, Role.LEADER})
"""Roles that may be narrowed to one area."""

_ANYWHERE_BELOW = "*/"
"""Completes a unit's path to that of a unit below it that cannot exist: only a grant that reaches below covers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMembership:
    """What to grant. `valid_from` None means today in the unit's zone; `valid_until` is the last day included."""

    role: Role
    unit_code: str
    area_code: str | None = None
    below: bool = False
    restricted: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


def grant_membership(*, actor: Actor, user_id: UUID, wanted: NewMembership, now: datetime) -> UUID:
    """Give somebody else a role, and end his sessions; raises NotPermitted for oneself, InvalidInput for what cannot be
    granted.
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
    valid_from = wanted.valid_from or today_in(unit, now)
    _require_window(valid_from, wanted.valid_until)
    _require_area(session, unit, wanted)
    _require_reach(actor, unit, wanted)
    _refuse_twice(session, user_id, unit, wanted, valid_from)
    membership = Membership(
        user_id=user_id,
        unit_id=unit.id,
        role=wanted.role,
        area_code=wanted.area_code,
        below=wanted.below,
        restricted=wanted.restricted,
        valid_from=valid_from,
        valid_until=wanted.valid_until,
        granted_by=actor.code,
        granted_at=now,
    )
    session.add(membership)
    end_sessions(session, user_id, now=now)  # whoever may do something else now signs in for it
    audit.record(session, _granted(membership, unit), actor=actor, now=now, grant=managing_grant(actor, unit.path))
    return membership.id


def managing_grant(actor: Actor, unit_path: str) -> Grant | None:
    """The grant by which the actor manages the accounts of a unit, or None."""
    return find_grant(actor, Permission.MANAGE_ACCOUNTS, Subject(unit_path=unit_path))


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


def _require_reach(actor: Actor, unit: Unit, wanted: NewMembership) -> None:
    """Nobody gives more than he manages himself, and leave to read restricted evidence goes to auditors alone."""
    if wanted.below and managing_grant(actor, f"{unit.path}{_ANYWHERE_BELOW}") is None:
        raise InvalidInput("below", "Anda hanya mengelola unit ini, bukan unit di bawahnya. Hapus tandanya.")
    if wanted.restricted and wanted.role is not Role.AUDITOR:
        raise InvalidInput("restricted", "Izin ini hanya untuk auditor. Hapus tandanya, atau pilih peran auditor.")


def _refuse_twice(session: Session, user_id: UUID, unit: Unit, wanted: NewMembership, valid_from: date) -> None:
    """The same role for the same days is one membership, however often its form is sent."""
    query = select(Membership.id).where(
        Membership.user_id == user_id,
        Membership.unit_id == unit.id,
        Membership.role == wanted.role,
        Membership.area_code.is_not_distinct_from(wanted.area_code),
        Membership.below == wanted.below,
        Membership.restricted == wanted.restricted,
        Membership.valid_from == valid_from,
        Membership.valid_until.is_not_distinct_from(wanted.valid_until),
        Membership.ended_at.is_(None),
    )
    if session.execute(query).first():
        raise InvalidInput("role", "Orang ini sudah memegang peran itu di sana untuk waktu yang sama.")


def _granted(membership: Membership, unit: Unit) -> MembershipGranted:
    return MembershipGranted(
        obj=membership.id,
        user=membership.user_id,
        member_role=membership.role,
        unit=unit.code,
        member_area=membership.area_code,
        below=membership.below,
        restricted=membership.restricted,
        valid_from=membership.valid_from,
        valid_until=membership.valid_until,
    )
