"""The transition table, cell by cell against a table of its own, and the arithmetic of tiers and standing states."""

from collections.abc import Sequence
from itertools import product
from uuid import UUID, uuid4

import pytest

from portal.domain.errors import InvalidTransition
from portal.domain.permissions import Permission
from portal.domain.review import Verdict
from portal.domain.roles import Role
from portal.domain.workflow import (
    ANSWERABLE_STATES,
    CONTENT_STATES,
    OPEN_STATES,
    TRANSITIONS,
    UNSETTLED_STATES,
    Action,
    Position,
    State,
    Tier,
    actions_from,
    after_approval,
    find_transition,
    get_transition,
    seats_of,
    standing_state,
)

TARGETS: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Action.DISCARD): State.DISCARDED,
    (State.SUBMITTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Action.APPROVE): State.APPROVED,
    (State.SUBMITTED, Action.RETURN): State.RETURNED,
    (State.SUBMITTED, Action.REJECT): State.REJECTED,
    (State.APPROVED, Action.REOPEN): State.REOPENED,
}
"""Every step there is; all other pairs of state and action have none."""

PERMISSIONS = {
    Action.SUBMIT: Permission.EDIT_DRAFT,
    Action.DISCARD: Permission.EDIT_DRAFT,
    Action.WITHDRAW: Permission.EDIT_DRAFT,
    Action.APPROVE: Permission.DECIDE,
    Action.RETURN: Permission.DECIDE,
    Action.REJECT: Permission.DECIDE,
    Action.REOPEN: Permission.REOPEN,
}
NOTE_REQUIRED = {Action.RETURN, Action.REJECT, Action.REOPEN}
ONE, TWO, THREE = (uuid4() for _ in range(3))


@pytest.mark.parametrize("decided", [False, True])
@pytest.mark.parametrize(("state", "action"), list(product(State, Action)), ids=str)
def test_req_14_every_pair_of_state_and_action(state: State, action: Action, decided: bool) -> None:
    target = None if decided and action is Action.WITHDRAW else TARGETS.get((state, action))
    found = find_transition(action, state, decided=decided)
    assert (found.target if found else None) is target
    assert (action in actions_from(state, decided=decided)) is (target is not None)
    if target is None:
        with pytest.raises(InvalidTransition) as refusal:
            get_transition(action, state, decided=decided)
        assert (refusal.value.action, refusal.value.state) == (action, state)
    else:
        assert get_transition(action, state, decided=decided) is found


@pytest.mark.parametrize("action", Action)
def test_every_action_has_one_row_with_its_permission_and_its_note(action: Action) -> None:
    (row,) = (transition for transition in TRANSITIONS if transition.action is action)
    assert row.permission is PERMISSIONS[action]
    assert row.note_required is (action in NOTE_REQUIRED)


def test_every_state_but_the_first_is_reached_and_every_verdict_is_an_action() -> None:
    assert {transition.target for transition in TRANSITIONS} == set(State) - {State.DRAFT}
    assert {verdict.action for verdict in Verdict} == {Action.APPROVE, Action.RETURN, Action.REJECT}


def test_the_groups_of_states() -> None:
    handed_in = {State.SUBMITTED, State.APPROVED, State.RETURNED, State.REJECTED, State.REOPENED}
    assert handed_in == CONTENT_STATES
    assert {State.DRAFT, State.SUBMITTED} == OPEN_STATES
    assert {State.DRAFT, State.WITHDRAWN, State.DISCARDED} == UNSETTLED_STATES
    assert {State.RETURNED, State.WITHDRAWN, State.REOPENED} == ANSWERABLE_STATES


MEMBER, PAIR, LEAD = Tier(Role.TPI_MEMBER), Tier(Role.TPI_MEMBER, 2), Tier(Role.TPI_LEAD)
COORDINATOR = Tier(Role.AREA_COORDINATOR)


@pytest.mark.parametrize(
    ("tiers", "tier", "approvers", "expected"),
    [
        ((MEMBER,), 0, {ONE}, Position(State.APPROVED, 0)),
        ((PAIR,), 0, {ONE}, Position(State.SUBMITTED, 0)),
        ((PAIR,), 0, {ONE, TWO}, Position(State.APPROVED, 0)),
        ((PAIR,), 0, {ONE, TWO, THREE}, Position(State.APPROVED, 0)),
        ((MEMBER, LEAD), 0, {ONE}, Position(State.SUBMITTED, 1)),
        ((MEMBER, LEAD), 1, {TWO}, Position(State.APPROVED, 1)),
        ((COORDINATOR, PAIR, LEAD), 0, {ONE}, Position(State.SUBMITTED, 1)),
        ((COORDINATOR, PAIR, LEAD), 1, {TWO}, Position(State.SUBMITTED, 1)),
        ((COORDINATOR, PAIR, LEAD), 1, {TWO, THREE}, Position(State.SUBMITTED, 2)),
        ((COORDINATOR, PAIR, LEAD), 2, {ONE}, Position(State.APPROVED, 2)),
    ],
)
def test_an_approval_counts_people_and_passes_one_tier_at_a_time(
    tiers: Sequence[Tier], tier: int, approvers: set[UUID], expected: Position
) -> None:
    assert after_approval(tiers, tier, frozenset(approvers)) == expected


@pytest.mark.parametrize(
    ("role", "seats"),
    [
        (Role.AREA_COORDINATOR, {Role.AREA_COORDINATOR}),
        (Role.TPI_MEMBER, {Role.TPI_MEMBER, Role.TPI_LEAD}),
        (Role.TPI_LEAD, {Role.TPI_LEAD}),
    ],
)
def test_the_lead_may_take_a_members_seat_and_nobody_the_leads(role: Role, seats: set[Role]) -> None:
    assert Tier(role).roles == seats


def test_the_seats_of_a_role_are_the_reverse_of_the_roles_of_a_tier() -> None:
    for role in Role:
        assert seats_of(role) == {tier for tier in Role if role in Tier(tier).roles}, role


D, S, A, RET, REJ, W, REO, X = (
    State.DRAFT,
    State.SUBMITTED,
    State.APPROVED,
    State.RETURNED,
    State.REJECTED,
    State.WITHDRAWN,
    State.REOPENED,
    State.DISCARDED,
)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], D),
        ([D], D),
        ([X], D),
        ([W], D),
        ([W, D], D),
        ([S], S),
        ([RET], RET),
        ([RET, D], RET),
        ([RET, X], RET),
        ([RET, W], RET),
        ([RET, S], S),
        ([RET, A], A),
        ([A], A),
        ([REO, D], REO),
        ([REO, A], A),
        ([REJ], REJ),
        ([W, X, S], S),
    ],
)
def test_an_evidence_stands_where_its_last_settled_revision_does(states: list[State], expected: State) -> None:
    assert standing_state(states) is expected
