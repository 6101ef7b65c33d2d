"""The last look before submission, and the receipt after it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from portal.adapters.local_store import LocalStore
from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.roles import Role
from portal.domain.slot_state import Timing
from portal.domain.workflow import Action
from portal.services.drafts import Draft, answer_revision, change_draft
from portal.services.links import add_link
from portal.services.readiness import Readiness, Remark, check_draft
from portal.services.receipt import Receipt, get_receipt
from portal.services.uploads import remove_file
from tests.builders import documents
from tests.builders.drafts import add, file_ids, slots, start, started
from tests.builders.world import World, act, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")


def check(world: World, actor: Actor, draft: Draft) -> Readiness:
    return check_draft(actor=actor, evidence_id=draft.evidence_id, now=world.tick())


def dated(world: World, actor: Actor, draft: Draft, day: date, *months: int) -> None:
    change_draft(
        actor=actor,
        revision_id=draft.revision_id,
        note="",
        document_date=day,
        slot_ids=slots(world, "I.1", *(months or (1,))),
        now=world.tick(),
    )


def test_a_complete_draft_has_no_remarks(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    dated(world, sender, draft, date(2026, 1, 20))
    readiness = check(world, sender, draft)
    assert (readiness.remarks, readiness.known_files, readiness.may_submit) == ((), (), True)


def test_a_draft_without_file_and_link_may_not_be_submitted() -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = start(world, sender)
    readiness = check(world, sender, draft)
    assert readiness.remarks == (Remark.NO_CONTENT, Remark.NO_DOCUMENT_DATE)
    assert not readiness.may_submit
    add_link(actor=sender, revision_id=draft.revision_id, url="https://kpu.go.id", note="", now=world.tick())
    assert check(world, sender, draft).may_submit


@pytest.mark.parametrize(
    ("day", "remark"),
    [
        (date(2026, 3, 11), Remark.DATE_IN_FUTURE),
        (date(2024, 11, 26), Remark.DATE_LONG_AGO),
        (date(2026, 3, 10), None),
        (date(2024, 11, 27), None),
    ],
)
def test_a_doubtful_date_is_remarked(local_store: LocalStore, day: date, remark: Remark | None) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    dated(world, sender, draft, day)
    readiness = check(world, sender, draft)
    assert readiness.remarks == ((remark,) if remark else ())
    assert readiness.may_submit


def test_personal_data_is_remarked_for_a_restricted_item(local_store: LocalStore) -> None:
    world = build_world(restricted="I.1")
    sender = add_person(world, Role.UPLOADER)
    assert Remark.RESTRICTED in check(world, sender, started(world, sender, local_store)).remarks


def test_an_answer_that_changes_nothing_is_remarked_and_one_that_takes_a_file_out_is_not(
    local_store: LocalStore,
) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, sender, local_store)
    add(world, sender, draft, local_store, foto_jpg=documents.image())
    act(world, sender, Action.SUBMIT, draft.revision_id)
    act(world, reviewer, Action.RETURN, draft.revision_id)
    answer = answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    assert Remark.NOTHING_NEW in check(world, sender, answer).remarks
    remove_file(actor=sender, revision_id=answer.revision_id, file_id=file_ids(answer.revision_id)[0], now=world.tick())
    assert Remark.NOTHING_NEW not in check(world, sender, answer).remarks


def test_req_32_bytes_that_stand_in_another_evidence_are_named_with_it(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    other = started(world, sender, local_store, "II.1", text="sama")
    draft = started(world, sender, local_store, text="sama")
    assert check(world, sender, draft).known_files == ()
    act(world, sender, Action.SUBMIT, other.revision_id)
    (known,) = check(world, sender, draft).known_files
    assert (known.name, known.indicator_code, known.requirement_text) == ("SK.pdf", "II.1.1", "Laporan II.1")


def test_the_last_look_is_for_who_may_submit(local_store: LocalStore) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, sender, local_store)
    with pytest.raises(NotFound):
        check(world, reviewer, draft)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    with pytest.raises(NotFound):
        check(world, sender, draft)


def receipt(world: World, actor: Actor, draft: Draft) -> Receipt:
    return get_receipt(actor=actor, revision_id=draft.revision_id, now=world.tick())


def test_req_32_the_receipt_states_every_file_and_how_each_month_stands_to_its_due_date(
    local_store: LocalStore,
) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    dated(world, sender, draft, date(2026, 1, 20), 1, 2, 3)
    world.clock = datetime(2026, 3, 31, 16, 58, tzinfo=UTC)  # 23.58 in Jambi, the last minute of March
    act(world, sender, Action.SUBMIT, draft.revision_id)
    found = receipt(world, sender, draft)
    assert found.revision.digest is not None
    assert found.number.replace(" ", "") == found.revision.digest[:12]
    assert [(month.month.month, month.timing) for month in found.months] == [
        (1, Timing.CATCH_UP),
        (2, Timing.LATE),
        (3, Timing.ON_TIME),
    ]
    (file,) = found.revision.files
    assert (file.size, file.sha256) == (len(documents.pdf("SK")), sha256(documents.pdf("SK")).hexdigest())


def test_a_receipt_says_the_same_after_the_evidence_was_rejected(local_store: LocalStore) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, sender, local_store)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    before = receipt(world, sender, draft)
    act(world, reviewer, Action.REJECT, draft.revision_id)
    after = receipt(world, sender, draft)
    assert (before.number, before.months) == (after.number, after.months)
    assert len(after.months) == 1


def test_an_answer_is_as_late_as_the_first_submission_of_its_month(local_store: LocalStore) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, sender, local_store)
    dated(world, sender, draft, date(2026, 1, 20), 3)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    act(world, reviewer, Action.RETURN, draft.revision_id)
    world.clock = datetime(2026, 4, 20, 3, 0, tzinfo=UTC)
    answer = answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    act(world, sender, Action.SUBMIT, answer.revision_id)
    assert [month.timing for month in receipt(world, sender, answer).months] == [Timing.ON_TIME]


def test_a_draft_has_no_receipt_and_strangers_get_none(local_store: LocalStore) -> None:
    world = build_world(restricted="I.1")
    sender, neighbour = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.UPLOADER, area="II")
    draft = started(world, sender, local_store)
    with pytest.raises(NotFound):
        receipt(world, sender, draft)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    with pytest.raises(NotFound):
        receipt(world, neighbour, draft)
