"""Every refusal the domain and the services can give, as exceptions that a border turns into a page or an exit code.

Messages that a person reads are Indonesian and say what happened and what to do next. This module decides no status
and no layout.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.domain.workflow import Action, State


class Denial(StrEnum):
    """Why a permission was refused; the web layer owns the sentence."""

    OUT_OF_SCOPE = "out_of_scope"
    CONTRIBUTED = "contributed"
    ALREADY_COUNTED = "already_counted"
    OTHER_TIER = "other_tier"


class DomainError(Exception):
    """Base of all refusals; whoever catches it knows that nothing was changed."""


class NotPermitted(DomainError):
    """The policy refuses. `denial` tells the reason that may be shown to somebody who sees the object anyway."""

    def __init__(self, denial: Denial = Denial.OUT_OF_SCOPE) -> None:
        super().__init__(denial.value)
        self.denial = denial


class AccessEnded(NotPermitted):
    """What was permitted when it began is so no longer: a window, a role, a session or an account has ended since."""


class PasswordNotFresh(DomainError):
    """What was asked needs a password that was given just now; the same request is repeated after it."""


class NotFound(DomainError):
    """No such object within the actor's scope; a foreign one is answered alike."""


class InvalidTransition(DomainError):
    """The transition table has no step for this action from this state."""

    def __init__(self, action: Action, state: State) -> None:
        super().__init__(f"{action} from {state}")
        self.action = action
        self.state = state


class Stale(DomainError):
    """What the actor acted on is no longer what is stored: another revision, a decision in between, a taken slot."""


class InvalidInput(DomainError):
    """One field is wrong. `field` names it as the form does; `message` is Indonesian and says how to mend it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class IntegrityMismatch(DomainError):
    """Bytes or a hash are not what the record says."""


class ConstraintViolated(DomainError):
    """The database refused a row; `constraint` is the name of the rule, from the naming convention or a trigger."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class DatabaseUnavailable(DomainError):
    """The database cannot be reached, or was busy for longer than we wait; trying later may help.

    When it was lost during a commit nobody knows whether the change was kept: a repeated action finds out.
    """


class SignerUnavailable(DomainError):
    """The signer cannot be asked: not set up, not running, its key files unfit. The message is Indonesian and says what
    to do; trying later may help.
    """


class SignerRefused(DomainError):
    """The signer was asked and will not sign, or what it answered is not what was asked for: a sign that log, signer
    state or keys were tampered with or restored from an old copy. The message is Indonesian.
    """


class ProviderUnavailable(DomainError):
    """The office's identity provider cannot be reached, or does not answer as one; trying later may help."""


class ProviderRefused(DomainError):
    """The identity provider let nobody in, or what it sent proves nobody. The message is Indonesian."""


class Throttled(DomainError):
    """Too many tries; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
