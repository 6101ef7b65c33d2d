"""Performing actions on a database: what is written, what is refused, who wins a race."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain.actor import Actor
from portal.domain.errors import Denial, InvalidInput, InvalidTransition, NotFound, NotPermitted, Stale
from portal.domain.events import EventName
from portal.domain.review import ReturnReason, Verdict
from portal.domain.roles import Role
from portal.domain.workflow import Action, State, Tier
from portal.models import Decision, Evidence, LogLeaf, Revision, SlotClaim
from portal.services.action import Command
from portal.services.log_reader import list_entries
from portal.services.unit_of_work import transaction
from portal.services.workflow import perform
from tests.builders.world import act, add_draft, add_person, build_world, stored_file, submitted

pytestmark = pytest.mark.usefixtures("app_context")


def _state(revision_id: object) -> State:
    with transaction(write=False) as session:
        return session.execute(select(Revision.state).where(Revision.id == revision_id)).scalar_one()


def _leaves() -> int:
    with transaction(write=False) as session:
        return session.execute(select(func.count()).select_from(LogLeaf)).scalar_one()


def _claims() -> int:
    with transaction(write=False) as session:
        return session.execute(select(func.count()).select_from(SlotClaim)).scalar_one()


def _names() -> list[EventName]:
    with transaction(write=False) as session:
        return [entry.name for entry in list_entries(session, "KPU-1502/2026/I.1.1")]


def test_submission_fixes_the_content_under_its_digest() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    revision_id = submitted(world, sender)
    with transaction(write=False) as session:
        revision = session.get_one(Revision, revision_id)
        assert revision.state is State.SUBMITTED
        assert revision.digest is not None
        assert revision.submitted_by == sender.person
    assert _names() == [EventName.EVIDENCE_SUBMITTED]


def test_a_draft_without_content_or_slot_is_not_submitted() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    no_slot = add_draft(world, sender, months=())
    with pytest.raises(InvalidInput) as refusal:
        act(world, sender, Action.SUBMIT, no_slot)
    assert refusal.value.field == "slots"
    assert _state(no_slot) is State.DRAFT
    assert _leaves() == 0


def test_req_13_an_approval_is_a_decision_with_the_digest_that_was_shown() -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    revision_id = submitted(world, sender)
    outcome = act(world, reviewer, Action.APPROVE, revision_id)
    assert outcome.state is State.APPROVED
    with transaction(write=False) as session:
        decision = session.execute(select(Decision)).scalar_one()
        revision = session.get_one(Revision, revision_id)
        assert (decision.verdict, decision.revision_digest) == (Verdict.APPROVE, revision.digest)
        assert decision.membership_id == reviewer.grants[0].membership_id
        assert session.get_one(Evidence, revision.evidence_id).state is State.APPROVED


@pytest.mark.parametrize("action", [Action.APPROVE, Action.RETURN, Action.REJECT])
def test_req_07_nobody_decides_on_what_he_had_a_hand_in(action: Action) -> None:
    world = build_world()
    both = add_person(world, Role.UPLOADER, further=(Role.TPI_LEAD,))
    revision_id = submitted(world, both)
    with pytest.raises(NotPermitted) as refusal:
        act(world, both, action, revision_id)
    assert refusal.value.denial is Denial.CONTRIBUTED
    assert _state(revision_id) is State.SUBMITTED


def test_the_uploader_of_a_reused_file_does_not_decide_either() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    first_uploader = add_person(world, Role.UPLOADER, further=(Role.TPI_MEMBER,))
    revision_id = add_draft(world, sender, files=(stored_file(first_uploader.person),))
    act(world, sender, Action.SUBMIT, revision_id)
    with pytest.raises(NotPermitted):
        act(world, first_uploader, Action.APPROVE, revision_id)


def test_req_14_tiers_are_passed_in_order_by_different_people() -> None:
    world = build_world(tiers=(Tier(Role.TPI_MEMBER, 2), Tier(Role.TPI_LEAD)))
    sender = add_person(world, Role.UPLOADER)
    first, second, lead = (add_person(world, role) for role in (Role.TPI_MEMBER, Role.TPI_MEMBER, Role.TPI_LEAD))
    revision_id = submitted(world, sender)
    assert act(world, first, Action.APPROVE, revision_id).state is State.SUBMITTED
    with pytest.raises(NotPermitted) as again:
        act(world, first, Action.APPROVE, revision_id)
    assert again.value.denial is Denial.ALREADY_COUNTED
    assert act(world, second, Action.APPROVE, revision_id).state is State.SUBMITTED
    third = add_person(world, Role.TPI_MEMBER)
    with pytest.raises(NotPermitted) as other_tier:
        act(world, third, Action.APPROVE, revision_id)
    assert other_tier.value.denial is Denial.OTHER_TIER
    assert act(world, lead, Action.APPROVE, revision_id).state is State.APPROVED


@pytest.mark.parametrize("action", [Action.RETURN, Action.REJECT])
def test_a_refusal_needs_a_note_and_a_reason(action: Action) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    revision_id = submitted(world, sender)
    with transaction(write=False) as session:
        digest = session.get_one(Revision, revision_id).digest
    for note, reason, field in (("  ", ReturnReason.OTHER, "note"), ("Kurang.", None, "reason")):
        command = Command(
            action=action,
            revision_id=revision_id,
            seen_state=State.SUBMITTED,
            seen_digest=digest,
            note=note,
            reason=reason,
        )
        with pytest.raises(InvalidInput) as refusal:
            perform(actor=reviewer, command=command, now=world.tick())
        assert refusal.value.field == field
    assert _state(revision_id) is State.SUBMITTED


def test_a_return_keeps_the_slots_and_a_rejection_gives_them_free() -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    returned, rejected = submitted(world, sender, months=(1,)), submitted(world, sender, months=(2,))
    act(world, reviewer, Action.RETURN, returned)
    assert _claims() == 2
    act(world, reviewer, Action.REJECT, rejected)
    assert _claims() == 1


def test_a_withdrawal_is_possible_only_before_the_first_decision() -> None:
    world = build_world(tiers=(Tier(Role.TPI_MEMBER, 2),))
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    early, late = submitted(world, sender, months=(1,)), submitted(world, sender, months=(2,))
    assert act(world, sender, Action.WITHDRAW, early).state is State.WITHDRAWN
    act(world, reviewer, Action.APPROVE, late)
    with pytest.raises(InvalidTransition):
        act(world, sender, Action.WITHDRAW, late)


def test_only_the_lead_reopens_an_approval() -> None:
    world = build_world()
    sender, reviewer, lead = (add_person(world, r) for r in (Role.UPLOADER, Role.TPI_MEMBER, Role.TPI_LEAD))
    revision_id = submitted(world, sender)
    act(world, reviewer, Action.APPROVE, revision_id)
    with pytest.raises(NotPermitted):
        act(world, reviewer, Action.REOPEN, revision_id)
    assert act(world, lead, Action.REOPEN, revision_id).state is State.REOPENED


def test_a_discarded_first_draft_gives_its_slots_free() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    revision_id = add_draft(world, sender)
    assert act(world, sender, Action.DISCARD, revision_id).state is State.DISCARDED
    assert _claims() == 0


def test_req_13_who_saw_something_else_is_told_so() -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    revision_id = submitted(world, sender)
    with transaction(write=False) as session:
        right = session.get_one(Revision, revision_id).digest
    others = ((State.DRAFT, None), (State.RETURNED, right), (State.SUBMITTED, "0" * 64), (State.SUBMITTED, None))
    for state, digest in others:
        command = Command(action=Action.APPROVE, revision_id=revision_id, seen_state=state, seen_digest=digest)
        with pytest.raises(Stale):
            perform(actor=reviewer, command=command, now=world.tick())
    assert _state(revision_id) is State.SUBMITTED


def test_req_02_a_foreign_or_missing_revision_does_not_exist() -> None:
    world = build_world()
    elsewhere = build_world(code="KPU-1503")
    sender, stranger = add_person(world, Role.UPLOADER), add_person(elsewhere, Role.TPI_LEAD)
    revision_id = submitted(world, sender)
    for wanted in (revision_id, uuid4()):
        command = Command(action=Action.APPROVE, revision_id=wanted, seen_state=State.SUBMITTED)
        with pytest.raises(NotFound):
            perform(actor=stranger, command=command, now=world.tick())


def test_a_draft_of_another_area_is_not_submitted_by_its_neighbour() -> None:
    world = build_world()
    sender, neighbour = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.UPLOADER, area="II")
    revision_id = add_draft(world, sender)
    with pytest.raises(NotFound):
        act(world, neighbour, Action.SUBMIT, revision_id)


def test_req_12_of_decisions_made_at_once_one_counts(app_context: Flask) -> None:
    """Eight reviewers, each at his own connection, let go at the same moment."""
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    reviewers = [add_person(world, Role.TPI_MEMBER) for _ in range(8)]
    revision_id = submitted(world, sender)
    with transaction(write=False) as session:
        digest = session.get_one(Revision, revision_id).digest
    command = Command(action=Action.APPROVE, revision_id=revision_id, seen_state=State.SUBMITTED, seen_digest=digest)
    together = Barrier(len(reviewers))

    def decide(reviewer: Actor) -> bool:
        with app_context.app_context():
            together.wait(30)
            try:
                perform(actor=reviewer, command=command, now=world.clock)
            except Stale:
                return False
            return True

    with ThreadPoolExecutor(len(reviewers)) as pool:
        won = list(pool.map(decide, reviewers))
    assert won.count(True) == 1
    with transaction(write=False) as session:
        assert session.execute(select(func.count()).select_from(Decision)).scalar_one() == 1
    assert _names().count(EventName.EVIDENCE_APPROVED) == 1
