"""Events of roles: proposed, given, refused, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.domain.events.base import Event
from portal.domain.events.names import EventName
from portal.domain.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEvent(Event):
    """Base of the events that say what a membership is; `valid_from` and `valid_until` are whole days in the unit's
    zone, the last one included.
    """

    user: UUID
    member_role: Role
    unit: str
    member_area: str | None
    below: bool
    restricted: bool
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipGranted(MembershipEvent):
    """`obj` is the membership. Where it was proposed before, this is the confirmation by the second admin."""

    type = EventName.MEMBERSHIP_GRANTED


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAuditorGranted(MembershipGranted):
    """The same for an external auditor; `sponsor` is the person of the unit who answers for the visit."""

    type = EventName.EXTERNAL_AUDITOR_GRANTED
    sponsor: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipProposed(MembershipEvent):
    """`obj` is the proposal, and the membership once another admin has confirmed it, which he can for `open_days`;
    `sponsor` is set for an external auditor alone.
    """

    type = EventName.MEMBERSHIP_PROPOSED
    sponsor: UUID | None
    open_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRefused(Event):
    """Another admin refused the proposal `obj`."""

    type = EventName.MEMBERSHIP_REFUSED
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipWithdrawn(Event):
    """Its proposer took the proposal `obj` back."""

    type = EventName.MEMBERSHIP_WITHDRAWN
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEnded(Event):
    type = EventName.MEMBERSHIP_ENDED
    user: UUID
