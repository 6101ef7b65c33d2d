"""What the pages read: queue, review, work list, indicator list and page, timeline, persons in charge."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import current_app

from portal.domain.actor import Actor
from portal.domain.errors import Denial, InvalidInput, NotFound, NotPermitted
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.slot_state import SlotState, Timing
from portal.domain.workflow import Action, State
from portal.services.drafts import answer_revision, start_evidence
from portal.services.indicator_list import IndicatorFilter, list_indicators
from portal.services.indicator_page import get_indicator
from portal.services.pics import assign_pic, get_pic_choice
from portal.services.review import find_next_review, get_review
from portal.services.review_queue import QueueFilter, list_queue
from portal.services.tasks import TaskKind, get_tasks
from portal.services.timeline import get_timeline
from portal.services.uploads import remove_file
from tests.builders.drafts import add, file_ids, slots
from tests.builders.world import NOW, act, add_draft, add_person, build_world, submitted

pytestmark = pytest.mark.usefixtures("app_context")

EVERYTHING = QueueFilter()


def _queue(actor: Actor, narrow: QueueFilter = EVERYTHING) -> list[str]:
    found = list_queue(actor=actor, narrow=narrow, page=1, now=NOW)
    assert found.total == len(found.items)
    return [item.requirement_text for item in found.items]


def test_the_queue_holds_what_waits_for_this_reviewer_longest_first() -> None:
    world = build_world()
    elsewhere = build_world(code="KPU-1503")
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    submitted(world, sender, "II.1")
    submitted(world, sender, "I.2")
    add_draft(world, sender, "I.1")
    submitted(elsewhere, add_person(elsewhere, Role.UPLOADER), "I.1")
    assert _queue(reviewer) == ["Laporan II.1", "Laporan I.2"]
    assert _queue(reviewer, QueueFilter(area_code="I")) == ["Laporan I.2"]
    assert _queue(reviewer, QueueFilter(unit_id=elsewhere.unit_id)) == []
    assert _queue(add_person(world, Role.TPI_MEMBER, area="II")) == ["Laporan II.1"]
    assert _queue(add_person(world, Role.AUDITOR)) == []


def test_what_one_had_a_hand_in_is_not_in_ones_queue() -> None:
    world = build_world()
    both = add_person(world, Role.UPLOADER, further=(Role.TPI_MEMBER,))
    submitted(world, both)
    assert _queue(both) == []
    assert len(_queue(add_person(world, Role.TPI_MEMBER))) == 1


def test_after_a_decision_the_next_one_is_found_until_none_is_left() -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    first, second = submitted(world, sender, "I.1"), submitted(world, sender, "I.2")
    assert find_next_review(actor=reviewer, now=NOW) == first
    act(world, reviewer, Action.APPROVE, first)
    assert find_next_review(actor=reviewer, now=NOW) == second
    act(world, reviewer, Action.RETURN, second)
    assert find_next_review(actor=reviewer, now=NOW) is None


def test_the_review_page_says_why_a_decision_is_not_open() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER, further=(Role.TPI_MEMBER,))
    revision_id = submitted(world, sender)
    reviewer = add_person(world, Role.TPI_MEMBER)
    own = get_review(actor=sender, revision_id=revision_id, now=NOW)
    assert {action.denial for action in own.actions} == {Denial.CONTRIBUTED}
    others = get_review(actor=reviewer, revision_id=revision_id, now=NOW)
    assert [(a.action, a.denial) for a in others.actions] == [
        (Action.APPROVE, None),
        (Action.RETURN, None),
        (Action.REJECT, None),
    ]
    assert others.revision.digest is not None
    assert others.text.indicator_code == "I.1.1"


def test_the_review_of_a_foreign_or_missing_revision_does_not_exist() -> None:
    world, elsewhere = build_world(), build_world(code="KPU-1503")
    revision_id = submitted(world, add_person(world, Role.UPLOADER))
    stranger = add_person(elsewhere, Role.TPI_LEAD)
    for wanted in (revision_id, uuid4()):
        with pytest.raises(NotFound):
            get_review(actor=stranger, revision_id=wanted, now=NOW)


def _groups(actor: Actor) -> dict[TaskKind, int]:
    return {group.kind: group.count for group in get_tasks(actor=actor, now=NOW).groups}


def test_what_was_never_handed_in_is_not_reviewed() -> None:
    world = build_world()
    coordinator = add_person(world, Role.AREA_COORDINATOR)
    draft = add_draft(world, coordinator)
    with pytest.raises(NotFound):
        get_review(actor=coordinator, revision_id=draft, now=NOW)


def test_a_version_that_was_taken_back_is_shown_to_its_area_alone() -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    first = submitted(world, sender)
    evidence_id = act(world, sender, Action.WITHDRAW, first).evidence_id
    second = answer_revision(actor=sender, evidence_id=evidence_id, now=world.tick()).revision_id
    act(world, sender, Action.SUBMIT, second)
    assert [r.id for r in get_review(actor=sender, revision_id=second, now=NOW).earlier] == [first]
    assert get_review(actor=reviewer, revision_id=second, now=NOW).earlier == ()


def test_a_file_of_a_version_taken_back_is_named_in_the_trail_where_it_is_handed_in() -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = start_evidence(
        actor=sender, requirement_id=world.requirements["I.1"], slot_ids=slots(world, "I.1", 1), now=world.tick()
    )
    store = current_app.extensions["portal.store"]
    add(world, sender, draft, store, tetap_txt=b"Tetap.", keluar_txt=b"Keluar.")
    act(world, sender, Action.SUBMIT, draft.revision_id)
    act(world, sender, Action.WITHDRAW, draft.revision_id)
    second = answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick()).revision_id
    gone = file_ids(second)[1]
    remove_file(actor=sender, revision_id=second, file_id=gone, now=world.tick())
    act(world, sender, Action.SUBMIT, second)
    timeline = get_timeline(actor=reviewer, indicator_id=world.indicators["I.1"], now=NOW)
    assert {file.name for entry in timeline.entries for file in entry.files} == {"tetap.txt", None}


def test_the_work_list_of_a_sender_counts_what_his_area_must_do() -> None:
    world = build_world(indicators=1)
    sender, reviewer = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.TPI_MEMBER)
    assert _groups(sender) == {
        TaskKind.UPLOAD_CATCH_UP: 1,
        TaskKind.UPLOAD_OVERDUE: 1,
        TaskKind.UPLOAD_UPCOMING: 1,
    }
    revision_id = submitted(world, sender, "I.1", months=(2,))
    assert _groups(sender)[TaskKind.WAIT_FOR_REVIEW] == 1
    act(world, reviewer, Action.RETURN, revision_id)
    assert _groups(sender)[TaskKind.ANSWER_RETURN] == 1
    assert get_tasks(actor=sender, now=NOW).queue is None


def test_the_work_list_of_a_reviewer_is_his_queue() -> None:
    world = build_world()
    reviewer = add_person(world, Role.TPI_MEMBER)
    submitted(world, add_person(world, Role.UPLOADER))
    tasks = get_tasks(actor=reviewer, now=NOW)
    assert tasks.groups == ()
    assert tasks.queue is not None
    assert tasks.queue.total == 1


def test_progress_counts_approved_slots() -> None:
    world = build_world(indicators=1)
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    act(world, reviewer, Action.APPROVE, submitted(world, sender, months=(1, 2)))
    submitted(world, sender, "II.1", months=(1,))
    (progress,) = get_tasks(actor=add_person(world, Role.LEADER), now=NOW).progress
    assert (progress.slots, progress.approved, progress.submitted) == (6, 2, 1)


def test_the_list_shows_drafts_only_to_their_area() -> None:
    world = build_world(indicators=1)
    sender = add_person(world, Role.UPLOADER, area="I")
    add_draft(world, sender, "I.1")
    own = list_indicators(actor=sender, narrow=IndicatorFilter(), now=NOW).rows[0]
    assert own.states[SlotState.DRAFT] == 1
    for other in (add_person(world, Role.UPLOADER, area="II"), add_person(world, Role.TPI_LEAD)):
        row = list_indicators(actor=other, narrow=IndicatorFilter(), now=NOW).rows[0]
        assert (row.states[SlotState.DRAFT], row.states[SlotState.MISSING]) == (0, 3)


def test_the_list_is_narrowed_by_area_state_and_timing() -> None:
    world = build_world(indicators=1)
    sender = add_person(world, Role.UPLOADER)
    submitted(world, sender, "I.1", months=(1, 2, 3))

    def codes(narrow: IndicatorFilter) -> list[str]:
        return [row.code for row in list_indicators(actor=sender, narrow=narrow, now=NOW).rows]

    assert codes(IndicatorFilter()) == ["I.1.1", "II.1.1"]
    assert codes(IndicatorFilter(area_code="II")) == ["II.1.1"]
    assert codes(IndicatorFilter(state=SlotState.SUBMITTED)) == ["I.1.1"]
    assert codes(IndicatorFilter(timing=Timing.OVERDUE)) == ["II.1.1"]
    assert codes(IndicatorFilter(area_code="IX")) == []
    with pytest.raises(NotFound):
        codes(IndicatorFilter(plan_id=uuid4()))


def test_lateness_is_a_matter_of_the_units_own_calendar() -> None:
    world = build_world(indicators=1)
    sender = add_person(world, Role.UPLOADER)
    # 17:30 UTC on the last day of February is half past midnight of 1 March in Jambi.
    world.clock = datetime(2026, 2, 28, 17, 30, tzinfo=UTC)
    submitted(world, sender, "I.1", months=(2,))
    world.clock = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    submitted(world, sender, "II.1", months=(2,))
    pages = [get_indicator(actor=sender, indicator_id=world.indicators[key], now=NOW) for key in ("I.1", "II.1")]
    assert [page.requirements[0].slots[1].timing for page in pages] == [Timing.LATE, Timing.ON_TIME]


def test_the_indicator_page_shows_the_evidence_that_one_may_see() -> None:
    world = build_world(restricted="I.1")
    sender, reviewer = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.TPI_MEMBER)
    act(world, reviewer, Action.RETURN, submitted(world, sender, "I.1"))

    def evidence(actor: Actor) -> list[State]:
        page = get_indicator(actor=actor, indicator_id=world.indicators["I.1"], now=NOW)
        return [summary.state for requirement in page.requirements for summary in requirement.evidence]

    assert evidence(sender) == evidence(reviewer) == [State.RETURNED]
    for blind in (add_person(world, Role.UPLOADER, area="II"), add_person(world, Role.AUDITOR)):
        assert evidence(blind) == []
    with pytest.raises(NotFound):
        evidence(add_person(build_world(code="KPU-1503"), Role.TPI_LEAD))


def test_req_04_the_timeline_tells_all_and_opens_texts_only_to_who_may_read_them() -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER, name="Siti Aminah"), add_person(world, Role.TPI_MEMBER)
    act(world, reviewer, Action.RETURN, submitted(world, sender), note="Tanda tangan kurang.")
    story = get_timeline(actor=sender, indicator_id=world.indicators["I.1"], now=NOW)
    assert [entry.name for entry in story.entries] == [EventName.EVIDENCE_SUBMITTED, EventName.EVIDENCE_RETURNED]
    submission, verdict = story.entries
    assert (submission.who, submission.role, len(submission.files)) == ("Siti Aminah", Role.UPLOADER, 1)
    assert verdict.texts == {"note": "Tanda tangan kurang."}
    assert verdict.digest == submission.digest
    auditor = get_timeline(actor=add_person(world, Role.AUDITOR), indicator_id=world.indicators["I.1"], now=NOW)
    assert [entry.texts for entry in auditor.entries] == [None, None]
    assert [entry.name for entry in auditor.entries] == [entry.name for entry in story.entries]
    with pytest.raises(NotFound):
        get_timeline(actor=add_person(world, Role.UPLOADER, area="II"), indicator_id=world.indicators["I.1"], now=NOW)


def test_the_coordinator_puts_somebody_of_the_area_in_charge() -> None:
    world = build_world()
    coordinator = add_person(world, Role.AREA_COORDINATOR, area="I")
    helper, stranger = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.UPLOADER, area="II")
    slot_id = world.slots[world.requirements["I.1"]][0]
    choice = get_pic_choice(actor=coordinator, slot_id=slot_id, now=NOW)
    assert {person.user_id for person in choice.candidates} == {coordinator.person, helper.person}
    assign_pic(actor=coordinator, slot_id=slot_id, user_id=helper.person, now=world.tick())
    assign_pic(actor=coordinator, slot_id=slot_id, user_id=helper.person, now=world.tick())
    story = get_timeline(actor=coordinator, indicator_id=world.indicators["I.1"], now=NOW)
    assert [entry.name for entry in story.entries] == [EventName.PIC_ASSIGNED]
    with pytest.raises(InvalidInput):
        assign_pic(actor=coordinator, slot_id=slot_id, user_id=stranger.person, now=world.tick())
    with pytest.raises(NotPermitted):
        assign_pic(actor=helper, slot_id=slot_id, user_id=helper.person, now=world.tick())
    assert sum(group.mine for group in get_tasks(actor=helper, now=NOW).groups) == 1
