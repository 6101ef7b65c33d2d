"""Memberships: what role somebody has, where, and from when until when. Granted and ended here, each an event of the
trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

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
from portal.services.unit_of_work import transaction
from portal.services.units import get_managed_unit

AREAL = frozenset({Role.UPLOADER, Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD, Role.AUDITOR, Role.LEADER})
"""Roles that may be narrowed to one area."""


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
    """Give somebody else a role; raises NotPermitted for oneself, InvalidInput for what cannot be granted."""
    with transaction() as session:
        if actor.user_id == user_id:
            raise NotPermitted
        if session.get(User, user_id) is None:
            raise NotFound
        return add_membership(session, actor=actor, user_id=user_id, wanted=wanted, now=now)


def end_membership(*, actor: Actor, membership_id: UUID, now: datetime) -> UUID:
    """Take a role away at once; returns whose it was. One's own and the last admin's stay."""
    with transaction() as session:
        membership = session.get(Membership, membership_id, with_for_update=True)
        unit = session.get_one(Unit, membership.unit_id) if membership else None
        grant = _managing(actor, unit) if unit else None
        if membership is None or grant is None:
            raise NotFound
        if membership.user_id == actor.user_id:
            raise NotPermitted
        if membership.role is Role.ADMIN:
            require_other_admin(session, membership.user_id, now=now)
        if membership.ended_at is None:
            membership.ended_at, membership.ended_by = now, actor.code
            event = MembershipEnded(obj=membership.id, user=membership.user_id)
            audit.record(session, event, actor=actor, now=now, grant=grant)
        return membership.user_id


def add_membership(session: Session, *, actor: Actor, user_id: UUID, wanted: NewMembership, now: datetime) -> UUID:
    """The same within the caller's transaction, without asking who the person is."""
    unit = get_managed_unit(session, actor, wanted.unit_code, field="unit")
    valid_from = wanted.valid_from or now.astimezone(ZoneInfo(unit.timezone)).date()
    _require_window(valid_from, wanted.valid_until)
    _require_area(session, unit, wanted)
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
    audit.record(session, _granted(membership, unit), actor=actor, now=now, grant=_managing(actor, unit))
    return membership.id


def _managing(actor: Actor, unit: Unit) -> Grant | None:
    return find_grant(actor, Permission.MANAGE_ACCOUNTS, Subject(unit_path=unit.path))


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
