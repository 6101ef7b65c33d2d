"""Objects of the store against the rows that name them: that each is there and as long as it should be, and in a deep
check every byte of it.

Rows are read a batch at a time and no transaction is open while an object is read. Objects that no row names are the
sweeper's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import load_only

from portal.adapters.store import CHUNK_SIZE, BadKey, HashingReader, ObjectMissing, ObjectStore
from portal.models import BundleMember, StoredFile
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.rows import row_place, unreadable_told
from portal.services.verify.snapshot import snapshot

BATCH = 500
_FILE_COLUMNS = (
    StoredFile.object_key,
    StoredFile.version_id,
    StoredFile.size,
    StoredFile.sha256,
    StoredFile.crc32,
)
"""What is needed of a file: a value that cannot be read in another column is not for here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedObject:
    """An object as a row names it; `crc32` is unsigned."""

    place: str
    key: str
    version_id: str | None
    size: int
    sha256: str
    crc32: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsSeen:
    """How many objects were looked at, and how many bytes of them were read."""

    objects: int = 0
    bytes_read: int = 0


def check_objects(store: ObjectStore, findings: Findings, *, deep: bool) -> ObjectsSeen:
    """Look at every object that a row names; raises StoreUnavailable or StoreMisconfigured."""
    objects = bytes_read = 0
    with unreadable_told(findings, "objek"):
        for named in chain.from_iterable(_batches()):
            objects += 1
            with unreadable_told(findings, named.place):
                bytes_read += _check(store, named, findings, deep=deep)
    return ObjectsSeen(objects=objects, bytes_read=bytes_read)


def _check(store: ObjectStore, named: NamedObject, findings: Findings, *, deep: bool) -> int:
    """Check one object; returns the number of bytes that were read."""
    try:
        return _read(store, named, findings) if deep else _stat(store, named, findings)
    except (ObjectMissing, BadKey):
        findings.add(FindingCode.OBJECT_MISSING, named.place, expected=f"objek {named.key}", found=None)
        return 0


def _stat(store: ObjectStore, named: NamedObject, findings: Findings) -> int:
    found = store.stat(named.key, version_id=named.version_id)
    findings.compare(FindingCode.OBJECT_SIZE_WRONG, named.place, expected=named.size, found=found.size)
    return 0


def _read(store: ObjectStore, named: NamedObject, findings: Findings) -> int:
    with store.open(named.key, version_id=named.version_id) as source:
        reader = HashingReader(source)
        while reader.read(CHUNK_SIZE):
            pass
    findings.compare(FindingCode.OBJECT_SIZE_WRONG, named.place, expected=named.size, found=reader.size)
    findings.compare(
        FindingCode.OBJECT_CHANGED,
        named.place,
        expected=f"SHA-256 {named.sha256}, CRC-32 {named.crc32:08x}",
        found=f"SHA-256 {reader.sha256}, CRC-32 {reader.crc32:08x}",
    )
    return reader.size


def _batches() -> Iterator[Sequence[NamedObject]]:
    """Evidence files, then what the portal wrote into bundles; each batch in a short transaction of its own."""
    after: UUID | None = None
    while files := _files(after):
        yield [named for _, named in files]
        after = files[-1][0]
    last: tuple[UUID, int] | None = None
    while documents := _documents(last):
        yield [named for _, named in documents]
        last = documents[-1][0]


def _files(after: UUID | None) -> Sequence[tuple[UUID, NamedObject]]:
    options = load_only(*_FILE_COLUMNS, raiseload=True)
    query = select(StoredFile).options(options).order_by(StoredFile.id).limit(BATCH)
    if after is not None:
        query = query.where(StoredFile.id > after)
    with snapshot() as session:
        rows = session.execute(query).scalars()
        return [(row.id, _named(row, row_place("stored_file", row.id))) for row in rows]


def _documents(last: tuple[UUID, int] | None) -> Sequence[tuple[tuple[UUID, int], NamedObject]]:
    key = (BundleMember.bundle_id, BundleMember.position)
    query = select(BundleMember).where(BundleMember.file_id.is_(None)).order_by(*key).limit(BATCH)
    if last is not None:
        bundle, position = last
        later = and_(BundleMember.bundle_id == bundle, BundleMember.position > position)
        query = query.where(or_(BundleMember.bundle_id > bundle, later))
    with snapshot() as session:
        rows = session.execute(query).scalars()
        return [
            ((row.bundle_id, row.position), _named(row, row_place("bundle_member", (row.bundle_id, row.path))))
            for row in rows
        ]


def _named(row: StoredFile | BundleMember, place: str) -> NamedObject:
    return NamedObject(
        place=place,
        key=row.object_key,
        version_id=row.version_id,
        size=row.size,
        sha256=row.sha256,
        crc32=row.crc32,
    )
