"""Events of accounts: who was let in at all, and by which link he sets a password."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.domain.events.base import Event, Personal
from portal.domain.events.names import EventName


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInvited(Event):
    """`token_sha256` is the hash of the invitation's token, which works for `valid_minutes` and supersedes earlier
    ones.
    """

    type = EventName.USER_INVITED
    invitation: UUID
    token_sha256: str
    valid_minutes: int
    email: Personal
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(Event):
    """Somebody who need not be the user `obj` asked for a link, which was mailed to the user. Fields as in
    UserInvited.
    """

    type = EventName.PASSWORD_RESET_REQUESTED
    invitation: UUID
    token_sha256: str
    valid_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserActivated(Event):
    """`password_sha256` is the SHA-256 of the stored, salted password hash: nobody can guess from it, and nobody can
    put another one in its place unnoticed.
    """

    type = EventName.USER_ACTIVATED
    invitation: UUID
    password_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeactivated(Event):
    type = EventName.USER_DEACTIVATED


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReactivated(Event):
    type = EventName.USER_REACTIVATED


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLinked(Event):
    """`obj` is the user, whom the identity provider `issuer` knows as `subject` from here on."""

    type = EventName.IDENTITY_LINKED
    identity: UUID
    issuer: str
    subject: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """The person of a session set another password: the session has a new token as in PasswordConfirmed, and all his
    other ones ended. `obj` is the user, `password_sha256` as in UserActivated.
    """

    type = EventName.PASSWORD_CHANGED
    password_sha256: str
    token_sha256: str
    replaced_sha256: str
