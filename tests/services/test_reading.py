"""Who read what stands in the trail of its indicator before he has it, and growth has a bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID, uuid4

import pytest

from portal.adapters.local_store import LocalStore
from portal.adapters.store import StoreUnavailable
from portal.domain.actor import Actor, Origin
from portal.domain.events import READS, EventName
from portal.domain.reading import ReadPage
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.services.downloads import get_file_facts, open_file
from portal.services.drafts import Draft
from portal.services.evidence_page import get_draft, get_evidence
from portal.services.log_reader import LogEntry, list_entries
from portal.services.readiness import check_draft
from portal.services.reading import JOINED_FOR
from portal.services.receipt import get_receipt
from portal.services.reuse import get_reuse_choice
from portal.services.review import get_review
from portal.services.sending import ByteRange
from portal.services.timeline import get_timeline
from portal.services.timeline_view import Readings, Timeline
from portal.services.unit_of_work import transaction
from tests.builders.drafts import file_ids, started
from tests.builders.world import YEAR, World, act, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")

WHOLE = ByteRange()


@dataclass
class Scene:
    """A submitted evidence for I.1 with one file, its sender and a reviewer."""

    world: World
    store: LocalStore
    sender: Actor
    reviewer: Actor
    draft: Draft

    def fetch(self, actor: Actor, wanted: ByteRange = WHOLE) -> bytes:
        """Everything that is handed out."""
        file = open_file(
            actor=actor,
            revision_id=self.draft.revision_id,
            file_id=file_ids(self.draft.revision_id)[0],
            wanted=wanted,
            store=self.store,
            clock=lambda: self.world.clock,
            now=self.world.clock,
        )
        return b"".join(file.chunks)

    def reads(self) -> list[LogEntry]:
        with transaction(write=False) as session:
            return [e for e in list_entries(session, f"KPU-1502/{YEAR}/I.1.1") if e.name in READS]

    def later(self, by: timedelta) -> None:
        self.world.clock += by


def signed_in(actor: Actor) -> Actor:
    return replace(actor, origin=Origin(address="10.0.0.7", session=str(uuid4())))


@pytest.fixture
def open_scene(local_store: LocalStore) -> Callable[[str | None], Scene]:
    def opened(restricted: str | None) -> Scene:
        world = build_world(restricted=restricted)
        sender, reviewer = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.TPI_MEMBER)
        draft = started(world, sender, local_store)
        return Scene(world, local_store, signed_in(sender), signed_in(reviewer), draft)

    return opened


@pytest.fixture
def submitted(open_scene: Callable[[str | None], Scene]) -> Scene:
    scene = open_scene("I.1")
    act(scene.world, scene.sender, Action.SUBMIT, scene.draft.revision_id)
    return scene


@pytest.mark.parametrize("restricted", [None, "I.1"])
def test_req_21_each_download_is_recorded_with_who_when_and_which_bytes(
    open_scene: Callable[[str | None], Scene], restricted: str | None
) -> None:
    scene = open_scene(restricted)
    file_id = file_ids(scene.draft.revision_id)[0]
    size = len(scene.fetch(scene.sender))
    scene.fetch(scene.sender)
    scene.later(JOINED_FOR)
    assert len(scene.fetch(scene.sender, ByteRange(start=10, stop=20))) == 10
    seen = [(e.name, e.person, e.obj, e.rev, e.role, dict(e.data)) for e in scene.reads()]
    common = (EventName.FILE_READ, scene.sender.person, scene.draft.evidence_id, 1, Role.UPLOADER)
    whole = {"file": str(file_id), "start": 0, "stop": size, "size": size}
    assert seen == [(*common, whole), (*common, whole), (*common, {**whole, "start": 10, "stop": 20})]
    assert scene.reads()[-1].at == scene.world.clock


def test_req_21_asking_for_the_facts_of_a_file_is_no_read(submitted: Scene) -> None:
    get_file_facts(
        actor=submitted.reviewer,
        revision_id=submitted.draft.revision_id,
        file_id=file_ids(submitted.draft.revision_id)[0],
        now=submitted.world.clock,
    )
    assert submitted.reads() == []


def test_the_rest_of_a_download_that_broke_off_belongs_to_it(submitted: Scene) -> None:
    whole = submitted.fetch(submitted.reviewer)
    assert submitted.fetch(submitted.reviewer, ByteRange(start=5)) == whole[5:]
    assert len(submitted.reads()) == 1
    submitted.fetch(signed_in(submitted.reviewer), ByteRange(start=5))
    assert len(submitted.reads()) == 2, "another session is somebody else's download"
    submitted.later(JOINED_FOR)
    submitted.fetch(submitted.reviewer, ByteRange(start=5))
    assert len(submitted.reads()) == 3, "after a while it is a download of its own"
    submitted.fetch(submitted.reviewer, ByteRange(start=4))
    assert len(submitted.reads()) == 4, "a byte more than was recorded"


def unwritable(actor: Actor) -> Actor:
    """The same person, of whom no event can be written."""
    return replace(actor, origin=Origin(address="\ud800", session=str(uuid4())))


def test_req_19_a_download_that_cannot_be_recorded_does_not_begin(submitted: Scene) -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        submitted.fetch(unwritable(submitted.reviewer))
    assert submitted.reads() == []


def test_a_store_that_is_away_is_no_read(submitted: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(submitted.store, "open", away)
    with pytest.raises(StoreUnavailable):
        submitted.fetch(submitted.reviewer)
    assert submitted.reads() == []


Opens: TypeAlias = Callable[[Scene, Actor], object]
PAGES: dict[ReadPage, Opens] = {
    ReadPage.EVIDENCE: lambda s, a: get_evidence(actor=a, evidence_id=s.draft.evidence_id, now=s.world.clock),
    ReadPage.REVIEW: lambda s, a: get_review(actor=a, revision_id=s.draft.revision_id, now=s.world.clock),
    ReadPage.RECEIPT: lambda s, a: get_receipt(actor=a, revision_id=s.draft.revision_id, now=s.world.clock),
    ReadPage.REUSE: lambda s, a: get_reuse_choice(actor=a, revision_id=s.draft.revision_id, now=s.world.clock),
}
"""How each page of a submitted revision is opened."""

DRAFT_PAGES: tuple[Opens, ...] = (
    lambda s, a: get_draft(actor=a, evidence_id=s.draft.evidence_id, now=s.world.clock),
    lambda s, a: check_draft(actor=a, evidence_id=s.draft.evidence_id, now=s.world.clock),
)


def test_every_page_is_opened_here() -> None:
    elsewhere = {ReadPage.DRAFT, ReadPage.COPIES}  # below, and in test_redactions.py
    assert {*PAGES, *elsewhere} == set(ReadPage), "a page of ReadPage that no test opens"


@pytest.mark.parametrize("page", PAGES)
def test_req_21_opening_a_page_of_a_restricted_revision_is_recorded_once_in_a_while(
    submitted: Scene, page: ReadPage
) -> None:
    for _ in range(3):
        PAGES[page](submitted, submitted.reviewer)
    (read,) = submitted.reads()
    assert (read.name, read.person, read.obj, read.rev) == (
        EventName.PAGE_READ,
        submitted.reviewer.person,
        submitted.draft.evidence_id,
        1,
    )
    assert read.data == {"page": page.value}
    submitted.later(JOINED_FOR)
    PAGES[page](submitted, submitted.reviewer)
    assert len(submitted.reads()) == 2


@pytest.mark.parametrize("page", PAGES)
def test_req_19_a_restricted_page_that_cannot_be_recorded_is_not_shown(submitted: Scene, page: ReadPage) -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        PAGES[page](submitted, unwritable(submitted.reviewer))


def test_pages_of_what_is_not_restricted_are_not_recorded(open_scene: Callable[[str | None], Scene]) -> None:
    scene = open_scene(None)
    act(scene.world, scene.sender, Action.SUBMIT, scene.draft.revision_id)
    for opens in PAGES.values():
        opens(scene, scene.reviewer)
    assert scene.reads() == []


@pytest.mark.parametrize("opens", DRAFT_PAGES, ids=["draft", "check"])
def test_a_restricted_draft_is_recorded_when_somebody_else_reads_it(
    open_scene: Callable[[str | None], Scene], opens: Opens
) -> None:
    scene = open_scene("I.1")
    opens(scene, scene.sender)
    assert scene.reads() == []
    colleague = signed_in(add_person(scene.world, Role.UPLOADER, area="I"))
    opens(scene, colleague)
    assert [(e.person, e.data) for e in scene.reads()] == [(colleague.person, {"page": ReadPage.DRAFT.value})]


def test_req_21_opening_the_timeline_is_recorded_for_who_sees_restricted_texts_in_it(submitted: Scene) -> None:
    for _ in range(2):
        timeline(submitted, submitted.reviewer, with_reads=False)
    timeline(submitted, add_person(submitted.world, Role.AUDITOR), with_reads=False)
    assert [(e.name, e.person, e.obj) for e in submitted.reads()] == [
        (EventName.TRAIL_READ, submitted.reviewer.person, submitted.world.indicators["I.1"])
    ]


def timeline(scene: Scene, actor: Actor, *, with_reads: bool) -> Timeline:
    indicator_id: UUID = scene.world.indicators["I.1"]
    return get_timeline(actor=actor, indicator_id=indicator_id, with_reads=with_reads, now=scene.world.clock)


def test_the_story_counts_reads_and_tells_them_together_when_asked(submitted: Scene) -> None:
    submitted.fetch(submitted.reviewer)
    PAGES[ReadPage.EVIDENCE](submitted, submitted.sender)
    act(submitted.world, submitted.reviewer, Action.APPROVE, submitted.draft.revision_id)
    submitted.fetch(submitted.sender)
    plain, full = (timeline(submitted, submitted.sender, with_reads=shown) for shown in (False, True))
    assert plain.entries == full.entries == plain.parts
    assert (plain.reads, full.reads) == (3, 4), "the first look at the timeline is a read, too"
    before, after = (part for part in full.parts if isinstance(part, Readings))
    assert [(read.page, read.file_name, read.is_whole) for read in before.reads] == [
        (None, "SK.pdf", True),
        (ReadPage.EVIDENCE, None, False),
    ]
    assert (before.readers, after.readers) == (2, 1)
    blind = timeline(submitted, add_person(submitted.world, Role.AUDITOR), with_reads=True)
    assert {read.file_name for part in blind.parts if isinstance(part, Readings) for read in part.reads} == {None}
