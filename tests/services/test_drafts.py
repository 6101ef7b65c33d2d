"""Beginning, changing and answering: what a draft covers, who holds its slots, and who had a hand in it."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask

from portal.adapters.local_store import LocalStore
from portal.domain.actor import Actor
from portal.domain.errors import Denial, InvalidInput, InvalidTransition, NotFound, NotPermitted, Stale
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.workflow import Action, State
from portal.models import Evidence, Revision
from portal.services.action import NOTE_MAX
from portal.services.drafts import answer_revision, change_draft, start_evidence
from portal.services.links import add_link, remove_link
from portal.services.unit_of_work import transaction
from portal.services.uploads import remove_file
from tests.builders import documents
from tests.builders.drafts import (
    add,
    contributors,
    covered,
    events_of,
    file_ids,
    held,
    leaves,
    slots,
    start,
    started,
)
from tests.builders.world import NOW, World, act, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")


def change(
    world: World,
    actor: Actor,
    revision_id: UUID,
    *,
    note: str = "",
    document_date: date | None = None,
    months: tuple[int, ...] = (1,),
    now: datetime | None = None,
) -> None:
    """Save the draft of requirement I.1."""
    change_draft(
        actor=actor,
        revision_id=revision_id,
        note=note,
        document_date=document_date,
        slot_ids=slots(world, "I.1", *months),
        now=now or world.tick(),
    )


def returned(world: World, sender: Actor, store: LocalStore, *, months: tuple[int, ...] = (1,)) -> UUID:
    """An evidence of I.1 whose first version was returned; returns the evidence's id."""
    draft = start(world, sender, months=months)
    add(world, sender, draft, store, SK_pdf=documents.pdf())
    act(world, sender, Action.SUBMIT, draft.revision_id)
    act(world, add_person(world, Role.TPI_MEMBER), Action.RETURN, draft.revision_id)
    return draft.evidence_id


def test_an_evidence_begins_with_its_draft_its_slots_and_its_first_contributor() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = start(world, sender, months=(1, 3))
    with transaction(write=False) as session:
        revision = session.get_one(Revision, draft.revision_id)
        assert (revision.number, revision.state, revision.drafted_by) == (1, State.DRAFT, sender.person)
        assert session.get_one(Evidence, draft.evidence_id).requirement_id == world.requirements["I.1"]
    assert covered(draft.revision_id) == held(draft.evidence_id) == set(slots(world, "I.1", 1, 3))
    assert contributors(draft.revision_id) == {sender.person}
    assert events_of() == [EventName.EVIDENCE_STARTED]


def test_only_who_sends_evidence_in_the_area_begins_one() -> None:
    world, other_unit = build_world(), build_world(code="KPU-1503")
    for actor in (
        add_person(world, Role.UPLOADER, area="II"),
        add_person(world, Role.TPI_LEAD),
        add_person(world, Role.AUDITOR),
        add_person(world, Role.ADMIN),
    ):
        with pytest.raises(NotPermitted):
            start(world, actor)
    for actor, requirement_id in (
        (add_person(other_unit, Role.UPLOADER), world.requirements["I.1"]),
        (add_person(world, Role.UPLOADER), uuid4()),
    ):
        with pytest.raises(NotFound):
            start_evidence(actor=actor, requirement_id=requirement_id, slot_ids=[uuid4()], now=world.tick())
    assert leaves() == 0


def test_req_05_a_slot_of_another_requirement_is_no_choice() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    foreign = slots(world, "I.2", 1)
    with pytest.raises(InvalidInput) as refusal:
        start_evidence(actor=sender, requirement_id=world.requirements["I.1"], slot_ids=foreign, now=world.tick())
    assert refusal.value.field == "slots"
    assert leaves() == 0


def test_a_draft_covers_at_least_one_slot_so_that_it_can_be_found() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    with pytest.raises(InvalidInput):
        start(world, sender, months=())
    draft = start(world, sender)
    with pytest.raises(InvalidInput) as refusal:
        change(world, sender, draft.revision_id, note="hilang", months=())
    assert refusal.value.field == "slots"
    assert covered(draft.revision_id) == held(draft.evidence_id) == set(slots(world, "I.1", 1))


def test_a_taken_slot_is_refused_and_nothing_is_begun() -> None:
    world = build_world()
    start(world, add_person(world, Role.UPLOADER), months=(2,))
    before = leaves()
    with pytest.raises(Stale):
        start(world, add_person(world, Role.UPLOADER), months=(1, 2))
    assert leaves() == before


