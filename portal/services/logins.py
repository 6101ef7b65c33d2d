"""Masuk: from an e-mail and a password, and a code where the person has a second factor, to a new session.

A wrong password and an unknown account are answered alike; whether somebody has a second factor is told to nobody but
who knows the password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Origin
from portal.domain.errors import InvalidInput
from portal.domain.events import Event, LoginSucceeded
from portal.models import User
from portal.services import audit
from portal.services.factor_proof import has_factor, prove
from portal.services.passwords import LONGEST, matches
from portal.services.pending_logins import OVER, start_pending, take_try, use_pending
from portal.services.sessions import is_outside_window, start_session
from portal.services.throttle import count_try, forget_codes, forget_tries, limits_for, limits_for_code
from portal.services.tokens import token_hash
from portal.services.unit_of_work import transaction

OUTSIDE_WINDOW = (
    "Masa akses Anda sebagai auditor eksternal sudah berakhir atau belum dimulai. Hubungi penanggung jawab Anda di "
    "unit kerja."
)
REFUSED = "Email atau kata sandi tidak cocok. Periksa keduanya, atau minta admin mengirim undangan baru."


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginStep:
    """`token` is of a new session, or of a pending login when the person still owes a code."""

    token: str
    owes_code: bool


def log_in(*, email: str, password: str, address: str, device: str, now: datetime) -> LoginStep:
    """The first step; raises InvalidInput, or Throttled after too many tries.

    The password is hashed outside any transaction; the account is looked at again when the session is made.
    """
    account = email.strip().lower().encode("utf-8", "replace").decode()
    count_try(limits=limits_for(account=account, address=address), now=now)
    user_id, stored = _find_account(account)
    if not matches(password[: LONGEST + 1], stored) or user_id is None:
        raise InvalidInput("password", REFUSED)
    with transaction() as session:
        user = session.get_one(User, user_id, with_for_update=True)
        if not user.is_active_account or user.password_hash != stored:
            raise InvalidInput("password", REFUSED)
        step = first_step(session, user_id=user_id, address=address, device=device, now=now)
    if not step.owes_code:
        forget_tries(account=account, address=address)
    return step


def enter_code(*, token: str, code: str, address: str, device: str, now: datetime) -> str:
    """The second step: the token of a new session for that of a pending login and a code, which is used up.

    Raises InvalidInput for a code that is wrong or was used before, and for a login that is over; Throttled after too
    many codes.
    """
    tried = take_try(token=token, now=now)
    count_try(limits=limits_for_code(user_id=tried.user_id, address=address), now=now)
    with transaction() as session:
        user = session.get_one(User, tried.user_id, with_for_update=True)
        if not user.is_active_account:
            raise InvalidInput("code", OVER)
        if is_outside_window(session, user.id, now=now):
            raise InvalidInput("code", OUTSIDE_WINDOW)
        use_pending(session, token)
        proof = prove(session, user.id, code, left=tried.left, now=now)
        account = user.email
        begun = begin_session(session, user_id=user.id, address=address, device=device, now=now, proof=proof)
    forget_tries(account=account, address=address)
    forget_codes(user_id=tried.user_id, address=address)
    return begun


def first_step(
    session: Session, *, user_id: UUID, address: str, device: str, now: datetime, proof: Event | None = None
) -> LoginStep:
    """What follows once somebody with an active account has proved who he is, by a password or by `proof`, within the
    caller's transaction. Raises InvalidInput for an external auditor outside his days.
    """
    if is_outside_window(session, user_id, now=now):
        raise InvalidInput("password", OUTSIDE_WINDOW)
    if not has_factor(session, user_id):
        token = begin_session(session, user_id=user_id, address=address, device=device, now=now, proof=proof)
        return LoginStep(token=token, owes_code=False)
    if proof:
        audit.record(session, proof, actor=Actor(user_id=user_id), now=now)
    return LoginStep(token=start_pending(session, user_id, now=now), owes_code=True)


def begin_session(
    session: Session, *, user_id: UUID, address: str, device: str, now: datetime, proof: Event | None = None
) -> str:
    """The token of a new session, within the caller's transaction; what proved the person stands before it in the
    trail.
    """
    new = start_session(session, user_id=user_id, address=address, device=device, now=now)
    actor = Actor(user_id=user_id, origin=Origin(address=address, session=str(new.session_id)))
    for event in (proof, LoginSucceeded(obj=user_id, token_sha256=token_hash(new.token))):
        if event:
            audit.record(session, event, actor=actor, now=now)
    return new.token


def _find_account(email: str) -> tuple[UUID | None, str | None]:
    with transaction(write=False) as session:
        query = select(User.id, User.password_hash).where(User.email == email, User.deactivated_at.is_(None))
        row = session.execute(query).one_or_none()
        return (row.id, row.password_hash) if row else (None, None)
