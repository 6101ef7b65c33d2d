"""The life of an evidence revision: one table of transitions, and nothing else decides what may follow what.

Buttons and execution read the same table, so a button that fails cannot exist. Who may act is `policy.py`'s question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from portal.domain.errors import InvalidTransition
from portal.domain.permissions import Permission
from portal.domain.roles import Role


class State(StrEnum):
    """State of one revision."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    DISCARDED = "discarded"


class Action(StrEnum):
    """What a person can do to a revision."""

    SUBMIT = "submit"
    DISCARD = "discard"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Transition:
    """`action` leads from any of `sources` to `target`, for whoever holds `permission`."""

    action: Action
    sources: frozenset[State]
    target: State
    permission: Permission
    note_required: bool = False
    only_undecided: bool = False


def _step(action: Action, source: State, target: State, permission: Permission, **rule: bool) -> Transition:
    return Transition(action, frozenset({source}), target, permission, **rule)


TRANSITIONS: tuple[Transition, ...] = (
    _step(Action.SUBMIT, State.DRAFT, State.SUBMITTED, Permission.EDIT_DRAFT),
    _step(Action.DISCARD, State.DRAFT, State.DISCARDED, Permission.EDIT_DRAFT),
    _step(
        Action.WITHDRAW,
        State.SUBMITTED,
        State.WITHDRAWN,
        Permission.EDIT_DRAFT,
        only_undecided=True,
    ),
    _step(Action.APPROVE, State.SUBMITTED, State.APPROVED, Permission.DECIDE),
    _step(
        Action.RETURN,
        State.SUBMITTED,
        State.RETURNED,
        Permission.DECIDE,
        note_required=True,
    ),
    _step(
        Action.REJECT,
        State.SUBMITTED,
        State.REJECTED,
        Permission.DECIDE,
        note_required=True,
    ),
    _step(
        Action.REOPEN,
        State.APPROVED,
        State.REOPENED,
        Permission.REOPEN,
        note_required=True,
    ),
)

OPEN_STATES = frozenset({State.DRAFT, State.SUBMITTED})
"""At most one revision of an evidence is in one of these."""

CONTENT_STATES = frozenset({State.SUBMITTED, State.APPROVED, State.RETURNED, State.REJECTED, State.REOPENED})
"""A revision in one of these has been handed in, and people beyond the uploader's area may read it."""

UNSETTLED_STATES = frozenset({State.DRAFT, State.WITHDRAWN, State.DISCARDED})
"""These say nothing about where the evidence stands: its last other revision does."""

ANSWERABLE_STATES = frozenset({State.RETURNED, State.WITHDRAWN, State.REOPENED})
"""After one of these the next draft begins, with the content of the revision it answers."""


def find_transition(action: Action, state: State, *, decided: bool) -> Transition | None:
    """The step of `action` from `state`, or None; `decided` tells whether anybody has decided on the revision."""
    for transition in TRANSITIONS:
        if transition.action is action and state in transition.sources:
            return None if decided and transition.only_undecided else transition
    return None


def get_transition(action: Action, state: State, *, decided: bool) -> Transition:
    """The step of `action` from `state`; raises InvalidTransition."""
    transition = find_transition(action, state, decided=decided)
    if transition is None:
        raise InvalidTransition(action, state)
    return transition


def actions_from(state: State, *, decided: bool) -> tuple[Action, ...]:
    """All actions that the table has from `state`, in the table's order."""
    return tuple(action for action in Action if find_transition(action, state, decided=decided))


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of the review: people of `role` decide, `quorum` different ones must approve."""

    role: Role
    quorum: int = 1

    @property
    def roles(self) -> frozenset[Role]:
        """Who may decide here. The TPI lead may take any seat of the TPI."""
        return frozenset({self.role, Role.TPI_LEAD}) if self.role is Role.TPI_MEMBER else frozenset({self.role})


DEFAULT_TIERS: tuple[Tier, ...] = (Tier(Role.TPI_MEMBER),)


def seats_of(role: Role) -> frozenset[Role]:
    """The tier roles in which somebody of `role` may decide: the reverse of `Tier.roles`."""
    return frozenset({role, Role.TPI_MEMBER}) if role is Role.TPI_LEAD else frozenset({role})


@dataclass(frozen=True, slots=True)
class Position:
    """Where a revision stands after an approval: its state and the tier (0-based) that decides next."""

    state: State
    tier: int


def after_approval(tiers: Sequence[Tier], tier: int, approvers: frozenset[UUID]) -> Position:
    """Position once `approvers` (distinct people, the new one included) have approved in `tier`.

    A tier is passed when its quorum is reached, and the last tier approves the revision.
    """
    if len(approvers) < tiers[tier].quorum:
        return Position(State.SUBMITTED, tier)
    if tier + 1 < len(tiers):
        return Position(State.SUBMITTED, tier + 1)
    return Position(State.APPROVED, tier)


def standing_state(states: Sequence[State]) -> State:
    """Where an evidence stands, by its revisions in order: the last one that is settled, else a draft."""
    settled = [state for state in states if state not in UNSETTLED_STATES]
    return settled[-1] if settled else State.DRAFT
