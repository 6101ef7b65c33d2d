"""Logins between the password and the code. Not sessions: with one of these somebody may send a few codes, and nothing
else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput
from portal.domain.events import CodeAsked
from portal.models import PendingLogin
from portal.services import audit
from portal.services.tokens import new_token, token_hash
from portal.services.unit_of_work import transaction

LIFETIME = timedelta(minutes=5)
TRIES = 5
OVER = "Waktu untuk memasukkan kode sudah lewat, atau kodenya terlalu sering salah. Masuk lagi dengan kata sandi Anda."


@dataclass(frozen=True, slots=True, kw_only=True)
class TryLeft:
    """Whose login it is, and how many codes may still be sent for it after this one."""

    user_id: UUID
    left: int


def start_pending(session: Session, user_id: UUID, *, now: datetime) -> str:
    """The token of a new pending login, within the caller's transaction; those that are over are removed."""
    session.execute(delete(PendingLogin).where(PendingLogin.started_at <= now - LIFETIME))
    token = new_token()
    session.add(PendingLogin(user_id=user_id, token_sha256=token_hash(token), started_at=now, tries=0))
    event = CodeAsked(obj=user_id, token_sha256=token_hash(token))
    audit.record(session, event, actor=Actor(user_id=user_id), now=now)
    return token


def is_pending(*, token: str, now: datetime) -> bool:
    """Whether a code may be sent for this login."""
    with transaction(write=False) as session:
        query = select(PendingLogin.id).where(*_lives(token, now))
        return session.execute(query).one_or_none() is not None


def take_try(*, token: str, now: datetime) -> TryLeft:
    """Count one code, whether right or wrong, before it is looked at; raises InvalidInput when none may be sent."""
    with transaction() as session:
        row = session.execute(
            update(PendingLogin)
            .where(*_lives(token, now))
            .values(tries=PendingLogin.tries + 1)
            .returning(PendingLogin.user_id, PendingLogin.tries)
        ).one_or_none()
        if row is None:
            raise InvalidInput("code", OVER)
        return TryLeft(user_id=row.user_id, left=TRIES - row.tries)


def use_pending(session: Session, token: str) -> None:
    """Use the login up, within the caller's transaction; raises InvalidInput when somebody else just did."""
    removed = session.execute(
        delete(PendingLogin).where(PendingLogin.token_sha256 == token_hash(token)).returning(PendingLogin.id)
    ).one_or_none()
    if removed is None:
        raise InvalidInput("code", OVER)


def _lives(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Its time is counted from its start either way: another web machine's clock may be a little behind."""
    return (
        PendingLogin.token_sha256 == token_hash(token),
        PendingLogin.started_at.between(now - LIFETIME, now + LIFETIME),
        PendingLogin.tries < TRIES,
    )
