"""A password given just now, for what a copied cookie or an open screen must not do: roles, accounts, a whole unit's
evidence. Asks for it and takes it; which step needs it is said where the step is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound, PasswordNotFresh
from portal.domain.events import PasswordConfirmed
from portal.models import User
from portal.services import audit
from portal.services.passwords import LONGEST, matches
from portal.services.sessions import renew_session
from portal.services.throttle import count_try, forget_tries, limits_for
from portal.services.tokens import token_hash
from portal.services.unit_of_work import transaction

FRESH = timedelta(minutes=10)

WRONG = "Kata sandi tidak cocok. Periksa huruf besar dan kecilnya, lalu ketik lagi."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """The actor's account as it was when the password was compared with `password_hash`."""

    email: str
    name: str
    password_hash: str


def require_fresh_password(actor: Actor, *, now: datetime) -> None:
    """Raise PasswordNotFresh unless the password of the actor's session was given within the last ten minutes.

    Whoever acts without a session, a process or a command on the server, has none that somebody else could have got.
    """
    if actor.origin is None:
        return
    confirmed_at = actor.origin.confirmed_at
    if confirmed_at is None or abs(now - confirmed_at) >= FRESH:
        raise PasswordNotFresh


def confirm_password(*, actor: Actor, token: str, password: str, address: str, now: datetime) -> str:
    """Take the person's password once more; returns the session's new token, and the old one opens nothing any more.

    Raises InvalidInput for a wrong password, Throttled after too many, NotFound when the session has ended meanwhile.
    """
    account = check_own_password(actor, password, field="confirm_password", address=address, now=now)
    with transaction() as session:
        lock_account(session, actor, account)
        renewed = renew_session(session, actor=actor, token=token, now=now)
        event = PasswordConfirmed(obj=actor.person, token_sha256=token_hash(renewed), replaced_sha256=token_hash(token))
        audit.record(session, event, actor=actor, now=now)
    forget_tries(account=account.email, address=address)
    return renewed


def check_own_password(actor: Actor, password: str, *, field: str, address: str, now: datetime) -> OwnAccount:
    """The actor's account, if this is its password; tries count with those of signing in, before any hashing.

    Raises InvalidInput for `field`, Throttled after too many tries, NotFound without an active account.
    """
    account = _own_account(actor)
    count_try(limits=limits_for(account=account.email, address=address), now=now)
    if not matches(password[: LONGEST + 1], account.password_hash):
        raise InvalidInput(field, WRONG)
    return account


def lock_account(session: Session, actor: Actor, account: OwnAccount) -> User:
    """The row behind `account`, locked; raises NotFound when it was closed or got another password meanwhile."""
    user = session.get_one(User, actor.person, with_for_update=True)
    if not user.is_active_account or user.password_hash != account.password_hash:
        raise NotFound
    return user


def _own_account(actor: Actor) -> OwnAccount:
    with transaction(write=False) as session:
        user = session.get_one(User, actor.person)
        if user.password_hash is None or not user.is_active_account:
            raise NotFound
        return OwnAccount(email=user.email, name=user.name, password_hash=user.password_hash)
