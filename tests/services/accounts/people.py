"""People with accounts in two units, made as an admin and they themselves would, at one fixed moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from portal.domain.actor import Actor
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.models import LogLeaf
from portal.services.invitations import accept_invitation
from portal.services.log_reader import read_entry
from portal.services.logins import log_in
from portal.services.memberships import NewMembership
from portal.services.sessions import LiveSession, find_session
from portal.services.unit_of_work import transaction
from portal.services.users import invite_user

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")
PASSWORD = "kuda hijau terbang pelan"
UPLOADER = NewMembership(role=Role.UPLOADER, unit_code="KPU-1502")
ADMIN = replace(UPLOADER, role=Role.ADMIN)


def person(email: str = "siti@contoh.go.id", membership: NewMembership = UPLOADER) -> UUID:
    """An account that can sign in."""
    invited = invite_user(actor=SYSTEM, email=email, name="Siti Aminah", membership=membership, now=NOW)
    accept_invitation(token=invited.invitation.token, password=PASSWORD, now=NOW)
    return invited.user_id


def signed_in(email: str = "siti@contoh.go.id", at: datetime = NOW) -> str:
    """The token of a new session."""
    return log_in(email=email, password=PASSWORD, address="10.0.0.1", device="Firefox", now=at).token


def found(token: str, at: datetime = NOW, *, requires_factor: bool = False) -> LiveSession | None:
    return find_session(token=token, address="10.0.0.1", requires_factor=requires_factor, now=at)


def actor_of(token: str, at: datetime = NOW) -> Actor:
    live = found(token, at)
    assert live is not None
    return live.actor


def events() -> list[EventName]:
    """The whole trail, by name."""
    with transaction(write=False) as session:
        return [read_entry(leaf).name for leaf in session.execute(select(LogLeaf).order_by(LogLeaf.seq)).scalars()]
