"""Events of somebody coming in and leaving, and of what he proves himself with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.domain.events.base import Event, Personal
from portal.domain.events.names import EventName


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeFact:
    """One recovery code as the trail states it: by its id and the SHA-256 (64 hex) of its 80 random bits."""

    code: UUID
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSucceeded(Event):
    """`obj` is the user, `token_sha256` the hash of the new session's token: a session without such an event is
    forged.
    """

    type = EventName.LOGIN_SUCCEEDED
    token_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginThrottled(Event):
    """`obj` is the throttle window: one leaf a window, however often it is tried."""

    type = EventName.LOGIN_THROTTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeAsked(Event):
    """The password was right. `obj` is the user, who still owes a code; `token_sha256` the hash of the pending login's
    token. Without a login after it, somebody knows the password and lacks the phone.
    """

    type = EventName.CODE_ASKED
    token_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorPassed(Event):
    """`obj` is the user; `step` the 30 seconds, counted from the epoch, whose code is used up by this."""

    type = EventName.SECOND_FACTOR_PASSED
    factor: UUID
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeUsed(Event):
    """`obj` is the user, who had a code in place of the phone."""

    type = EventName.RECOVERY_CODE_USED
    code: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccepted(Event):
    """The identity provider vouched for `obj`, the user, in place of a password."""

    type = EventName.PROVIDER_ACCEPTED
    identity: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut(Event):
    type = EventName.LOGGED_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """Somebody ended another one of his own sessions, whose id is `session`. `obj` is the user."""

    type = EventName.SESSION_ENDED
    session: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(Event):
    """All sessions of the user `obj` ended, by himself or by an admin."""

    type = EventName.SESSIONS_ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordConfirmed(Event):
    """The person of a session gave the password once more. `obj` is the user, `token_sha256` the hash of the session's
    new token, which takes the place of the one with the hash `replaced_sha256`.
    """

    type = EventName.PASSWORD_CONFIRMED
    token_sha256: str
    replaced_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorEnrolled(Event):
    """`obj` is the user; `secret_sha256` the hash of the secret's 160 random bits, `step` that of the code that showed
    that the phone has it. All sessions of before end.
    """

    type = EventName.SECOND_FACTOR_ENROLLED
    factor: UUID
    secret_sha256: str
    step: int
    codes: tuple[RecoveryCodeFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorEnded(Event):
    """`obj` is the user: another phone follows, or the person or an admin took it away. All sessions of before end."""

    type = EventName.SECOND_FACTOR_ENDED
    factor: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesRenewed(Event):
    """`obj` is the user; codes of before that were not used work no longer."""

    type = EventName.RECOVERY_CODES_RENEWED
    factor: UUID
    codes: tuple[RecoveryCodeFact, ...]
