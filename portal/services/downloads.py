"""Opening a file of a revision: the policy first, then the bytes, whose hash is checked while they are read.

No transaction is open while bytes flow. A mismatch breaks the stream, so a wrong file never ends as a complete one,
and it is recorded; so does and is the loss of access on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.adapters.store import CHUNK_SIZE, HashingReader, ObjectMissing, ObjectStore
from portal.domain.actor import Actor
from portal.domain.errors import IntegrityMismatch, NotFound
from portal.models import StoredFile
from portal.services.case import get_case
from portal.services.sending import Clock, begun, record_wrong_bytes, while_permitted
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFile:
    """A file on its way out; `chunks` raises IntegrityMismatch instead of ending when the bytes are not the recorded
    ones, and AccessEnded when the actor may not have them any more.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Located:
    file_id: UUID
    key: str
    version_id: str | None
    size: int
    sha256: str


def open_file(
    *, actor: Actor, revision_id: UUID, file_id: UUID, store: ObjectStore, clock: Clock, now: datetime
) -> OpenedFile:
    """A file of a revision that the actor may see; raises NotFound, or StoreUnavailable before the first byte."""
    with transaction(write=False) as session:
        case = get_case(session, actor=actor, revision_id=revision_id)
        file = next((part.file for part in case.revision.files if part.file_id == file_id), None)
        if file is None:
            raise NotFound
        located = _locate(file)
        name, media_type = file.name, file.media_type
    chunks = while_permitted(
        begun(_checked_chunks(located, store, actor, now), 1),
        actor=actor,
        obj=file_id,
        ask=lambda session, present: get_case(session, actor=present, revision_id=revision_id),
        clock=clock,
    )
    return OpenedFile(name=name, media_type=media_type, size=located.size, sha256=located.sha256, chunks=chunks)


def _locate(file: StoredFile) -> _Located:
    return _Located(
        file_id=file.id, key=file.object_key, version_id=file.version_id, size=file.size, sha256=file.sha256
    )


def _checked_chunks(file: _Located, store: ObjectStore, actor: Actor, now: datetime) -> Iterator[bytes]:
    """The last chunk is held back until the hash is known to be right."""
    try:
        with store.open(file.key, version_id=file.version_id) as source:
            reader = HashingReader(source)
            held = reader.read(CHUNK_SIZE)
            while chunk := reader.read(CHUNK_SIZE):
                yield held
                held = chunk
    except ObjectMissing as error:
        _record(file, None, actor, now)
        raise IntegrityMismatch("the object is gone") from error
    if reader.sha256 != file.sha256:
        _record(file, reader.sha256, actor, now)
        raise IntegrityMismatch("the object is not what was stored")
    yield held


def _record(file: _Located, found_sha256: str | None, actor: Actor, now: datetime) -> None:
    record_wrong_bytes(obj=file.file_id, expected_sha256=file.sha256, found_sha256=found_sha256, actor=actor, now=now)
