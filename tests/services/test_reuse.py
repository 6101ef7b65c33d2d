"""The same files for another requirement: nothing is sent twice, and four eyes hold in both evidences."""

from __future__ import annotations

from uuid import uuid4

import pytest

from portal.adapters.local_store import LocalStore
from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.errors import Denial, InvalidInput, NotFound, NotPermitted
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.services.drafts import Draft
from portal.services.reuse import get_reuse_choice, reuse_files
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
from tests.builders.world import World, act, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")


def reuse(world: World, actor: Actor, draft: Draft, key: str, *, count: int | None = None) -> Draft:
    """Attach the first `count` files of the draft's revision to an evidence for `key`."""
    return reuse_files(
        actor=actor,
        revision_id=draft.revision_id,
        file_ids=file_ids(draft.revision_id)[:count],
        requirement_id=world.requirements[key],
        now=world.tick(),
    )


def test_the_sibling_shares_the_files_and_their_uploaders(local_store: LocalStore) -> None:
    world = build_world()
    first, second, reviewer = (add_person(world, r) for r in (Role.UPLOADER, Role.UPLOADER, Role.TPI_MEMBER))
    draft = started(world, first, local_store)
    add(world, first, draft, local_store, foto_jpg=documents.image())
    act(world, first, Action.SUBMIT, draft.revision_id)
    objects = len(list(local_store.list_objects()))

    sibling = reuse(world, second, draft, "I.2", count=1)

    assert file_ids(sibling.revision_id) == file_ids(draft.revision_id)[:1]
    assert contributors(sibling.revision_id) == {first.person, second.person}
    assert covered(sibling.revision_id) == held(sibling.evidence_id) == set(slots(world, "I.2", 1))
    assert events_of("I.2") == [EventName.EVIDENCE_STARTED, EventName.FILE_REUSED]
    assert len(list(local_store.list_objects())) == objects
    act(world, second, Action.SUBMIT, sibling.revision_id)
    act(world, reviewer, Action.APPROVE, sibling.revision_id)


def test_req_07_who_sent_the_file_first_does_not_decide_on_the_sibling(local_store: LocalStore) -> None:
    world = build_world()
    both = add_person(world, Role.UPLOADER, further=(Role.TPI_MEMBER,))
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, both, local_store)
    act(world, both, Action.SUBMIT, draft.revision_id)
    sibling = reuse(world, sender, draft, "I.2")
    act(world, sender, Action.SUBMIT, sibling.revision_id)
    with pytest.raises(NotPermitted) as refusal:
        act(world, both, Action.APPROVE, sibling.revision_id)
    assert refusal.value.denial is Denial.CONTRIBUTED


def test_where_the_month_is_taken_the_first_free_one_is_covered(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    start(world, sender, "I.2", months=(1,))
    assert covered(reuse(world, sender, draft, "I.2").revision_id) == set(slots(world, "I.2", 2))


def test_only_requirements_with_a_free_slot_in_ones_own_area_are_offered(local_store: LocalStore) -> None:
    world = build_world(indicators=3)
    sender = add_person(world, Role.UPLOADER, area="I")
    draft = started(world, sender, local_store)
    start(world, sender, "I.3", months=(1, 2, 3))
    choice = get_reuse_choice(actor=sender, revision_id=draft.revision_id, now=world.tick())
    assert [target.requirement_id for target in choice.targets] == [world.requirements["I.2"]]
    assert [file.name for file in choice.files] == ["SK.pdf"]


def test_what_has_no_free_slot_or_is_not_ones_own_to_answer_is_refused(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER, area="I")
    draft = started(world, sender, local_store)
    start(world, sender, "I.2", months=(1, 2, 3))
    before = leaves()
    with pytest.raises(InvalidInput):
        reuse(world, sender, draft, "I.2")
    with pytest.raises(NotPermitted):
        reuse(world, sender, draft, "II.1")
    assert leaves() == before


def test_the_classes_that_decide_who_reads_the_files_are_told(local_store: LocalStore) -> None:
    world = build_world(restricted="I.1")
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    found = get_reuse_choice(actor=sender, revision_id=draft.revision_id, now=world.tick())
    assert found.classification is Classification.TERBATAS
    assert {target.classification for target in found.targets} == {Classification.BIASA}


def test_req_05_only_files_that_one_may_see_are_taken(local_store: LocalStore) -> None:
    world = build_world(restricted="I.1")
    sender = add_person(world, Role.UPLOADER, area="I")
    stranger = add_person(world, Role.UPLOADER, area="II")
    draft = started(world, sender, local_store)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    with pytest.raises(NotFound):
        get_reuse_choice(actor=stranger, revision_id=draft.revision_id, now=world.tick())
    with pytest.raises(NotFound):
        reuse(world, stranger, draft, "II.1")


@pytest.mark.parametrize("chosen", [[], [uuid4()]])
def test_req_05_files_of_another_revision_are_no_choice(chosen: list[object], local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    with pytest.raises(InvalidInput) as refusal:
        reuse_files(
            actor=sender,
            revision_id=draft.revision_id,
            file_ids=chosen,  # type: ignore[arg-type]  # as the parameter has it
            requirement_id=world.requirements["I.2"],
            now=world.tick(),
        )
    assert refusal.value.field == "files"
