"""Changing one's own password. Whoever learned the old one is out with it: other sessions and open links end."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput
from portal.domain.events import PasswordChanged
from portal.services import audit
from portal.services.fresh_password import check_own_password, lock_account
from portal.services.invitations import void_invitations
from portal.services.passwords import check_password, hash_password
from portal.services.sessions import end_sessions, renew_session
from portal.services.throttle import forget_tries
from portal.services.tokens import token_hash
from portal.services.unit_of_work import transaction

SAME = "Ini kata sandi yang lama. Pilih yang lain."


def change_password(*, actor: Actor, token: str, old: str, new: str, address: str, now: datetime) -> str:
    """Set the actor's new password; returns the new token of his session, the only one that goes on.

    Raises InvalidInput for the fields `old_password` and `password`, Throttled after too many tries, NotFound when
    account or session have ended meanwhile.
    """
    account = check_own_password(actor, old, field="old_password", address=address, now=now)
    check_password(new, context=(account.email, account.name))
    if new == old:
        raise InvalidInput("password", SAME)
    hashed = hash_password(new)
    with transaction() as session:
        lock_account(session, actor, account).password_hash = hashed
        renewed = renew_session(session, actor=actor, token=token, now=now)
        end_sessions(session, actor.person, but_token=renewed, now=now)
        void_invitations(session, actor.person, now=now)
        event = PasswordChanged(
            obj=actor.person,
            password_sha256=sha256(hashed.encode()).hexdigest(),
            token_sha256=token_hash(renewed),
            replaced_sha256=token_hash(token),
        )
        audit.record(session, event, actor=actor, now=now)
    forget_tries(account=account.email, address=address)
    return renewed