def test_of_two_who_race_for_a_slot_one_gets_it(app: Flask) -> None:
    world = build_world()
    people = [add_person(world, Role.UPLOADER) for _ in range(2)]
    gate, outcomes = threading.Barrier(2), list[object]()

    def race(actor: Actor) -> None:
        with app.app_context():
            gate.wait(timeout=30)
            try:
                outcomes.append(start(world, actor, months=(1,)).evidence_id)
            except Stale as lost:
                outcomes.append(lost)

    racers = [threading.Thread(target=race, args=(actor,)) for actor in people]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(timeout=60)
    winners = [outcome for outcome in outcomes if isinstance(outcome, UUID)]
    assert len(outcomes) == 2
    assert len(winners) == 1, outcomes
    assert held(winners[0]) == set(slots(world, "I.1", 1))
    assert events_of() == [EventName.EVIDENCE_STARTED]


def test_a_changed_draft_claims_what_it_newly_covers_and_frees_what_it_no_longer_does() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = start(world, sender, months=(1, 2))
    change(world, sender, draft.revision_id, note=" Halaman 2 ", document_date=date(2026, 1, 20), months=(2, 3))
    with transaction(write=False) as session:
        revision = session.get_one(Revision, draft.revision_id)
        assert (revision.note, revision.document_date) == ("Halaman 2", date(2026, 1, 20))
    assert covered(draft.revision_id) == held(draft.evidence_id) == set(slots(world, "I.1", 2, 3))
    start(world, sender, months=(1,))


def changed(
    world: World, *, note: str = "", document_date: date | None = None, now: datetime = NOW
) -> tuple[str, date | None]:
    """Note and date of a new draft after its sender has changed it."""
    sender = add_person(world, Role.UPLOADER)
    draft = start(world, sender)
    change(world, sender, draft.revision_id, note=note, document_date=document_date, now=now)
    with transaction(write=False) as session:
        revision = session.get_one(Revision, draft.revision_id)
        return revision.note, revision.document_date


def test_the_note_is_kept_without_what_nobody_sees() -> None:
    note, _ = changed(build_world(), note=" Lihat\x00 halaman\u202e 2.\r\nLengkap. ")
    assert note == "Lihat halaman 2.\nLengkap."


def test_a_note_beyond_the_limit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="batasnya"):
        changed(build_world(), note="x" * (NOTE_MAX + 1))


def test_a_date_is_taken_on_a_leap_day_too() -> None:
    leap_day = datetime(2028, 2, 29, 3, 0, tzinfo=UTC)
    assert changed(build_world(), document_date=leap_day.date(), now=leap_day)[1] == leap_day.date()


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2027, 3, 12), date(9999, 12, 31)])
def test_a_date_of_another_age_is_refused(day: date) -> None:
    with pytest.raises(InvalidInput, match="Periksa tahunnya"):
        changed(build_world(), document_date=day)


def test_req_17_what_was_submitted_is_no_draft_any_more(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    with pytest.raises(InvalidTransition):
        change(world, sender, draft.revision_id, note="terlambat")


def test_a_stranger_s_draft_does_not_exist(local_store: LocalStore) -> None:
    world = build_world()
    draft = started(world, add_person(world, Role.UPLOADER, area="I"), local_store)
    for stranger in (add_person(world, Role.UPLOADER, area="II"), add_person(world, Role.TPI_LEAD)):
        with pytest.raises(NotFound):
            change(world, stranger, draft.revision_id)
        with pytest.raises(NotFound):
            answer_revision(actor=stranger, evidence_id=draft.evidence_id, now=world.tick())


def test_whoever_wrote_linked_or_removed_something_is_a_contributor_of_this_and_the_next_version(
    local_store: LocalStore,
) -> None:
    world = build_world()
    first, writer, linker, unlinker, remover, reviewer = (
        add_person(world, role) for role in (*[Role.UPLOADER] * 5, Role.TPI_MEMBER)
    )
    draft = started(world, first, local_store)
    add(world, first, draft, local_store, foto_jpg=documents.image())
    change(world, writer, draft.revision_id, note="Halaman 2")
    link = add_link(actor=linker, revision_id=draft.revision_id, url="https://kpu.go.id", note="", now=world.tick())
    remove_link(actor=unlinker, revision_id=draft.revision_id, link_id=link, now=world.tick())
    remove_file(actor=remover, revision_id=draft.revision_id, file_id=file_ids(draft.revision_id)[-1], now=world.tick())
    hands = {person.person for person in (first, writer, linker, unlinker, remover)}
    assert contributors(draft.revision_id) == hands

    act(world, first, Action.SUBMIT, draft.revision_id)
    act(world, reviewer, Action.RETURN, draft.revision_id)
    answer = answer_revision(actor=first, evidence_id=draft.evidence_id, now=world.tick())
    assert contributors(answer.revision_id) == hands


def test_the_answer_to_a_return_begins_with_all_that_was_sent(local_store: LocalStore) -> None:
    world = build_world()
    first, second, drafter, reviewer = (
        add_person(world, role) for role in (Role.UPLOADER, Role.UPLOADER, Role.UPLOADER, Role.TPI_MEMBER)
    )
    draft = started(world, first, local_store)
    add(world, second, draft, local_store, foto_jpg=documents.image())
    add_link(actor=first, revision_id=draft.revision_id, url="https://kpu.go.id/sk", note="Unggahan", now=world.tick())
    change(world, first, draft.revision_id, note="Halaman 2", document_date=date(2026, 1, 5), months=(1, 2))
    act(world, first, Action.SUBMIT, draft.revision_id)
    act(world, reviewer, Action.RETURN, draft.revision_id)

    answer = answer_revision(actor=drafter, evidence_id=draft.evidence_id, now=world.tick())

    assert file_ids(answer.revision_id) == file_ids(draft.revision_id)
    assert covered(answer.revision_id) == covered(draft.revision_id)
    assert contributors(answer.revision_id) == {first.person, second.person, drafter.person}
    with transaction(write=False) as session:
        revision = session.get_one(Revision, answer.revision_id)
        assert (revision.number, revision.answers, revision.state) == (2, 1, State.DRAFT)
        assert (revision.note, revision.document_date) == ("Halaman 2", date(2026, 1, 5))
        assert [(link.url, link.note) for link in revision.links] == [("https://kpu.go.id/sk", "Unggahan")]
    assert events_of()[-1] == EventName.REVISION_DRAFTED


@pytest.mark.parametrize("action", [Action.WITHDRAW, Action.REOPEN])
def test_a_withdrawn_and_a_reopened_version_are_answered_as_well(action: Action, local_store: LocalStore) -> None:
    world = build_world()
    sender, lead = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_LEAD)
    draft = started(world, sender, local_store)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    if action is Action.REOPEN:
        act(world, lead, Action.APPROVE, draft.revision_id)
    act(world, lead if action is Action.REOPEN else sender, action, draft.revision_id)
    answer = answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    assert file_ids(answer.revision_id) == file_ids(draft.revision_id)
    assert held(draft.evidence_id) == set(slots(world, "I.1", 1))


