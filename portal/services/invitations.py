"""One-time links by which a person sets a password. Nobody else ever chooses or sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.events import UserActivated
from portal.models import Invitation, User
from portal.services import audit
from portal.services.passwords import check_password, hash_password
from portal.services.sessions import end_sessions
from portal.services.tokens import new_token, token_hash
from portal.services.unit_of_work import transaction

LIFETIME = timedelta(minutes=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """`token` is told once and is not kept."""

    invitation_id: UUID
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitedPerson:
    name: str
    email: str


def issue_invitation(session: Session, user_id: UUID, *, now: datetime) -> NewInvitation:
    """A new link for the person, within the caller's transaction; earlier ones stop working."""
    void_invitations(session, user_id, now=now)
    token = new_token()
    invitation = Invitation(user_id=user_id, token_sha256=token_hash(token), issued_at=now, expires_at=now + LIFETIME)
    session.add(invitation)
    return NewInvitation(invitation_id=invitation.id, token=token, expires_at=invitation.expires_at)


def void_invitations(session: Session, user_id: UUID, *, now: datetime) -> None:
    """Let no earlier link of the person work any more, within the caller's transaction."""
    session.execute(
        update(Invitation)
        .where(Invitation.user_id == user_id, Invitation.used_at.is_(None), Invitation.superseded_at.is_(None))
        .values(superseded_at=now)
    )


def get_invited(*, token: str, now: datetime) -> InvitedPerson:
    """Whom the link is for; raises NotFound for one that is unknown, used, superseded or expired."""
    with transaction(write=False) as session:
        user = _usable(session, token, now)[1]
        return InvitedPerson(name=user.name, email=user.email)


def accept_invitation(*, token: str, password: str, now: datetime) -> None:
    """Set the password and use the link up; sessions of the person end. Raises NotFound or InvalidInput."""
    person = get_invited(token=token, now=now)
    check_password(password, context=(person.email, person.name))
    hashed = hash_password(password)
    with transaction() as session:
        invitation, user = _usable(session, token, now)
        user.password_hash = hashed
        invitation.used_at = now
        end_sessions(session, user.id, now=now)
        event = UserActivated(
            obj=user.id, invitation=invitation.id, password_sha256=sha256(hashed.encode()).hexdigest()
        )
        audit.record(session, event, actor=Actor(user_id=user.id), now=now)


def _usable(session: Session, token: str, now: datetime) -> tuple[Invitation, User]:
    row = session.execute(
        select(Invitation, User)
        .join(User, User.id == Invitation.user_id)
        .where(
            Invitation.token_sha256 == token_hash(token),
            Invitation.used_at.is_(None),
            Invitation.superseded_at.is_(None),
            Invitation.expires_at > now,
            Invitation.issued_at <= now,
            User.deactivated_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    return row.Invitation, row.User
