"""The life of one evidence as a state machine: whatever people try, in whatever order, no reachable state breaks four
eyes, skips a tier or loses a version.

The machine holds evidence in memory and moves it by the portal's own table, policy and tier arithmetic; what must
always hold is then counted from the history alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from portal.domain.actor import Actor, Grant
from portal.domain.errors import DomainError, InvalidTransition
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, is_permitted, require
from portal.domain.roles import Role
from portal.domain.workflow import (
    ANSWERABLE_STATES,
    OPEN_STATES,
    UNSETTLED_STATES,
    Action,
    Position,
    State,
    Tier,
    actions_from,
    after_approval,
    get_transition,
    standing_state,
)

UNIT, AREA = "/KPU/KPU-1502/", "II"
VERDICTS = {Action.APPROVE, Action.RETURN, Action.REJECT}
SUCCESSORS = {
    State.DRAFT: {State.SUBMITTED, State.DISCARDED},
    State.SUBMITTED: {State.SUBMITTED, State.APPROVED, State.RETURNED, State.REJECTED, State.WITHDRAWN},
    State.APPROVED: {State.REOPENED},
}


@dataclass(frozen=True)
class Verdict:
    tier: int
    person: UUID
    roles: frozenset[Role]
    action: Action


@dataclass
class Revision:
    """One version; `files` are the uploaders of its files, `handed_in` what was fixed at the submission."""

    state: State = State.DRAFT
    tier: int = 0
    files: tuple[UUID, ...] = ()
    contributors: frozenset[UUID] = frozenset()
    handed_in: tuple[UUID, ...] | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    path: list[State] = field(default_factory=lambda: [State.DRAFT])
    reopened_by: UUID | None = None

    def move(self, position: Position) -> None:
        self.state, self.tier = position.state, position.tier
        self.path.append(position.state)


STAFF = (
    {Role.UPLOADER, Role.TPI_LEAD},
    {Role.UPLOADER, Role.AREA_COORDINATOR},
    *({Role.AREA_COORDINATOR} for _ in range(2)),
    *({Role.TPI_MEMBER} for _ in range(3)),
    *({Role.TPI_LEAD} for _ in range(4)),
)
"""Enough people for three tiers of two; the first two can send as well as judge."""
people_with_roles = st.lists(st.sets(st.sampled_from(Role), min_size=1, max_size=3), max_size=4)
tiers = st.builds(Tier, st.sampled_from([Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD]), st.integers(1, 2))
reviews = st.integers(1, 3).flatmap(lambda count: st.lists(tiers, min_size=count, max_size=count))
anybody = st.integers(0, 14)
SENDER = 0
"""A person who may always draft."""


class EvidenceMachine(RuleBasedStateMachine):
    """People of a small office act on one evidence; most tries are refused, and a refusal changes nothing."""

    @initialize(roles=people_with_roles, tiers=reviews)
    def open_office(self, roles: list[set[Role]], tiers: list[Tier]) -> None:
        self.people = [_person(held) for held in (*STAFF, *roles)]
        self.tiers = tiers
        self.revisions: list[Revision] = []
        self.versions_ever = 0

    @rule(number=anybody)
    def draft(self, number: int) -> None:
        """Begin, or answer with the content and the contributors of the version that is answered."""
        actor, last = self._actor(number), self._last_kept()
        may_begin = last is None or last.state in ANSWERABLE_STATES
        if may_begin and self._may(actor, Permission.EDIT_DRAFT, Revision()):
            answered = last or Revision()
            self.revisions.append(Revision(files=answered.files, contributors=answered.contributors | {actor.person}))
            self.versions_ever += 1

    @rule(number=anybody, reused_from=st.none() | anybody)
    def add_file(self, number: int, reused_from: int | None) -> None:
        """Upload a file, or attach one that somebody else uploaded for another evidence."""
        actor = self._actor(number)
        revision = self._newest()
        if revision and revision.state is State.DRAFT and self._may(actor, Permission.EDIT_DRAFT, revision):
            uploader = actor if reused_from is None else self._actor(reused_from)
            revision.files += (uploader.person,)
            revision.contributors |= {actor.person, uploader.person}

    @rule(number=anybody, action=st.sampled_from(Action))
    def act(self, number: int, action: Action) -> None:
        """Try any action as anybody; always possible, so no state is an end of the machine."""
        actor, revision = self._actor(number), self._newest()
        if revision is None:
            return
        before = (revision.state, revision.tier, tuple(revision.verdicts))
        offered = action in actions_from(revision.state, decided=bool(revision.verdicts))
        try:
            self._perform(actor, action, revision)
        except InvalidTransition:
            assert not offered, f"the table offers {action} from {before[0]} and refuses it"
        except DomainError:
            assert offered
            assert before == (revision.state, revision.tier, tuple(revision.verdicts))

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """Do something that table and policy let somebody do: blind tries alone hardly ever come far."""
        revision = self._newest()
        if revision is None or revision.state in ANSWERABLE_STATES | {State.DISCARDED}:
            self.draft(SENDER)
        elif steps := list(self._open_steps(revision)):
            actor, action = data.draw(st.sampled_from(steps))
            self._perform(actor, action, revision)

    @rule()
    def everybody_approves_who_may(self) -> None:
        for number in range(len(self.people)):
            self.act(number, Action.APPROVE)

    @invariant()
    def four_eyes(self) -> None:
        for revision in self.revisions:
            judges = [verdict.person for verdict in revision.verdicts]
            judges += [revision.reopened_by] if revision.reopened_by else []
            hands = revision.contributors | set(revision.files)
            assert not hands & set(judges), "somebody decided on what he had a hand in"

    @invariant()
    def nobody_counts_twice(self) -> None:
        for revision in self.revisions:
            counted = Counter(verdict.person for verdict in revision.verdicts)
            assert not counted or max(counted.values()) == 1, "one person decided twice on one revision"

    @invariant()
    def no_tier_is_skipped(self) -> None:
        for revision in self.revisions:
            tiers = [verdict.tier for verdict in revision.verdicts]
            assert tiers == sorted(tiers), "a lower tier decided after a higher one"
            passed = len(self.tiers) if State.APPROVED in revision.path else revision.tier
            for position in range(passed):
                assert self._approvals(revision, position) == self.tiers[position].quorum

    @invariant()
    def only_the_roles_of_a_tier_sit_in_it(self) -> None:
        for revision in self.revisions:
            for verdict in revision.verdicts:
                assert verdict.roles & self.tiers[verdict.tier].roles

    @invariant()
    def a_refusal_ends_the_round(self) -> None:
        for revision in self.revisions:
            refused = [verdict for verdict in revision.verdicts if verdict.action is not Action.APPROVE]
            assert (revision.state in {State.RETURNED, State.REJECTED}) is bool(refused)
            assert refused == revision.verdicts[-1:] or not refused

    @invariant()
    def nothing_is_withdrawn_that_somebody_decided_on(self) -> None:
        assert not any(revision.verdicts for revision in self.revisions if revision.state is State.WITHDRAWN)

    @invariant()
    def no_version_is_lost_or_rewritten(self) -> None:
        revisions = getattr(self, "revisions", [])
        assert len(revisions) == getattr(self, "versions_ever", 0)
        for revision in revisions:
            assert revision.handed_in in {None, revision.files}, "content changed after its submission"
            assert (revision.handed_in is None) is (State.SUBMITTED not in revision.path)
            for earlier, later in zip(revision.path, revision.path[1:], strict=False):
                assert later in SUCCESSORS[earlier]

    @invariant()
    def one_version_is_open_and_it_is_the_newest(self) -> None:
        assert all(revision.state not in OPEN_STATES for revision in self.revisions[:-1])
        assert all(revision.state is not State.REJECTED for revision in self.revisions[:-1]), "a rejection is final"
        assert all(revision.state is not State.APPROVED for revision in self.revisions[:-1])

    @invariant()
    def the_evidence_stands_where_its_last_settled_version_does(self) -> None:
        settled = [r.state for r in self.revisions if r.state not in UNSETTLED_STATES]
        assert standing_state([r.state for r in self.revisions]) is (settled[-1] if settled else State.DRAFT)

    def _open_steps(self, revision: Revision) -> Iterator[tuple[Actor, Action]]:
        """Who may do what, an action that few may do as often as one that many may."""
        for action in actions_from(revision.state, decided=bool(revision.verdicts)):
            permission = get_transition(action, revision.state, decided=bool(revision.verdicts)).permission
            able = [actor for actor in self.people if self._may(actor, permission, revision)]
            yield from ((actor, action) for actor in able[:2])

    def _perform(self, actor: Actor, action: Action, revision: Revision) -> None:
        transition = get_transition(action, revision.state, decided=bool(revision.verdicts))
        require(actor, transition.permission, self._subject(revision))
        if action in VERDICTS:
            roles = frozenset(grant.role for grant in actor.grants)
            revision.verdicts.append(Verdict(revision.tier, actor.person, roles, action))
        if action is Action.SUBMIT:
            revision.contributors |= {actor.person}
            revision.handed_in = revision.files
        if action is Action.REOPEN:
            revision.reopened_by = actor.person
        revision.move(self._position_after(action, transition.target, revision))

    def _position_after(self, action: Action, target: State, revision: Revision) -> Position:
        if action is not Action.APPROVE:
            return Position(target, revision.tier)
        return after_approval(self.tiers, revision.tier, frozenset(self._approvers(revision, revision.tier)))

    def _approvers(self, revision: Revision, tier: int) -> Iterator[UUID]:
        return (v.person for v in revision.verdicts if v.tier == tier and v.action is Action.APPROVE)

    def _approvals(self, revision: Revision, tier: int) -> int:
        return len(set(self._approvers(revision, tier)))

    def _actor(self, number: int) -> Actor:
        return self.people[number % len(self.people)]

    def _newest(self) -> Revision | None:
        return self.revisions[-1] if self.revisions else None

    def _last_kept(self) -> Revision | None:
        return next((r for r in reversed(self.revisions) if r.state is not State.DISCARDED), None)

    def _may(self, actor: Actor, permission: Permission, revision: Revision) -> bool:
        return is_permitted(actor, permission, self._subject(revision))

    def _subject(self, revision: Revision) -> Subject:
        submitted = revision.state is State.SUBMITTED
        return Subject(
            unit_path=UNIT,
            area=AREA,
            state=revision.state,
            contributors=revision.contributors,
            tier_roles=self.tiers[revision.tier].roles if submitted else frozenset(),
            decided_by=frozenset(verdict.person for verdict in revision.verdicts),
        )


def _person(roles: set[Role]) -> Actor:
    grants = (Grant(membership_id=uuid4(), role=role, unit_path=UNIT) for role in sorted(roles))
    return Actor(user_id=uuid4(), grants=tuple(grants))


EvidenceMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestEvidence = EvidenceMachine.TestCase


def test_the_machine_comes_to_every_state_and_through_three_tiers() -> None:
    """What the machine never reaches it says nothing about. The same examples each time, so this cannot flicker."""
    reached: set[State] = set()
    approved_in: set[int] = set()

    class Observed(EvidenceMachine):
        def teardown(self) -> None:
            for revision in self.revisions:
                reached.update(revision.path)
                approved_in.update({len(self.tiers)} if State.APPROVED in revision.path else ())

    same_each_time = settings(max_examples=300, stateful_step_count=40, derandomize=True, database=None)
    run_state_machine_as_test(Observed, settings=same_each_time)
    assert reached == set(State)
    assert approved_in == {1, 2, 3}
