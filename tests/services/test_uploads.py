"""Files of a draft: what is kept of them, in which order it becomes durable, and what is refused."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zlib import crc32

import pytest
from sqlalchemy import func, select

from portal.adapters.local_store import LocalStore
from portal.adapters.store import ExpectedDigest, ObjectStore, Readable, StoredObject, StoreUnavailable
from portal.db import db
from portal.domain.errors import InvalidTransition, NotFound
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import LogOpening, StoredFile
from portal.services import uploads
from portal.services.unit_of_work import transaction
from portal.services.uploads import OfferedFile, add_files, remove_file
from tests.builders import documents
from tests.builders.drafts import (
    LIMIT,
    add,
    contributors,
    events_of,
    file_ids,
    file_names,
    leaves,
    start,
    started,
)
from tests.builders.world import act, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture(params=["local_store", "minio_store"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """An empty store; the test runs once on each kind."""
    chosen: ObjectStore = request.getfixturevalue(request.param)
    return chosen


class FlakyStore(LocalStore):
    """Cannot be reached whenever it should take these bytes."""

    def __init__(self, folder: Path, *, fails_for: bytes) -> None:
        super().__init__(folder)
        self._fails_for = fails_for

    def put(
        self, key: str, stream: Readable, *, expected: ExpectedDigest | None = None, limit: int | None = None
    ) -> StoredObject:
        content = stream.read(LIMIT)
        if content == self._fails_for:
            raise StoreUnavailable
        return super().put(key, BytesIO(content), expected=expected, limit=limit)


def stored_files() -> int:
    with transaction(write=False) as session:
        return session.execute(select(func.count()).select_from(StoredFile)).scalar_one()


def test_a_file_is_recorded_with_what_its_bytes_are(store: ObjectStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft, content = start(world, sender), documents.pdf()
    offered = OfferedFile("C:\\Kantor\\SK Tim.pdf", BytesIO(content))
    report = add_files(
        actor=sender, revision_id=draft.revision_id, files=[offered], store=store, limit=LIMIT, now=world.tick()
    )
    assert (report.kept, report.refused) == (("SK Tim.pdf",), ())
    with transaction(write=False) as session:
        file = session.execute(select(StoredFile)).scalar_one()
        key, version_id = file.object_key, file.version_id
        assert (file.name, file.media_type, file.size) == ("SK Tim.pdf", "application/pdf", len(content))
        assert (file.sha256, file.crc32) == (sha256(content).hexdigest(), crc32(content))
        assert (file.uploader_id, file.uploaded_at) == (sender.person, world.clock)
        assert session.execute(select(LogOpening.value).where(LogOpening.field == "name")).scalar_one() == "SK Tim.pdf"
    with store.open(key, version_id=version_id) as reader:
        assert reader.read(LIMIT) == content
    assert events_of() == [EventName.EVIDENCE_STARTED, EventName.FILE_UPLOADED]


def test_everybody_who_adds_a_file_is_a_contributor_once(local_store: LocalStore) -> None:
    world = build_world()
    first, second = add_person(world, Role.UPLOADER), add_person(world, Role.AREA_COORDINATOR)
    draft = started(world, first, local_store)
    add(world, second, draft, local_store, a_txt=b"a", b_txt=b"b")
    assert contributors(draft.revision_id) == {first.person, second.person}
    assert file_names(draft.revision_id) == ["SK.pdf", "a.txt", "b.txt"]


def test_what_is_refused_is_named_and_the_others_go_on(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    report = add(
        world,
        sender,
        draft,
        local_store,
        program_exe=b"MZ",
        palsu_pdf=b"bukan",
        kosong_pdf=b"",
        sama_pdf=documents.pdf("SK"),
        besar_txt=b"x" * (LIMIT + 1),
        rapat_txt=b"catatan",
    )
    assert report.kept == ("rapat.txt",)
    assert [sentence.split(": ", 1)[0] for sentence in report.refused] == [
        "program.exe",
        "palsu.pdf",
        "kosong.pdf",
        "sama.pdf",
        "besar.txt",
    ]
    assert "isinya sama dengan SK.pdf" in report.refused[3]
    assert "21 MB, batasnya 20 MB" in report.refused[4]
    assert file_names(draft.revision_id) == ["SK.pdf", "rapat.txt"]
    assert events_of().count(EventName.FILE_UPLOADED) == 2


def test_while_bytes_are_read_no_transaction_is_open_and_no_connection_taken(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = start(world, sender)
    reads = []

    class Watched(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            reads.append((db.session().in_transaction(), db.engine.pool.checkedout()))  # type: ignore[attr-defined]  # of the pools in use
            return super().read(size)

    add_files(
        actor=sender,
        revision_id=draft.revision_id,
        files=[OfferedFile("SK.pdf", Watched(documents.pdf())), OfferedFile("a.txt", Watched(b"a"))],
        store=local_store,
        limit=LIMIT,
        now=world.tick(),
    )
    assert set(reads) == {(False, 0)}


def test_nothing_is_read_from_who_may_not_add(local_store: LocalStore) -> None:
    class Unread(BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise AssertionError("the body was read")

    world = build_world()
    sender = add_person(world, Role.UPLOADER, area="I")
    draft = started(world, sender, local_store)
    files = [OfferedFile("a.txt", Unread(b"a"))]
    strangers = [add_person(world, Role.UPLOADER, area="II"), add_person(world, Role.TPI_MEMBER)]
    for actor in strangers:
        with pytest.raises(NotFound):
            add_files(
                actor=actor,
                revision_id=draft.revision_id,
                files=files,
                store=local_store,
                limit=LIMIT,
                now=world.tick(),
            )
    act(world, sender, Action.SUBMIT, draft.revision_id)
    with pytest.raises(InvalidTransition):
        add_files(
            actor=sender, revision_id=draft.revision_id, files=files, store=local_store, limit=LIMIT, now=world.tick()
        )


def test_a_crash_after_the_store_leaves_an_object_without_row_and_event(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As if the process were gone."""

    def die(*_: object) -> None:
        raise Killed

    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft, before = start(world, sender), leaves()
    monkeypatch.setattr(uploads, "_record", die)
    with pytest.raises(Killed):
        add(world, sender, draft, store, SK_pdf=documents.pdf())
    assert len(list(store.list_objects())) == 1
    assert stored_files() == 0
    assert leaves() == before
    assert contributors(draft.revision_id) == {sender.person}


