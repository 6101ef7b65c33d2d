"""Sending a sealed bundle: the same bytes every time, from the rows and objects that the seal fixed.

That somebody takes it is recorded before the first byte leaves. No transaction is open while bytes flow; each whole
member is hashed on its way, and a mismatch breaks the stream before that member's last bytes, so that a wrong bundle
never ends as a complete one. Neither does one whose taker loses his access on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from sqlalchemy.orm import Session

from portal.adapters.store import CHUNK_SIZE, ExpectedDigest, HashingReader, ObjectMissing, ObjectStore
from portal.domain.actor import Actor
from portal.domain.bundle.zip_plan import MemberSlice
from portal.domain.errors import IntegrityMismatch, NotFound
from portal.domain.events import BundleDownloaded
from portal.domain.permissions import Permission
from portal.domain.policy import require
from portal.models import Bundle, BundleCompletion, Plan
from portal.services import audit
from portal.services.bundles.access import get_own_bundle, scope_subject
from portal.services.bundles.members import Member, bundle_plan, read_members
from portal.services.sending import ByteRange, Clock, begun, record_wrong_bytes, while_permitted
from portal.services.unit_of_work import transaction

UP_TO_FIRST_MEMBER = 2
"""Chunks: its header, and the first of its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFacts:
    """What a conditional request needs to know of a bundle, without taking it."""

    name: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A bundle on its way: `facts` are of the whole file, `start` and `stop` what of it is sent.

    `chunks` raises IntegrityMismatch or StoreUnavailable instead of ending when the bytes are not the sealed ones, and
    AccessEnded when the actor may not have them any more.
    """

    facts: BundleFacts
    start: int
    stop: int
    chunks: Iterator[bytes]


class RangeUnsatisfiable(NotFound):
    """The bytes asked for lie outside the file; `size` is its length."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


def get_bundle_facts(*, actor: Actor, bundle_id: UUID, now: datetime) -> BundleFacts:  # noqa: ARG001  # services take now
    """Name, size and strong ETag of a bundle that the actor may take; raises NotFound."""
    with transaction(write=False) as session:
        return _facts(*_get_complete(session, actor, bundle_id))


def open_bundle(
    *, actor: Actor, bundle_id: UUID, wanted: ByteRange, store: ObjectStore, clock: Clock, now: datetime
) -> Delivery:
    """The bytes of a bundle that the actor may take; raises NotFound or RangeUnsatisfiable, and what the first member
    may raise: a store that is away is told before anything was sent.
    """
    with transaction() as session:
        bundle, completion = _get_complete(session, actor, bundle_id)
        start, stop = wanted.start, completion.size if wanted.stop is None else min(wanted.stop, completion.size)
        if not 0 <= start < stop:
            raise RangeUnsatisfiable(completion.size)
        _record(session, actor, bundle, BundleDownloaded(obj=bundle.id, start=start, stop=stop), now)
        facts, name, sealed_at = _facts(bundle, completion), bundle.name, bundle.sealed_at
    with transaction(write=False) as session:
        members = read_members(session, bundle_id)
    alarm = _Alarm(actor=actor, bundle_id=bundle_id, now=now)
    segments = bundle_plan(name, [member.bag for member in members], sealed_at).segments(start, stop)
    chunks = while_permitted(
        begun(_chunks(segments, members, store, alarm), UP_TO_FIRST_MEMBER),
        actor=actor,
        obj=bundle_id,
        ask=lambda session, present: _get_complete(session, present, bundle_id),
        clock=clock,
    )
    return Delivery(facts=facts, start=start, stop=stop, chunks=chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarm:
    """Whom wrong bytes are recorded for."""

    actor: Actor
    bundle_id: UUID
    now: datetime

    def raise_for(self, member: Member, found_sha256: str | None, cause: Exception) -> NoReturn:
        record_wrong_bytes(
            obj=member.file_id or self.bundle_id,
            expected_sha256=member.bag.sha256,
            found_sha256=found_sha256,
            actor=self.actor,
            now=self.now,
        )
        raise IntegrityMismatch(member.bag.path) from cause


def _record(session: Session, actor: Actor, bundle: Bundle, event: BundleDownloaded, now: datetime) -> None:
    path = session.get_one(Plan, bundle.plan_id).unit.path
    grant = require(actor, Permission.SEAL_BUNDLE, scope_subject(bundle, path))
    audit.record(session, event, actor=actor, now=now, grant=grant)


def _get_complete(session: Session, actor: Actor, bundle_id: UUID) -> tuple[Bundle, BundleCompletion]:
    bundle = get_own_bundle(session, actor, bundle_id)
    if bundle.completion is None:
        raise NotFound
    return bundle, bundle.completion


def _facts(bundle: Bundle, completion: BundleCompletion) -> BundleFacts:
    return BundleFacts(
        name=f"{bundle.name}.zip", size=completion.size, etag=f"{bundle.id.hex}-{bundle.manifest_sha256[:16]}"
    )


def _chunks(
    segments: Iterable[bytes | MemberSlice], members: Sequence[Member], store: ObjectStore, alarm: _Alarm
) -> Iterator[bytes]:
    for segment in segments:
        if isinstance(segment, MemberSlice):
            yield from _member_chunks(members[segment.entry], segment, store, alarm)
        else:
            yield segment


def _member_chunks(member: Member, part: MemberSlice, store: ObjectStore, alarm: _Alarm) -> Iterator[bytes]:
    """The bytes of a member or a part of it. Of a whole one the hash is known, and the reader gives its last bytes
    only when it is right; of a part only the length.
    """
    is_whole = part.length == member.bag.size
    expected = ExpectedDigest(sha256=member.bag.sha256 if is_whole else None, size=part.length)
    found = None
    try:
        with store.open(
            member.object_key,
            version_id=member.version_id,
            offset=part.offset,
            length=None if is_whole else part.length,  # so that one which has grown is noticed too
        ) as source:
            reader = HashingReader(source, expected=expected)
            try:
                while chunk := reader.read(CHUNK_SIZE):
                    yield chunk
            except IntegrityMismatch:
                found = reader.sha256
                raise
    except (ObjectMissing, IntegrityMismatch) as error:
        alarm.raise_for(member, found, error)
