"""Sealing: from a snapshot of the scope to a bundle row that fixes every byte, and the event that says so.

Snapshot and documents are made without any lock; the last, short transaction refuses the seal if anything in the
scope has moved since, and then it is made again. Documents lie in the object store like evidence, so the bundle can
be sent from any machine, for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.adapters.store import ObjectStore, new_key
from portal.domain.actor import Actor
from portal.domain.bundle.layout import MANIFEST, BagFile, BagInfo, bagit_files, top_directory, zip_order
from portal.domain.bundle.zip_plan import ZipPlan, plan_zip
from portal.domain.bundle.zip_records import ZipEntry
from portal.domain.errors import Stale
from portal.domain.events import BundleSealed
from portal.domain.permissions import Permission
from portal.domain.policy import require
from portal.models import Bundle, BundleMember, BundleRevision
from portal.services import audit
from portal.services.bundles.documents import HEADS, LOG, bundle_documents
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.snapshot import Snapshot, has_moved, take_snapshot
from portal.services.unit_of_work import transaction

TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of the bag, where its bytes lie, and the evidence file it is, if it is one."""

    bag: BagFile
    object_key: str
    version_id: str | None
    file_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """All members in the order of the ZIP, and the digests that the seal commits to."""

    name: str
    members: tuple[Member, ...]
    manifest_sha256: str
    heads_sha256: str


def seal_bundle(*, actor: Actor, scope: BundleScope, store: ObjectStore, now: datetime) -> UUID:
    """Seal a bundle of the approved evidence that the actor may read; returns its id.

    Raises NotFound for a scope that is not his to seal, InvalidInput for one with nothing in it, Stale when it moves
    all the time.
    """
    for _ in range(TRIES):
        with closing(take_snapshot(actor=actor, scope=scope, now=now)) as snapshot:
            bag = _write_bag(snapshot, store, now)
        try:
            return _record(snapshot, scope, bag, now)
        except Stale:
            continue
    raise Stale


def bundle_plan(name: str, files: Iterable[BagFile], sealed_at: datetime) -> ZipPlan:
    """The ZIP of a bundle: its files in this order below one top folder, dated with the moment of sealing."""
    return plan_zip([ZipEntry(f"{name}/{file.path}", file.size, file.crc32) for file in files], sealed_at)


def _write_bag(snapshot: Snapshot, store: ObjectStore, now: datetime) -> Bag:
    """Put what the portal writes into the store, the four files of BagIt last, because they list the others."""
    payload = [
        Member(bag=file.bag, object_key=file.object_key, version_id=file.version_id, file_id=file.file_id)
        for file in snapshot.contents.files
    ]
    documents = bundle_documents(snapshot, now)
    tags = [_stored(LOG, snapshot.log, store)]
    tags += [_stored(path, BytesIO(content), store) for path, content in documents.items()]
    bagit = bagit_files(_bag_info(snapshot, now), [member.bag for member in payload], [member.bag for member in tags])
    tags += [_stored(path, BytesIO(content), store) for path, content in bagit.items()]
    by_path = {member.bag.path: member for member in (*tags, *payload)}
    return Bag(
        name=_name(snapshot),
        members=tuple(by_path[file.path] for file in zip_order(member.bag for member in by_path.values())),
        manifest_sha256=by_path[MANIFEST].bag.sha256,
        heads_sha256=sha256(documents[HEADS]).hexdigest(),
    )


def _stored(path: str, content: BinaryIO, store: ObjectStore) -> Member:
    stored = store.put(new_key(), content)
    bag = BagFile(path, stored.size, stored.sha256, stored.crc32)
    return Member(bag=bag, object_key=stored.key, version_id=stored.version_id)


def _bag_info(snapshot: Snapshot, now: datetime) -> BagInfo:
    place = snapshot.contents.place
    return BagInfo(
        source_organization=place.unit_name,
        bagging_date=now.astimezone(ZoneInfo(place.timezone)).date(),
        external_identifier=_name(snapshot),
        software_agent=f"portal-bukti-zi {version('portal-bukti-zi')}",
        checkpoint_size=snapshot.head.size,
        checkpoint_root=snapshot.head.root.hex(),
    )


def _name(snapshot: Snapshot) -> str:
    place = snapshot.contents.place
    return top_directory(unit=place.unit_code, year=place.year, size=snapshot.head.size)


def _record(snapshot: Snapshot, scope: BundleScope, bag: Bag, now: datetime) -> UUID:
    """Fix the bundle, if its scope is still as it was read; raises Stale otherwise.

    Rows first, the log's lock last: then nothing can be appended between the comparison and the seal.
    """
    place, actor = snapshot.contents.place, snapshot.actor
    grant = require(actor, Permission.SEAL_BUNDLE, place.subject)
    bundle = Bundle(
        plan_id=scope.plan_id,
        area_code=place.area_code,
        indicator_code=place.indicator_code,
        name=bag.name,
        sealed_by=actor.person,
        membership_id=grant.membership_id,
        sealed_at=now,
        log_size=snapshot.head.size,
        log_root=snapshot.head.root.hex(),
        manifest_sha256=bag.manifest_sha256,
        heads_sha256=bag.heads_sha256,
        files=len(snapshot.contents.files),
        left_out=snapshot.contents.left_out,
        size=bundle_plan(bag.name, [member.bag for member in bag.members], now).total_size,
    )
    bundle_id, event = bundle.id, _event(bundle, snapshot)
    with transaction() as session:
        session.add(bundle)
        session.flush()
        _add_parts(session, bundle_id, snapshot, bag)
        audit.hold_log(session)
        if has_moved(session, snapshot, now):
            raise Stale
        audit.record(session, event, actor=actor, now=now, grant=grant)
    return bundle_id


def _add_parts(session: Session, bundle_id: UUID, snapshot: Snapshot, bag: Bag) -> None:
    revisions = [{"bundle_id": bundle_id, "revision_id": e.revision_id} for e in snapshot.contents.evidence]
    session.execute(insert(BundleRevision), revisions)
    session.execute(insert(BundleMember), [_row(bundle_id, at, member) for at, member in enumerate(bag.members)])


def _row(bundle_id: UUID, position: int, member: Member) -> dict[str, object]:
    return {
        "bundle_id": bundle_id,
        "position": position,
        "path": member.bag.path,
        "size": member.bag.size,
        "crc32": member.bag.crc32,
        "sha256": member.bag.sha256,
        "object_key": member.object_key,
        "version_id": member.version_id,
        "file_id": member.file_id,
    }


def _event(bundle: Bundle, snapshot: Snapshot) -> BundleSealed:
    return BundleSealed(
        obj=bundle.id,
        unit=snapshot.contents.place.unit_code,
        year=snapshot.contents.place.year,
        area_code=bundle.area_code,
        indicator_code=bundle.indicator_code,
        manifest_sha256=bundle.manifest_sha256,
        heads_sha256=bundle.heads_sha256,
        log_size=bundle.log_size,
        log_root=bundle.log_root,
        files=bundle.files,
        left_out=bundle.left_out,
    )
