"""Files on their way out: who gets them, and what happens when the bytes are not what was stored."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from minio import Minio

from portal.adapters.local_store import LocalStore
from portal.adapters.minio_store import MinioStore
from portal.adapters.store import CHUNK_SIZE, ObjectStore, StoreUnavailable, is_key
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.errors import IntegrityMismatch, NotFound
from portal.domain.events import SYSTEM_SCOPE, EventName
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.services.downloads import OpenedFile, open_file
from portal.services.drafts import Draft
from portal.services.log_reader import list_entries
from portal.services.sending import ByteRange
from portal.services.unit_of_work import transaction
from tests.builders.drafts import add, file_ids, start, started
from tests.builders.world import World, act, add_person, build_world
from tests.servers.s3 import S3Server

pytestmark = pytest.mark.usefixtures("app_context")

LONG = b"baris panjang\n" * 200_000
"""More than two chunks."""


WHOLE = ByteRange()


def opened(world: World, actor: Actor, draft: Draft, store: ObjectStore, wanted: ByteRange = WHOLE) -> OpenedFile:
    return open_file(
        actor=actor,
        revision_id=draft.revision_id,
        file_id=file_ids(draft.revision_id)[0],
        wanted=wanted,
        store=store,
        clock=world.tick,
        now=world.tick(),
    )


def long_text(world: World, sender: Actor, store: ObjectStore) -> Draft:
    draft = start(world, sender)
    assert add(world, sender, draft, store, catatan_txt=LONG).kept
    return draft


def object_path(folder: Path) -> Path:
    """The one object that the test's local store holds."""
    (path,) = [path for path in (folder / "objects").rglob("*") if path.is_file() and is_key(path.name[-32:])]
    path.chmod(0o600)
    return path


def failures() -> list[EventName]:
    with transaction(write=False) as session:
        entries = list_entries(session, SYSTEM_SCOPE)
    return [entry.name for entry in entries if entry.name is EventName.FIXITY_FAILED]


def test_the_bytes_come_as_they_were_sent_while_no_transaction_is_open(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    file = opened(world, sender, long_text(world, sender, local_store), local_store)
    assert (file.facts.name, file.facts.media_type, file.facts.size) == ("catatan.txt", "text/plain", len(LONG))
    chunks = []
    for chunk in file.chunks:
        assert not db.session().in_transaction()
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of the pools in use
        chunks.append(chunk)
    assert len(chunks) > 2
    assert b"".join(chunks) == LONG


def test_who_may_not_see_the_revision_gets_no_file(local_store: LocalStore) -> None:
    world = build_world(restricted="I.1")
    sender, auditor = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.AUDITOR)
    trusted, lead = add_person(world, Role.AUDITOR, restricted=True), add_person(world, Role.TPI_LEAD)
    neighbour, leader = add_person(world, Role.UPLOADER, area="II"), add_person(world, Role.LEADER)
    admin, foreigner = add_person(world, Role.ADMIN), add_person(build_world(code="KPU-1503"), Role.TPI_LEAD)
    draft = started(world, sender, local_store)
    everybody = {sender, auditor, trusted, lead, neighbour, leader, admin, foreigner}

    def readers() -> set[Actor]:
        found = set()
        for actor in everybody:
            try:
                opened(world, actor, draft, local_store)
            except NotFound:
                continue
            found.add(actor)
        return found

    assert readers() == {sender}
    act(world, sender, Action.SUBMIT, draft.revision_id)
    assert readers() == {sender, lead}
    act(world, lead, Action.APPROVE, draft.revision_id)
    assert readers() == {sender, lead, trusted}


