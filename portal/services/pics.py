"""Penanggung jawab (PIC): who is in charge of a slot. The plan names nobody; the coordinator or an admin does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Grant
from portal.domain.errors import InvalidInput, NotFound
from portal.domain.events import PicAssigned
from portal.domain.permissions import Permission
from portal.domain.policy import SENDERS, is_permitted, require
from portal.models import Membership, Requirement, Slot, User
from portal.services import audit
from portal.services.places import Place, get_slot_place
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may send evidence for the slot's area."""

    user_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PicChoice:
    """Whose slot it is, who is in charge now, and who could be."""

    place: Place
    requirement_text: str
    month: date
    pic_id: UUID | None
    candidates: tuple[Candidate, ...]


def get_pic_choice(*, actor: Actor, slot_id: UUID, now: datetime) -> PicChoice:
    """What is needed to choose; raises NotFound or NotPermitted."""
    with transaction(write=False) as session:
        place, _ = _permitted_place(session, actor, slot_id)
        slot = session.get_one(Slot, slot_id)
        return PicChoice(
            place=place,
            requirement_text=session.get_one(Requirement, slot.requirement_id).text,
            month=slot.month,
            pic_id=slot.pic_id,
            candidates=_candidates(session, place, now),
        )


def assign_pic(*, actor: Actor, slot_id: UUID, user_id: UUID | None, now: datetime) -> Place:
    """Put somebody in charge of the slot, or nobody (None); naming the same person again changes nothing.

    Raises NotFound, NotPermitted, or InvalidInput for somebody who could not send evidence there.
    """
    with transaction() as session:
        place, grant = _permitted_place(session, actor, slot_id)
        slot = session.get_one(Slot, slot_id, with_for_update=True)
        if user_id not in {None, *(candidate.user_id for candidate in _candidates(session, place, now))}:
            raise InvalidInput("pic", "Orang ini tidak dapat mengunggah bukti untuk area tersebut. Pilih orang lain.")
        if slot.pic_id != user_id:
            slot.pic_id = user_id
            audit.record(
                session,
                PicAssigned(obj=slot.id, month=slot.month, pic=user_id),
                actor=actor,
                now=now,
                grant=grant,
                scope=place.scope,
                area=place.area_code,
            )
        return place


def _permitted_place(session: Session, actor: Actor, slot_id: UUID) -> tuple[Place, Grant]:
    """The slot's place, with the grant by which the actor assigns there."""
    place = get_slot_place(session, slot_id)
    if not is_permitted(actor, Permission.SEE_PLAN, place.subject()):
        raise NotFound
    return place, require(actor, Permission.ASSIGN_PIC, place.subject())


def _candidates(session: Session, place: Place, now: datetime) -> tuple[Candidate, ...]:
    today = now.astimezone(ZoneInfo(place.timezone)).date()
    query = (
        select(User.id.label("user_id"), User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.unit_id == place.unit_id,
            Membership.role.in_(SENDERS),
            or_(Membership.area_code.is_(None), Membership.area_code == place.area_code),
            Membership.ended_at.is_(None),
            Membership.valid_from <= today,
            or_(Membership.valid_until.is_(None), Membership.valid_until >= today),
            User.deactivated_at.is_(None),
        )
        .distinct()
        .order_by(User.name)
    )
    return tuple(Candidate(**row._mapping) for row in session.execute(query))
