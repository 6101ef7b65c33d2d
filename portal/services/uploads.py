"""Files of a draft: stored first, recorded second, in this order whatever happens.

The body is read while no transaction is open. What a crash leaves behind is an object without a row, which the
sweeper finds; a row without an object cannot be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from os import SEEK_END
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.adapters.content import check_content
from portal.adapters.store import ExpectedDigest, ObjectStore, StoredObject, StoreFull, StoreUnavailable, new_key
from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound
from portal.domain.events import FileRemoved, FileUploaded, Personal
from portal.domain.file_name import clean_file_name
from portal.models import RevisionFile, StoredFile
from portal.services.case import Case, file_fact
from portal.services.draft_change import get_open_draft, record_change
from portal.services.redactions import unmark_around
from portal.services.unit_of_work import transaction
from portal.services.upload_rules import UploadRules, Used, count_used, refuse_beyond, refuse_virus

MOST_FILES = 100
MEGA = 1 << 20
FULL = f"satu bukti memuat paling banyak {MOST_FILES} berkas. Keluarkan yang tidak perlu, atau gabungkan."
STORE_FULL = (
    "ruang penyimpanan portal hampir habis, jadi berkas ini belum diterima. Yang sudah tersimpan tetap ada; "
    "beri tahu admin, lalu unggah lagi."
)
NO_SCANNER = UploadRules()
STORE_AWAY = "tempat penyimpanan sedang tidak dapat dihubungi. Draf tetap ada; unggah lagi berkas ini nanti."


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """A file as a person sent it: the name he gave it, and its bytes in a seekable stream."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadReport:
    """What became of several files: the names that were kept, and a sentence for each that was refused."""

    kept: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A file that lies in the store and has no row yet."""

    name: str
    media_type: str
    stored: StoredObject

    def row(self, actor: Actor, now: datetime) -> StoredFile:
        return StoredFile(
            uploader_id=actor.person,
            name=self.name,
            media_type=self.media_type,
            size=self.stored.size,
            sha256=self.stored.sha256,
            crc32=self.stored.crc32,
            object_key=self.stored.key,
            version_id=self.stored.version_id,
            uploaded_at=now,
        )


def add_files(
    *,
    actor: Actor,
    revision_id: UUID,
    files: Iterable[OfferedFile],
    store: ObjectStore,
    limit: int,
    now: datetime,
    rules: UploadRules = NO_SCANNER,
) -> UploadReport:
    """Add each file that can be accepted; those that cannot are named with the way to mend them, the others go on.

    `limit` is in bytes, for one file. Raises NotFound, NotPermitted or InvalidTransition before anything is read.
    """
    room, used = _look(actor, revision_id, now)
    kept: list[str] = []
    refused: list[str] = []
    for offered in files:
        name = clean_file_name(offered.name)
        try:
            _refuse_without_room(name, room - len(kept))
            media_type = _checked_type(name, offered.stream, limit)
            refuse_beyond(name, used.plus(_size(offered.stream)), rules)
            refuse_virus(name, offered.stream, rules.scanner)
            stored = _put(store, offered.stream, limit)
            _record(actor, revision_id, _Accepted(name, media_type, stored), rules, now)
        except InvalidInput as refusal:
            refused.append(refusal.message)
        except StoreFull:
            refused.append(f"{name}: {STORE_FULL}")
        except StoreUnavailable:
            refused.append(f"{name}: {STORE_AWAY}")
        else:
            kept.append(name)
            used = used.plus(stored.size)
    return UploadReport(kept=tuple(kept), refused=tuple(refused))


def remove_file(*, actor: Actor, revision_id: UUID, file_id: UUID, now: datetime) -> None:
    """Take a file out of the draft; its object stays. Raises NotFound when it is not in it."""
    with transaction() as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        unmark_around(session, case, file_id, actor=actor, now=now)
        removed = session.execute(
            delete(RevisionFile)
            .where(RevisionFile.revision_id == revision_id, RevisionFile.file_id == file_id)
            .returning(RevisionFile.file_id)
        ).one_or_none()
        if removed is None:
            raise NotFound
        event = FileRemoved(obj=case.evidence.id, rev=case.revision.number, file=file_id)
        record_change(session, case, event, actor=actor, now=now)


def _look(actor: Actor, revision_id: UUID, now: datetime) -> tuple[int, Used]:
    """How many more files the draft takes and what counts against the rules, if the actor may add to it now."""
    with transaction(write=False) as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        return MOST_FILES - len(case.revision.files), _used(session, case, actor, now)


def _used(session: Session, case: Case, actor: Actor, now: datetime) -> Used:
    return count_used(session, indicator_id=case.requirement.indicator_id, uploader_id=actor.person, now=now)


def _refuse_without_room(name: str, room: int) -> None:
    if room <= 0:
        raise InvalidInput("files", f"{name}: {FULL}")


def _checked_type(name: str, stream: BinaryIO, limit: int) -> str:
    """The media type; raises InvalidInput for a size or a content that is not accepted."""
    size = _size(stream)
    if size == 0:
        raise InvalidInput("files", f"{name}: berkas ini kosong. Periksa berkasnya, lalu unggah lagi.")
    if size > limit:
        raise InvalidInput(
            "files",
            f"{name}: berkas terlalu besar, {-(-size // MEGA)} MB, batasnya {limit // MEGA} MB. "
            "Kecilkan atau bagi menjadi beberapa berkas.",
        )
    return check_content(name, stream)


def _size(stream: BinaryIO) -> int:
    return stream.seek(0, SEEK_END)


def _put(store: ObjectStore, stream: BinaryIO, limit: int) -> StoredObject:
    size = _size(stream)
    stream.seek(0)
    return store.put(new_key(), stream, expected=ExpectedDigest(size=size), limit=limit)


def _record(actor: Actor, revision_id: UUID, accepted: _Accepted, rules: UploadRules, now: datetime) -> None:
    """Bind the object to the draft; raises InvalidInput when the draft has these bytes already, or something is full
    that was not before the file was read.
    """
    with transaction() as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        _refuse_without_room(accepted.name, MOST_FILES - len(case.revision.files))
        refuse_beyond(accepted.name, _used(session, case, actor, now).plus(accepted.stored.size), rules)
        _refuse_same_bytes(case, accepted)
        file = accepted.row(actor, now)
        session.add(file)
        session.flush()
        position = max((part.position for part in case.revision.files), default=-1) + 1
        session.add(RevisionFile(revision_id=revision_id, file_id=file.id, position=position))
        event = FileUploaded(
            obj=case.evidence.id,
            rev=case.revision.number,
            fact=file_fact(file),
            object_key=file.object_key,
            version_id=file.version_id,
            name=Personal(file.name),
        )
        record_change(session, case, event, actor=actor, now=now)


def _refuse_same_bytes(case: Case, accepted: _Accepted) -> None:
    for part in case.revision.files:
        if part.file.sha256 == accepted.stored.sha256:
            raise InvalidInput(
                "files", f"{accepted.name}: isinya sama dengan {part.file.name} yang sudah ada di bukti ini."
            )
