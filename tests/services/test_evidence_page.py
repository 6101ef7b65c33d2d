"""The page of an evidence: who sees which versions, and which steps are offered to whom."""

from __future__ import annotations

import pytest

from portal.adapters.local_store import LocalStore
from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.roles import Role
from portal.domain.workflow import Action, State
from portal.services.drafts import Draft, answer_revision
from portal.services.evidence_page import EvidencePage, get_draft, get_evidence, get_start
from tests.builders.drafts import slots, start, started
from tests.builders.world import World, act, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")


def page(world: World, actor: Actor, draft: Draft) -> EvidencePage:
    return get_evidence(actor=actor, evidence_id=draft.evidence_id, now=world.tick())


def offers(shown: EvidencePage) -> set[str]:
    """The steps that the page offers."""
    return {
        name
        for name, offered in {
            "draft": shown.draft_id is not None,
            "answer": shown.may_answer,
            "withdraw": shown.may_withdraw,
            "reuse": shown.may_reuse,
            "review": shown.may_review,
        }.items()
        if offered
    }


def test_the_sender_is_offered_the_next_step_of_every_state(local_store: LocalStore) -> None:
    world = build_world()
    sender, lead = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_LEAD)
    draft = started(world, sender, local_store)
    assert offers(page(world, sender, draft)) == {"draft"}
    act(world, sender, Action.SUBMIT, draft.revision_id)
    assert offers(page(world, sender, draft)) == {"withdraw", "reuse"}
    act(world, lead, Action.RETURN, draft.revision_id)
    assert offers(page(world, sender, draft)) == {"answer", "reuse"}
    answer = answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    assert offers(page(world, sender, draft)) == {"draft"}
    act(world, sender, Action.SUBMIT, answer.revision_id)
    act(world, lead, Action.APPROVE, answer.revision_id)
    assert offers(page(world, sender, draft)) == {"reuse"}


def test_reviewers_see_what_was_handed_in_and_are_led_to_the_review(local_store: LocalStore) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, sender, local_store)
    with pytest.raises(NotFound):
        page(world, reviewer, draft)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    assert offers(page(world, reviewer, draft)) == {"review"}
    act(world, reviewer, Action.RETURN, draft.revision_id)
    answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    shown = page(world, reviewer, draft)
    assert (shown.current.number, shown.current.state) == (1, State.RETURNED)


def test_versions_that_were_dropped_are_not_shown(local_store: LocalStore) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, sender, local_store)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    act(world, reviewer, Action.RETURN, draft.revision_id)
    dropped = answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    act(world, sender, Action.DISCARD, dropped.revision_id)
    shown = page(world, sender, draft)
    assert (shown.current.number, shown.earlier) == (1, ())
    assert offers(shown) == {"answer", "reuse"}


def test_older_versions_stay_readable_newest_first(local_store: LocalStore) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, sender, local_store)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    for _ in range(2):
        act(world, reviewer, Action.RETURN, page(world, sender, draft).current.id)
        act(
            world,
            sender,
            Action.SUBMIT,
            answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick()).revision_id,
        )
    shown = page(world, sender, draft)
    assert [revision.number for revision in (shown.current, *shown.earlier)] == [3, 2, 1]
    assert shown.earlier[0].refusal is not None


def test_the_draft_page_shows_free_and_own_slots_and_what_is_answered(local_store: LocalStore) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, sender, local_store)
    start(world, sender, months=(2,))
    act(world, sender, Action.SUBMIT, draft.revision_id)
    act(world, reviewer, Action.RETURN, draft.revision_id, note="Tanda tangan belum ada.")
    answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    shown = get_draft(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    assert [slot.is_free for slot in shown.slots] == [True, False, True]
    assert shown.draft.slot_ids == frozenset(slots(world, "I.1", 1))
    assert shown.answers is not None
    assert shown.answers.refusal is not None
    assert shown.answers.refusal.note == "Tanda tangan belum ada."
    with pytest.raises(NotFound):
        get_draft(actor=reviewer, evidence_id=draft.evidence_id, now=world.tick())


def test_only_who_may_send_evidence_begins_some() -> None:
    world = build_world()
    requirement_id = world.requirements["I.1"]
    found = get_start(actor=add_person(world, Role.UPLOADER), requirement_id=requirement_id, now=world.tick())
    assert [slot.is_free for slot in found.slots] == [True, True, True]
    for role, area in ((Role.UPLOADER, "II"), (Role.TPI_LEAD, None), (Role.LEADER, None)):
        with pytest.raises(NotFound):
            get_start(actor=add_person(world, role, area=area), requirement_id=requirement_id, now=world.tick())
