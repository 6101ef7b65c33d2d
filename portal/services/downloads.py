"""Opening a file of a revision: the policy first, then the trail, then the bytes, whose hash is checked while they are
read.

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
from portal.domain.errors import IntegrityMismatch
from portal.domain.events import FileRead
from portal.models import StoredFile
from portal.services.case import get_file_case
from portal.services.reading import record_file
from portal.services.sending import ByteRange, Clock, begun, cut, record_wrong_bytes, while_permitted
from portal.services.shown_revision import ShownRevision
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a conditional request needs to know of a file, without reading it; `size` is in bytes."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFile:
    """A file on its way out; `facts` are of the whole file, `chunks` the wanted bytes, and raises IntegrityMismatch
    instead of ending when they are not the recorded ones, and AccessEnded when the actor may not have them any more.
    """

    facts: FileFacts
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Located:
    file_id: UUID
    key: str
    version_id: str | None
    facts: FileFacts
    shown: ShownRevision


def get_file_facts(*, actor: Actor, revision_id: UUID, file_id: UUID, now: datetime) -> FileFacts:  # noqa: ARG001  # services take now
    """Name, type, size and hash of a file that the actor may read; raises NotFound."""
    return _find(actor, revision_id, file_id).facts


def open_file(
    *,
    actor: Actor,
    revision_id: UUID,
    file_id: UUID,
    wanted: ByteRange,
    store: ObjectStore,
    clock: Clock,
    now: datetime,
) -> OpenedFile:
    """The wanted bytes of a file that the actor may read; raises NotFound, or StoreUnavailable before the
    first byte. That he reads it is recorded as soon as its bytes are at hand, and before any of them is handed out.
    """
    located = _find(actor, revision_id, file_id)
    size = located.facts.size
    stop = size if wanted.stop is None else min(wanted.stop, size)
    chunks = begun(_checked_chunks(located, store, actor, now), 1)
    event = FileRead(
        obj=located.shown.evidence_id, rev=located.shown.number, file=file_id, start=wanted.start, stop=stop, size=size
    )
    record_file(event, located.shown, actor=actor, now=now)
    to_the_end = ByteRange(start=wanted.start, stop=None if stop == size else stop)
    permitted = while_permitted(
        cut(chunks, to_the_end),
        actor=actor,
        obj=file_id,
        ask=lambda session, present: get_file_case(session, actor=present, revision_id=revision_id, file_id=file_id),
        clock=clock,
    )
    return OpenedFile(facts=located.facts, chunks=permitted)


def _find(actor: Actor, revision_id: UUID, file_id: UUID) -> _Located:
    with transaction(write=False) as session:
        case, part = get_file_case(session, actor=actor, revision_id=revision_id, file_id=file_id)
        return _locate(part.file, case.shown)


def _locate(file: StoredFile, shown: ShownRevision) -> _Located:
    facts = FileFacts(name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256)
    return _Located(file_id=file.id, key=file.object_key, version_id=file.version_id, facts=facts, shown=shown)


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
    if reader.sha256 != file.facts.sha256:
        _record(file, reader.sha256, actor, now)
        raise IntegrityMismatch("the object is not what was stored")
    yield held


def _record(file: _Located, found_sha256: str | None, actor: Actor, now: datetime) -> None:
    record_wrong_bytes(
        obj=file.file_id, expected_sha256=file.facts.sha256, found_sha256=found_sha256, actor=actor, now=now
    )