def test_a_draft_that_was_submitted_meanwhile_gets_no_file(local_store: LocalStore) -> None:
    """The colleague is quicker than the upload: the file was let in, and its record is refused."""
    world = build_world()
    sender, colleague = add_person(world, Role.UPLOADER), add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)

    class Slow(BytesIO):
        was_read = False

        def read(self, size: int | None = -1, /) -> bytes:
            if not self.was_read:
                self.was_read = True
                act(world, colleague, Action.SUBMIT, draft.revision_id)
            return super().read(size)

    with pytest.raises(InvalidTransition):
        add_files(
            actor=sender,
            revision_id=draft.revision_id,
            files=[OfferedFile("a.txt", Slow(b"a"))],
            store=local_store,
            limit=LIMIT,
            now=world.tick(),
        )
    assert file_names(draft.revision_id) == ["SK.pdf"]


def test_a_store_that_is_away_for_one_file_takes_the_others(tmp_path: Path) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = start(world, sender)
    store = FlakyStore(tmp_path / "flaky", fails_for=b"dua")
    report = add(world, sender, draft, store, satu_txt=b"satu", dua_txt=b"dua", tiga_txt=b"tiga")
    assert report.kept == ("satu.txt", "tiga.txt")
    assert report.refused == ("dua.txt: " + uploads.STORE_AWAY,)


def test_a_draft_holds_so_many_files_and_the_next_ones_are_not_stored(
    local_store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    report = add(world, sender, draft, local_store, a_txt=b"a", b_txt=b"b", c_txt=b"c", d_txt=b"d")
    assert report.kept == ("a.txt", "b.txt")
    assert [sentence.split(":")[0] for sentence in report.refused] == ["c.txt", "d.txt"]
    assert len(list(local_store.list_objects())) == 3


def test_a_removed_file_leaves_the_draft_and_stays_in_store_and_trail(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    (file_id,) = file_ids(draft.revision_id)
    remove_file(actor=sender, revision_id=draft.revision_id, file_id=file_id, now=world.tick())
    assert file_ids(draft.revision_id) == []
    assert events_of()[-1] == EventName.FILE_REMOVED
    assert len(list(local_store.list_objects())) == stored_files() == 1
    before = leaves()
    with pytest.raises(NotFound):
        remove_file(actor=sender, revision_id=draft.revision_id, file_id=file_id, now=world.tick())
    assert leaves() == before


def test_the_same_bytes_may_come_again_once_they_were_taken_out(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    remove_file(actor=sender, revision_id=draft.revision_id, file_id=file_ids(draft.revision_id)[0], now=world.tick())
    assert add(world, sender, draft, local_store, lagi_pdf=documents.pdf("SK")).kept == ("lagi.pdf",)


def test_req_17_a_file_is_not_taken_out_of_what_was_submitted(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    (file_id,) = file_ids(draft.revision_id)
    act(world, sender, Action.SUBMIT, draft.revision_id)
    with pytest.raises(InvalidTransition):
        remove_file(actor=sender, revision_id=draft.revision_id, file_id=file_id, now=world.tick())
    assert file_ids(draft.revision_id) == [file_id]
