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

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.adapters.content import check_content
from portal.adapters.store import ExpectedDigest, ObjectStore, StoredObject, new_key
from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound
from portal.domain.events import FileRemoved, FileUploaded, Personal
from portal.domain.file_name import clean_file_name
from portal.domain.permissions import Permission
from portal.domain.policy import require
from portal.models import Contributor, RevisionFile, StoredFile
from portal.services import audit
from portal.services.case import Case, file_fact
from portal.services.drafts import get_open_draft
from portal.services.unit_of_work import transaction

MOST_FILES = 100


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


def add_files(
    *, actor: Actor, revision_id: UUID, files: Iterable[OfferedFile], store: ObjectStore, limit: int, now: datetime
) -> UploadReport:
    """Add each file that can be accepted; those that cannot are named with the way to mend them, the others go on.

    Raises NotFound, NotPermitted or InvalidTransition before anything is read.
    """
    require_open_draft(actor=actor, revision_id=revision_id)
    kept, refused = [], []
    for offered in files:
        try:
            kept.append(_add_file(actor, revision_id, offered, store, limit, now))
        except InvalidInput as refusal:
            refused.append(refusal.message)
    return UploadReport(kept=tuple(kept), refused=tuple(refused))


def require_open_draft(*, actor: Actor, revision_id: UUID) -> None:
    """Raise NotFound, NotPermitted or InvalidTransition unless the actor may add to this draft now."""
    with transaction(write=False) as session:
        get_open_draft(session, actor=actor, revision_id=revision_id)


def remove_file(*, actor: Actor, revision_id: UUID, file_id: UUID, now: datetime) -> None:
    """Take a file out of the draft; its object stays. Raises NotFound when it is not in it."""
    with transaction() as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        grant = require(actor, Permission.EDIT_DRAFT, case.subject)
        removed = session.execute(
            delete(RevisionFile)
            .where(RevisionFile.revision_id == revision_id, RevisionFile.file_id == file_id)
            .returning(RevisionFile.file_id)
        ).one_or_none()
        if removed is None:
            raise NotFound
        event = FileRemoved(obj=case.evidence.id, rev=case.revision.number, file=file_id)
        audit.record(
            session, event, actor=actor, now=now, grant=grant, scope=case.place.scope, area=case.place.area_code
        )


def next_position(session: Session, revision_id: UUID) -> int:
    """Where the next file of a revision goes; raises InvalidInput when it holds all it may."""
    last_position = func.coalesce(func.max(RevisionFile.position), -1)
    query = select(func.count(), last_position).where(RevisionFile.revision_id == revision_id)
    count, last = session.execute(query).one()
    if count >= MOST_FILES:
        raise InvalidInput("files", f"Satu bukti memuat paling banyak {MOST_FILES} berkas.")
    return last + 1


def add_contributor(session: Session, revision_id: UUID, user_id: UUID) -> None:
    """Note that somebody had a hand in the revision; noting it again changes nothing."""
    if session.get(Contributor, (revision_id, user_id)) is None:
        session.add(Contributor(revision_id=revision_id, user_id=user_id))
        session.flush()


def _add_file(
    actor: Actor, revision_id: UUID, offered: OfferedFile, store: ObjectStore, limit: int, now: datetime
) -> str:
    name = clean_file_name(offered.name)
    size = _checked_size(name, offered.stream, limit)
    media_type = check_content(name, offered.stream)
    offered.stream.seek(0)
    stored = store.put(new_key(), offered.stream, expected=ExpectedDigest(size=size), limit=limit)
    with transaction() as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        _refuse_same_bytes(case, name, stored)
        _record(session, case, actor, name, media_type, stored, now)
    return name


def _checked_size(name: str, stream: BinaryIO, limit: int) -> int:
    size = stream.seek(0, SEEK_END)
    if size == 0:
        raise InvalidInput("files", f"{name}: berkas ini kosong. Periksa berkasnya, lalu unggah lagi.")
    if size > limit:
        mega = 1024 * 1024
        raise InvalidInput(
            "files",
            f"{name}: berkas terlalu besar, {size / mega:.0f} MB, batasnya {limit // mega} MB. "
            "Kecilkan atau bagi menjadi beberapa berkas.",
        )
    return size


def _refuse_same_bytes(case: Case, name: str, stored: StoredObject) -> None:
    for part in case.revision.files:
        if part.file.sha256 == stored.sha256:
            raise InvalidInput("files", f"{name}: isinya sama dengan {part.file.name} yang sudah ada di bukti ini.")


def _record(
    session: Session, case: Case, actor: Actor, name: str, media_type: str, stored: StoredObject, now: datetime
) -> None:
    file = StoredFile(
        uploader_id=actor.person,
        name=name,
        media_type=media_type,
        size=stored.size,
        sha256=stored.sha256,
        crc32=stored.crc32,
        object_key=stored.key,
        version_id=stored.version_id,
        uploaded_at=now,
    )
    session.add(file)
    session.flush()
    position = next_position(session, case.revision.id)
    session.add(RevisionFile(revision_id=case.revision.id, file_id=file.id, position=position))
    add_contributor(session, case.revision.id, actor.person)
    event = FileUploaded(
        obj=case.evidence.id,
        rev=case.revision.number,
        fact=file_fact(file),
        object_key=file.object_key,
        version_id=file.version_id,
        name=Personal(name),
    )
    grant = require(actor, Permission.EDIT_DRAFT, case.subject)
    audit.record(session, event, actor=actor, now=now, grant=grant, scope=case.place.scope, area=case.place.area_code)
