"""Sending a sealed bundle: the same bytes every time, from the rows and objects that the seal fixed.

That somebody takes it is recorded before the first byte leaves. No transaction is open while bytes flow; each whole
member is hashed on its way, and a mismatch breaks the connection, so that a wrong bundle never ends as a complete
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.store import CHUNK_SIZE, HashingReader, ObjectMissing, ObjectStore
from portal.domain.actor import Actor
from portal.domain.bundle.layout import BagFile
from portal.domain.bundle.zip_plan import MemberSlice, plan_zip
from portal.domain.errors import IntegrityMismatch, NotFound
from portal.domain.events import BundleDownloaded, FixityFailed
from portal.domain.permissions import Permission
from portal.domain.policy import require
from portal.models import Bundle, BundleMember
from portal.services import audit
from portal.services.bundle_contents import BundleScope, get_scope_place
from portal.services.bundle_sealing import zip_entries
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """Bytes from `start` up to, not including, `stop`; None means the end."""

    start: int = 0
    stop: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A bundle on its way: `size` is that of the whole file, `start` and `stop` what of it is sent."""

    name: str
    size: int
    etag: str
    start: int
    stop: int
    chunks: Iterator[bytes]


class RangeUnsatisfiable(NotFound):
    """The bytes asked for lie outside the file; `size` is its length."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFacts:
    """What a conditional request needs to know of a bundle, without taking it."""

    name: str
    size: int
    etag: str


def get_bundle_facts(*, actor: Actor, bundle_id: UUID, now: datetime) -> BundleFacts:  # noqa: ARG001  # services take now
    """Name, size and strong ETag of a bundle that the actor sealed and may still have; raises NotFound."""
    with transaction(write=False) as session:
        bundle = _get_own(session, actor, bundle_id)
        return BundleFacts(name=f"{bundle.name}.zip", size=bundle.size, etag=_etag(bundle))


def open_bundle(*, actor: Actor, bundle_id: UUID, wanted: ByteRange, store: ObjectStore, now: datetime) -> Delivery:
    """The bytes of a bundle that the actor sealed and may still have; raises NotFound or RangeUnsatisfiable."""
    with transaction() as session:
        bundle = _get_own(session, actor, bundle_id)
        stop = bundle.size if wanted.stop is None else min(wanted.stop, bundle.size)
        if not 0 <= wanted.start < stop:
            raise RangeUnsatisfiable(bundle.size)
        _, subject = get_scope_place(session, actor, _scope(bundle))
        grant = require(actor, Permission.SEAL_BUNDLE, subject)
        audit.record(session, BundleDownloaded(obj=bundle.id), actor=actor, now=now, grant=grant)
        members = _members(session, bundle)
        name, size, etag, sealed_at = bundle.name, bundle.size, _etag(bundle), bundle.sealed_at
    plan = plan_zip(zip_entries(name, [member.bag for member in members]), sealed_at)
    segments = plan.segments(wanted.start, stop)
    return Delivery(
        name=f"{name}.zip",
        size=size,
        etag=etag,
        start=wanted.start,
        stop=stop,
        chunks=_chunks(segments, members, store, actor, now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    bag: BagFile
    object_key: str
    version_id: str | None
    file_id: UUID | None


def _get_own(session: Session, actor: Actor, bundle_id: UUID) -> Bundle:
    """A bundle goes only to who sealed it, because it holds just what he might read, and only while he may seal."""
    bundle = session.get(Bundle, bundle_id)
    if bundle is None or bundle.sealed_by != actor.user_id:
        raise NotFound
    get_scope_place(session, actor, _scope(bundle))
    return bundle


def _scope(bundle: Bundle) -> BundleScope:
    return BundleScope(plan_id=bundle.plan_id, area_code=bundle.area_code, indicator_code=bundle.indicator_code)


def _etag(bundle: Bundle) -> str:
    return f"{bundle.id.hex}-{bundle.manifest_sha256[:16]}"


def _members(session: Session, bundle: Bundle) -> tuple[_Member, ...]:
    query = select(BundleMember).where(BundleMember.bundle_id == bundle.id).order_by(BundleMember.position)
    return tuple(
        _Member(
            bag=BagFile(row.path, row.size, row.sha256, row.crc32),
            object_key=row.object_key,
            version_id=row.version_id,
            file_id=row.file_id,
        )
        for row in session.execute(query).scalars()
    )


def _chunks(
    segments: Iterator[bytes | MemberSlice], members: Sequence[_Member], store: ObjectStore, actor: Actor, now: datetime
) -> Iterator[bytes]:
    for segment in segments:
        if isinstance(segment, MemberSlice):
            yield from _member_chunks(members[segment.entry], segment, store, actor, now)
        else:
            yield segment


def _member_chunks(
    member: _Member, part: MemberSlice, store: ObjectStore, actor: Actor, now: datetime
) -> Iterator[bytes]:
    """The bytes of a member or a part of it; a whole one is checked against its hash at its end."""
    try:
        with store.open(
            member.object_key, version_id=member.version_id, offset=part.offset, length=part.length
        ) as source:
            reader = HashingReader(source)
            while chunk := reader.read(CHUNK_SIZE):
                yield chunk
    except ObjectMissing as error:
        _break_off(member, None, actor, now, error)
    if reader.size != part.length or (part.length == member.bag.size and reader.sha256 != member.bag.sha256):
        _break_off(member, reader.sha256, actor, now, None)


def _break_off(member: _Member, found: str | None, actor: Actor, now: datetime, cause: Exception | None) -> None:
    """Record what is wrong and end the stream short."""
    with transaction() as session:
        event = FixityFailed(obj=member.file_id or UUID(int=0), expected_sha256=member.bag.sha256, found_sha256=found)
        audit.record(session, event, actor=actor, now=now)
    raise IntegrityMismatch(member.bag.path) from cause
