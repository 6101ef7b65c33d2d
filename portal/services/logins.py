"""Masuk: from an e-mail and a password to a new session. A wrong password and an unknown account are answered alike."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.domain.actor import Actor, Origin
from portal.domain.errors import InvalidInput
from portal.domain.events import LoginSucceeded
from portal.models import User
from portal.services import audit
from portal.services.passwords import LONGEST, matches
from portal.services.sessions import start_session
from portal.services.throttle import count_try, forget_tries, limits_for
from portal.services.tokens import token_hash
from portal.services.unit_of_work import transaction

REFUSED = "Email atau kata sandi tidak cocok. Periksa keduanya, atau minta admin mengirim undangan baru."


def log_in(*, email: str, password: str, address: str, device: str, now: datetime) -> str:
    """The token of a new session; raises InvalidInput, or Throttled after too many tries.

    The password is hashed outside any transaction; the account is looked at again when the session is made.
    """
    account = email.strip().lower().encode("utf-8", "replace").decode()
    count_try(limits=limits_for(account=account, address=address), now=now)
    user_id, stored = _find_account(account)
    if not matches(password[: LONGEST + 1], stored) or user_id is None:
        raise InvalidInput("password", REFUSED)
    token = _start(user_id, stored, address, device, now)
    forget_tries(account=account, address=address)
    return token


def _find_account(email: str) -> tuple[UUID | None, str | None]:
    with transaction(write=False) as session:
        query = select(User.id, User.password_hash).where(User.email == email, User.deactivated_at.is_(None))
        row = session.execute(query).one_or_none()
        return (row.id, row.password_hash) if row else (None, None)


def _start(user_id: UUID, stored: str | None, address: str, device: str, now: datetime) -> str:
    with transaction() as session:
        user = session.get_one(User, user_id, with_for_update=True)
        if not user.is_active_account or user.password_hash != stored:
            raise InvalidInput("password", REFUSED)
        new = start_session(session, user_id=user_id, address=address, device=device, now=now)
        actor = Actor(user_id=user_id, origin=Origin(address=address, session=str(new.session_id)))
        event = LoginSucceeded(obj=user_id, token_sha256=token_hash(new.token))
        audit.record(session, event, actor=actor, now=now)
        return new.token