@pytest.mark.parametrize(
    "actions", [(), (Action.SUBMIT,), (Action.SUBMIT, Action.APPROVE), (Action.SUBMIT, Action.REJECT)]
)
def test_what_waits_for_others_or_is_closed_is_not_answered(
    actions: tuple[Action, ...], local_store: LocalStore
) -> None:
    world = build_world()
    sender, lead = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_LEAD)
    draft = started(world, sender, local_store)
    for action in actions:
        act(world, sender if action is Action.SUBMIT else lead, action, draft.revision_id)
    before = leaves()
    with pytest.raises(InvalidTransition):
        answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    assert leaves() == before


def test_an_answer_is_begun_once(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    evidence_id = returned(world, sender, local_store)
    answer_revision(actor=sender, evidence_id=evidence_id, now=world.tick())
    with pytest.raises(InvalidTransition):
        answer_revision(actor=sender, evidence_id=evidence_id, now=world.tick())


def test_slots_that_the_answer_drops_stay_held_until_it_is_submitted(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    evidence_id = returned(world, sender, local_store, months=(1, 2))
    answer = answer_revision(actor=sender, evidence_id=evidence_id, now=world.tick())
    change(world, sender, answer.revision_id, months=(1, 3))
    assert covered(answer.revision_id) == set(slots(world, "I.1", 1, 3))
    assert held(evidence_id) == set(slots(world, "I.1", 1, 2, 3))
    act(world, sender, Action.SUBMIT, answer.revision_id)
    assert held(evidence_id) == set(slots(world, "I.1", 1, 3))


def test_a_dropped_answer_gives_back_just_what_it_took(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    evidence_id = returned(world, sender, local_store, months=(1, 2))
    answer = answer_revision(actor=sender, evidence_id=evidence_id, now=world.tick())
    change(world, sender, answer.revision_id, months=(1, 3))
    act(world, sender, Action.DISCARD, answer.revision_id)
    assert held(evidence_id) == set(slots(world, "I.1", 1, 2))
    again = answer_revision(actor=sender, evidence_id=evidence_id, now=world.tick())
    with transaction(write=False) as session:
        assert session.get_one(Revision, again.revision_id).number == 3
        assert session.get_one(Revision, again.revision_id).answers == 1


@pytest.mark.parametrize("sends_as", [Role.UPLOADER, Role.AREA_COORDINATOR])
def test_req_07_who_sent_a_file_of_the_first_version_does_not_decide_on_the_next(
    sends_as: Role, local_store: LocalStore
) -> None:
    world = build_world()
    both = add_person(world, sends_as, further=(Role.TPI_MEMBER,))
    colleague, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, both, local_store)
    act(world, both, Action.SUBMIT, draft.revision_id)
    act(world, reviewer, Action.RETURN, draft.revision_id)
    answer = answer_revision(actor=colleague, evidence_id=draft.evidence_id, now=world.tick())
    act(world, colleague, Action.SUBMIT, answer.revision_id)
    with pytest.raises(NotPermitted) as refusal:
        act(world, both, Action.APPROVE, answer.revision_id)
    assert refusal.value.denial is Denial.CONTRIBUTED