def test_req_04_a_file_of_another_revision_is_not_given_out_under_this_one(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft, other = started(world, sender, local_store), started(world, sender, local_store, "I.2", text="lain")
    for file_id in (file_ids(other.revision_id)[0], uuid4()):
        with pytest.raises(NotFound):
            open_file(
                actor=sender,
                revision_id=draft.revision_id,
                file_id=file_id,
                wanted=WHOLE,
                store=local_store,
                clock=world.tick,
                now=world.tick(),
            )


@pytest.mark.parametrize("at", [0, CHUNK_SIZE + 5, len(LONG) - 1])
def test_req_37_changed_bytes_never_end_as_a_whole_file_and_are_recorded(
    at: int, local_store: LocalStore, tmp_path: Path
) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = long_text(world, sender, local_store)
    path = object_path(tmp_path)
    with path.open("r+b") as content:
        content.seek(at)
        content.write(b"X")
    received: list[bytes] = []
    file = opened(world, sender, draft, local_store)
    with pytest.raises(IntegrityMismatch):
        received.extend(file.chunks)
    assert sum(map(len, received)) < file.facts.size
    assert failures() == [EventName.FIXITY_FAILED]


@pytest.mark.parametrize("content", [b"", LONG[:-1], LONG + b"x"])
def test_a_torn_or_grown_object_is_a_mismatch_too(content: bytes, local_store: LocalStore, tmp_path: Path) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = long_text(world, sender, local_store)
    path = object_path(tmp_path)
    path.write_bytes(content)
    with pytest.raises(IntegrityMismatch):
        list(opened(world, sender, draft, local_store).chunks)
    assert failures() == [EventName.FIXITY_FAILED]


def test_a_lost_object_is_recorded_before_anything_is_sent(local_store: LocalStore, tmp_path: Path) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    object_path(tmp_path).unlink()
    with pytest.raises(IntegrityMismatch):
        opened(world, sender, draft, local_store)
    assert failures() == [EventName.FIXITY_FAILED]


def test_a_store_that_is_away_is_told_before_the_first_byte(
    local_store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable

    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    monkeypatch.setattr(local_store, "open", away)
    with pytest.raises(StoreUnavailable):
        opened(world, sender, draft, local_store)
    assert failures() == []


def test_a_bucket_with_versions_gives_the_recorded_bytes_whatever_came_after(
    minio_store: MinioStore, minio_server: S3Server
) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = long_text(world, sender, minio_store)
    ((bucket, key, _),) = versions(minio_server, minio_store)
    administrator(minio_server).put_object(bucket, key, BytesIO(b"palsu"), 5)
    assert b"".join(opened(world, sender, draft, minio_store).chunks) == LONG
    assert failures() == []


def test_a_version_that_the_bucket_lost_is_recorded_before_anything_is_sent(
    minio_store: MinioStore, minio_server: S3Server
) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, minio_store)
    ((bucket, key, version_id),) = versions(minio_server, minio_store)
    administrator(minio_server).put_object(bucket, key, BytesIO(b"palsu"), 5)
    administrator(minio_server).remove_object(bucket, key, version_id)
    with pytest.raises(IntegrityMismatch):
        opened(world, sender, draft, minio_store)
    assert failures() == [EventName.FIXITY_FAILED]


def test_a_mismatch_is_recorded_with_both_hashes_and_who_met_it(local_store: LocalStore, tmp_path: Path) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = long_text(world, sender, local_store)
    object_path(tmp_path).write_bytes(b"palsu")
    with pytest.raises(IntegrityMismatch):
        list(opened(world, sender, draft, local_store).chunks)
    with transaction(write=False) as session:
        entry = list_entries(session, SYSTEM_SCOPE)[-1]
    assert (entry.obj, entry.person, entry.at) == (file_ids(draft.revision_id)[0], sender.person, world.clock)
    assert entry.data == {
        "expected_sha256": sha256(LONG).hexdigest(),
        "found_sha256": sha256(b"palsu").hexdigest(),
    }


def administrator(server: S3Server) -> Minio:
    """Somebody with the keys, without our rules."""
    return Minio(server.endpoint, server.access_key, server.secret_key, secure=server.secure)


def versions(server: S3Server, store: MinioStore) -> list[tuple[str, str, str | None]]:
    """Bucket, key and version of all that the store holds."""
    bucket = store._bucket
    found = administrator(server).list_objects(bucket, recursive=True, include_version=True)
    return [(bucket, str(item.object_name), item.version_id) for item in found]
