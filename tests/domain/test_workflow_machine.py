"""The workflow under everything that people could try.

No reachable state breaks four eyes, skips a tier or loses a version.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.domain.actor import Actor, Grant
from portal.domain.errors import InvalidTransition, NotPermitted
from portal.domain.policy import Subject, require
from portal.domain.roles import Role
from portal.domain.workflow import (
    ANSWERABLE_STATES,
    OPEN_STATES,
    Action,
    State,
    Tier,
    after_approval,
    get_transition,
    standing_state,
)

UNIT = "/KPU/KPU-1502/"
CAST = (
    (Role.UPLOADER,),
    (Role.UPLOADER, Role.TPI_MEMBER),
    (Role.UPLOADER, Role.TPI_LEAD),
    (Role.TPI_MEMBER,),
    (Role.TPI_MEMBER,),
    (Role.TPI_LEAD,),
    (Role.AREA_COORDINATOR, Role.TPI_LEAD),
)


def person(number: int) -> Actor:
    """Somebody of the cast, with a membership for each of his roles."""
    grants = (Grant(membership_id=UUID(int=number), role=role, unit_path=UNIT) for role in CAST[number])
    return Actor(user_id=UUID(int=number + 1), grants=tuple(grants))


DECIDERS = (Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD)
PEOPLE = tuple(person(number) for number in range(len(CAST)))
people = st.sampled_from(PEOPLE)


@dataclass
class Version:
    """One revision as the rules see it; `approvals` holds who approved in which tier."""

    state: State = State.DRAFT
    tier: int = 0
    contributors: set[UUID] = field(default_factory=set)
    decided_by: set[UUID] = field(default_factory=set)
    approvals: list[tuple[int, UUID]] = field(default_factory=list)


class EvidenceMachine(RuleBasedStateMachine):
    """One evidence, its versions, and people who try whatever comes to mind."""

    @initialize(
        tiers=st.lists(
            st.builds(
                Tier, st.sampled_from((Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD)), st.integers(1, 2)
            ),
            min_size=1,
            max_size=3,
        ),
        drafter=people,
    )
    def begin(self, tiers: list[Tier], drafter: Actor) -> None:
        self.tiers = tuple(tiers)
        self.versions = [Version(contributors={drafter.person})]
        self.seen = 1

    @property
    def last(self) -> Version:
        return self.versions[-1]

    def subject(self, version: Version) -> Subject:
        seats = self.tiers[version.tier].roles if version.state is State.SUBMITTED else frozenset()
        return replace(
            Subject(unit_path=UNIT),
            state=version.state,
            contributors=frozenset(version.contributors),
            tier_roles=seats,
            decided_by=frozenset(version.decided_by),
        )

    @rule(actor=people, action=st.sampled_from(Action))
    def try_action(self, actor: Actor, action: Action) -> None:
        """What `services/workflow.perform` does, without a database."""
        version = self.last
        try:
            transition = get_transition(action, version.state, decided=bool(version.decided_by))
            require(actor, transition.permission, self.subject(version))
        except (InvalidTransition, NotPermitted):
            return
        self.carry_out(version, action, actor, transition.target)

    def carry_out(self, version: Version, action: Action, actor: Actor, target: State) -> None:
        if action is Action.SUBMIT:
            version.contributors.add(actor.person)
        if action in {Action.APPROVE, Action.RETURN, Action.REJECT}:
            assert actor.person not in version.contributors, "four eyes"
            assert actor.person not in version.decided_by, "one person, one seat"
            version.decided_by.add(actor.person)
        if action is Action.APPROVE:
            version.approvals.append((version.tier, actor.person))
            approvers = frozenset(who for tier, who in version.approvals if tier == version.tier)
            position = after_approval(self.tiers, version.tier, approvers)
            version.state, version.tier = position.state, position.tier
        else:
            version.state = target

    @rule(uploader=people)
    @precondition(lambda self: self.last.state is State.DRAFT)
    def add_file(self, uploader: Actor) -> None:
        """A file of somebody, reused or new: its uploader has had a hand in the version."""
        self.last.contributors.add(uploader.person)

    @rule(drafter=people, carry=st.booleans())
    @precondition(lambda self: self.last.state in ANSWERABLE_STATES)
    def answer(self, drafter: Actor, carry: bool) -> None:
        """The next version; the uploaders of what it carries over come along."""
        carried = set(self.last.contributors) if carry else set()
        self.versions.append(Version(contributors={drafter.person} | carried))
        self.seen += 1

    @invariant()
    def no_version_is_lost(self) -> None:
        assert len(self.versions) == self.seen
        assert all(version.state not in OPEN_STATES for version in self.versions[:-1])

    @invariant()
    def an_approval_has_passed_every_tier(self) -> None:
        for version in self.versions:
            if version.state in {State.APPROVED, State.REOPENED}:
                for number, tier in enumerate(self.tiers):
                    assert len({who for at, who in version.approvals if at == number}) >= tier.quorum

    @invariant()
    def nobody_decided_on_his_own(self) -> None:
        assert all(not version.decided_by & version.contributors for version in self.versions)

    @invariant()
    def the_evidence_stands_where_its_last_settled_version_does(self) -> None:
        standing = standing_state([version.state for version in self.versions])
        assert standing is State.DRAFT or standing in {version.state for version in self.versions}


TestEvidenceMachine = pytest.mark.filterwarnings("default")(EvidenceMachine.TestCase)


@pytest.mark.parametrize("state", State)
def test_only_the_listed_steps_lead_out_of_a_state(state: State) -> None:
    steps = {
        State.DRAFT: {Action.SUBMIT, Action.DISCARD},
        State.SUBMITTED: {Action.WITHDRAW, Action.APPROVE, Action.RETURN, Action.REJECT},
        State.APPROVED: {Action.REOPEN},
    }
    for action in Action:
        if action in steps.get(state, set()):
            assert get_transition(action, state, decided=False).action is action
        else:
            with pytest.raises(InvalidTransition):
                get_transition(action, state, decided=False)


def test_a_withdrawal_is_over_with_the_first_decision() -> None:
    with pytest.raises(InvalidTransition):
        get_transition(Action.WITHDRAW, State.SUBMITTED, decided=True)
