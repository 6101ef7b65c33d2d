"""Redacted copies: how a file of a draft becomes one, who sees it, and that nothing of the original comes with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.adapters.local_store import LocalStore
from portal.domain.actor import Actor
from portal.domain.errors import ConstraintViolated, InvalidInput, InvalidTransition, NotFound, NotPermitted
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import Redaction, Revision
from portal.services.case import load_case
from portal.services.downloads import open_file
from portal.services.drafts import Draft, answer_revision
from portal.services.evidence_page import get_draft, get_evidence
from portal.services.indicator_page import get_indicator
from portal.services.redacted_page import CopiesPage, CopyView, get_copies
from portal.services.redactions import mark_copy, unmark_copy
from portal.services.reuse import reuse_files
from portal.services.sending import ByteRange
from portal.services.timeline import get_timeline
from portal.services.unit_of_work import transaction
from portal.services.uploads import remove_file
from tests.builders import documents
from tests.builders.drafts import add, events_of, file_ids, start
from tests.builders.world import World, act, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")


@dataclass
class Scene:
    """A restricted draft for I.1 with three files, and people around it."""

    world: World
    store: LocalStore
    sender: Actor
    neighbour: Actor
    reviewer: Actor
    draft: Draft

    @property
    def files(self) -> list[UUID]:
        return file_ids(self.draft.revision_id)

    def mark(self, copy: UUID, original: UUID, actor: Actor | None = None) -> None:
        mark_copy(
            actor=actor or self.sender,
            revision_id=self.draft.revision_id,
            file_id=copy,
            original_id=original,
            now=self.world.tick(),
        )

    def unmark(self, copy: UUID) -> None:
        unmark_copy(actor=self.sender, revision_id=self.draft.revision_id, file_id=copy, now=self.world.tick())

    def marks(self, revision_id: UUID | None = None) -> dict[UUID, UUID]:
        query = select(Redaction).where(Redaction.revision_id == (revision_id or self.draft.revision_id))
        with transaction(write=False) as session:
            return {mark.file_id: mark.original_id for mark in session.execute(query).scalars()}

    def act(self, actor: Actor, action: Action) -> None:
        act(self.world, actor, action, self.draft.revision_id)

    def copies(self, actor: Actor) -> CopiesPage:
        return get_copies(actor=actor, evidence_id=self.draft.evidence_id, now=self.world.tick())

    def fetch(self, actor: Actor, file_id: UUID) -> bytes:
        opened = open_file(
            actor=actor,
            revision_id=self.draft.revision_id,
            file_id=file_id,
            wanted=ByteRange(),
            store=self.store,
            clock=lambda: self.world.clock,
            now=self.world.tick(),
        )
        return b"".join(opened.chunks)


@pytest.fixture
def open_scene(local_store: LocalStore) -> Callable[..., Scene]:
    def opened(restricted: str | None = "I.1") -> Scene:
        world = build_world(restricted=restricted)
        sender, neighbour = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.UPLOADER, area="II")
        reviewer = add_person(world, Role.TPI_MEMBER)
        draft = start(world, sender)
        contents = {f"{name}_pdf": documents.pdf(name) for name in ("asli", "samar", "lain")}
        assert not add(world, sender, draft, local_store, **contents).refused
        return Scene(world, local_store, sender, neighbour, reviewer, draft)

    return opened


@pytest.fixture
def scene(open_scene: Callable[..., Scene]) -> Scene:
    return open_scene()


def test_a_file_is_marked_and_unmarked_and_the_trail_tells_it(scene: Scene) -> None:
    original, copy, other = scene.files
    scene.mark(copy, original)
    scene.mark(copy, original)
    assert scene.marks() == {copy: original}
    scene.mark(copy, other)
    assert scene.marks() == {copy: other}
    scene.unmark(copy)
    assert scene.marks() == {}
    marked, unmarked = EventName.COPY_MARKED, EventName.COPY_UNMARKED
    assert events_of()[-4:] == [marked, unmarked, marked, unmarked]
    with pytest.raises(NotFound):
        scene.unmark(copy)


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ((), (0, 0), "original"),
        ((1, 0), (2, 1), "original"),
        ((1, 0), (0, 2), "original"),
        ((), (None, 0), "copy"),
        ((), (0, None), "original"),
    ],
    ids=["itself", "copy of a copy", "original as a copy", "no such copy", "no such original"],
)
def test_what_cannot_be_a_copy_is_refused(
    scene: Scene, first: tuple[int, ...], second: tuple[int | None, int | None], field: str
) -> None:
    files = scene.files
    if first:
        scene.mark(files[first[0]], files[first[1]])
    before = scene.marks()
    copy, original = (uuid4() if at is None else files[at] for at in second)
    with pytest.raises(InvalidInput) as refusal:
        scene.mark(copy, original)
    assert (refusal.value.field, scene.marks()) == (field, before)


def test_only_who_may_edit_an_open_restricted_draft_marks(scene: Scene) -> None:
    original, copy, _ = scene.files
    for stranger in (scene.neighbour, scene.reviewer):
        with pytest.raises((NotFound, NotPermitted)):
            scene.mark(copy, original, stranger)
    scene.act(scene.sender, Action.SUBMIT)
    with pytest.raises(InvalidTransition):
        scene.mark(copy, original)
    with transaction(write=False) as session:
        assert session.execute(select(Redaction)).first() is None


def test_an_item_that_everybody_reads_needs_no_copies(open_scene: Callable[..., Scene]) -> None:
    scene = open_scene(None)
    with pytest.raises(InvalidInput, match="dapat dibaca seluruh unit kerja"):
        scene.mark(scene.files[0], scene.files[1])


def test_taking_out_a_file_takes_its_marks_along(scene: Scene) -> None:
    original, copy, other = scene.files
    scene.mark(copy, original)
    scene.mark(other, original)
    for file in (copy, original):
        remove_file(actor=scene.sender, revision_id=scene.draft.revision_id, file_id=file, now=scene.world.tick())
        assert file not in {*scene.marks(), *scene.marks().values()}
    assert (scene.files, scene.marks()) == ([other], {})


def test_the_digest_covers_the_mark_and_the_next_version_begins_with_it(scene: Scene) -> None:
    original, copy, _ = scene.files
    scene.mark(copy, original)
    scene.act(scene.sender, Action.SUBMIT)
    with transaction(write=False) as session:
        content = load_case(session, session.get_one(Revision, scene.draft.revision_id)).content
    hashes = [file.sha256 for file in content.files]
    assert [file.redacts for file in content.files] == [None, hashes[0], None]
    unmarked = replace(content, files=tuple(replace(file, redacts=None) for file in content.files))
    assert content.digest != unmarked.digest
    scene.act(scene.sender, Action.WITHDRAW)
    answer = answer_revision(actor=scene.sender, evidence_id=scene.draft.evidence_id, now=scene.world.tick())
    assert scene.marks(answer.revision_id) == {copy: original}


def test_a_mark_of_a_submitted_version_is_fixed_in_the_database(scene: Scene) -> None:
    original, copy, other = scene.files
    scene.mark(copy, original)
    scene.act(scene.sender, Action.SUBMIT)
    with pytest.raises(ConstraintViolated) as refusal, transaction() as session:
        session.add(Redaction(revision_id=scene.draft.revision_id, file_id=other, original_id=original))
    assert refusal.value.constraint == "guard_redaction_insert_in_draft"


def test_files_that_are_used_again_bring_no_mark(scene: Scene) -> None:
    original, copy, _ = scene.files
    scene.mark(copy, original)
    scene.act(scene.sender, Action.SUBMIT)
    again = reuse_files(
        actor=scene.sender,
        revision_id=scene.draft.revision_id,
        file_ids=[original, copy],
        requirement_id=scene.world.requirements["I.2"],
        now=scene.world.tick(),
    )
    assert scene.marks(again.revision_id) == {}


def test_the_pages_of_who_sees_all_tell_which_is_a_copy_of_which(scene: Scene) -> None:
    original, copy, other = scene.files
    scene.mark(copy, original)
    draft = get_draft(actor=scene.sender, evidence_id=scene.draft.evidence_id, now=scene.world.tick()).draft
    assert [file.id for file in draft.originals] == [original, other]
    assert [[c.id for c in draft.copies_of(file)] for file in draft.originals] == [[copy], []]
    story = get_timeline(actor=scene.sender, indicator_id=scene.world.indicators["I.1"], now=scene.world.tick())
    assert story.entries[-1].copy == ("samar.pdf", "asli.pdf")


def readers(scene: Scene, read: Callable[[Actor], object]) -> set[str]:
    """Who of the unit can read it, by what he is."""
    world = scene.world
    everybody = {
        "sender": scene.sender,
        "neighbour": scene.neighbour,
        "reviewer": scene.reviewer,
        "auditor": add_person(world, Role.AUDITOR),
        "trusted": add_person(world, Role.AUDITOR, restricted=True),
        "leader": add_person(world, Role.LEADER),
        "admin": add_person(world, Role.ADMIN),
        "foreigner": add_person(build_world(code=f"KPU-{uuid4().hex[:8]}"), Role.TPI_LEAD),
    }
    found = set()
    for name, actor in everybody.items():
        try:
            read(actor)
        except NotFound:
            continue
        found.add(name)
    return found


def test_copies_are_read_by_more_people_than_their_originals(scene: Scene) -> None:
    original, copy, other = scene.files
    scene.mark(copy, original)
    assert readers(scene, scene.copies) == set()
    assert readers(scene, lambda a: scene.fetch(a, copy)) == {"sender"}
    scene.act(scene.sender, Action.SUBMIT)
    assert readers(scene, scene.copies) == readers(scene, lambda a: scene.fetch(a, copy)) == {"sender", "reviewer"}
    scene.act(scene.reviewer, Action.APPROVE)
    everybody = {"sender", "neighbour", "reviewer", "auditor", "trusted", "leader"}
    assert readers(scene, scene.copies) == readers(scene, lambda a: scene.fetch(a, copy)) == everybody
    closed = [readers(scene, partial(scene.fetch, file_id=file)) for file in (original, other)]
    assert closed == 2 * [{"sender", "reviewer", "trusted"}]


def test_nothing_of_the_original_is_on_the_page_of_copies(scene: Scene) -> None:
    original, copy, _ = scene.files
    scene.mark(copy, original)
    scene.act(scene.sender, Action.SUBMIT)
    scene.act(scene.reviewer, Action.APPROVE)
    page = scene.copies(scene.neighbour)
    assert [(file.id, file.name) for file in page.files] == [(copy, "samar.pdf")]
    assert not page.sees_evidence
    assert {field.name for field in fields(CopyView)} == {"id", "name", "media_type", "size", "sha256"}
    with pytest.raises(NotFound):
        get_evidence(actor=scene.neighbour, evidence_id=scene.draft.evidence_id, now=scene.world.tick())


def test_req_21_reading_copies_is_recorded_too(scene: Scene) -> None:
    original, copy, _ = scene.files
    scene.mark(copy, original)
    scene.act(scene.sender, Action.SUBMIT)
    scene.act(scene.reviewer, Action.APPROVE)
    scene.copies(scene.neighbour)
    scene.fetch(scene.neighbour, copy)
    assert events_of()[-2:] == [EventName.PAGE_READ, EventName.FILE_READ]


def test_the_indicator_leads_to_copies_just_who_sees_nothing_else(scene: Scene) -> None:
    original, copy, _ = scene.files

    def led(actor: Actor) -> bool:
        page = get_indicator(actor=actor, indicator_id=scene.world.indicators["I.1"], now=scene.world.tick())
        return scene.draft.evidence_id in page.requirements[0].copies

    leader = add_person(scene.world, Role.LEADER)
    everybody = (scene.sender, scene.reviewer, scene.neighbour, leader)
    scene.mark(copy, original)
    assert not any(led(actor) for actor in everybody)
    scene.act(scene.sender, Action.SUBMIT)
    assert not any(led(actor) for actor in everybody)
    scene.act(scene.reviewer, Action.APPROVE)
    assert [actor for actor in everybody if led(actor)] == [scene.neighbour, leader]
