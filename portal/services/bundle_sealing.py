"""Sealing: from a snapshot of the scope to a bundle row that fixes every byte, and the event that says so.

Snapshot and documents are made without any lock; the last, short transaction refuses the seal if anything in the
scope has moved since, and then it is made again. Documents lie in the object store like evidence, so the bundle can
be sent from any machine, for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.adapters.store import ObjectStore, new_key
from portal.domain.actor import Actor
from portal.domain.bundle.layout import MANIFEST, BagFile, BagInfo, bagit_files, top_directory, zip_order
from portal.domain.bundle.zip_plan import plan_zip
from portal.domain.bundle.zip_records import ZipEntry
from portal.domain.canonical_json import canonical_json
from portal.domain.errors import InvalidInput, Stale
from portal.domain.events import BundleSealed, indicator_scope
from portal.domain.permissions import Permission
from portal.domain.policy import require
from portal.models import Bundle, BundleMember
from portal.services import audit
from portal.services.bundle_contents import BundleContents, BundleScope, ScopePlace, get_scope_place, load_contents
from portal.services.bundle_index import index_csv, index_html, read_me
from portal.services.bundle_metadata import bundle_metadata, people_in
from portal.services.bundle_trail import ScopeHeadFact, heads_document, log_lines, openings_document, read_heads
from portal.services.log_reader import Head, get_head
from portal.services.revision_view import read_names
from portal.services.unit_of_work import transaction

TRIES = 3
NOTHING = "Belum ada bukti yang disetujui dan boleh Anda baca dalam cakupan ini. Pilih cakupan lain."


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of the bag, where its bytes lie, and the evidence file it is, if it is one."""

    bag: BagFile
    object_key: str
    version_id: str | None
    file_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was read at one moment. `documents` are the portal's own files by path, the log apart in `log`."""

    place: ScopePlace
    head: Head
    heads: tuple[ScopeHeadFact, ...]
    payload: tuple[Member, ...]
    documents: Mapping[str, bytes]
    log: BinaryIO
    left_out: int


def seal_bundle(*, actor: Actor, scope: BundleScope, store: ObjectStore, now: datetime) -> UUID:
    """Seal a bundle of the approved evidence that the actor may read; returns its id.

    Raises NotFound for a scope that is not his to seal, InvalidInput for one with nothing in it, Stale when it moves
    all the time.
    """
    for _ in range(TRIES):
        snapshot = _take_snapshot(actor, scope, now)
        with snapshot.log:
            members = _store_members(snapshot, store, now)
        try:
            return _record(actor, scope, snapshot, members, now)
        except Stale:
            continue
    raise Stale


def scopes_of(place: ScopePlace) -> tuple[str, ...]:
    """The trail scopes of the indicators in the bundle's scope."""
    return tuple(indicator_scope(place.unit_code, place.year, code) for code in place.indicator_codes)


def _take_snapshot(actor: Actor, scope: BundleScope, now: datetime) -> Snapshot:
    with transaction(write=False) as session:
        head = get_head(session)
        contents = load_contents(session, actor, scope)
        if not contents.files:
            raise InvalidInput("scope", NOTHING)
        scopes = scopes_of(contents.place)
        heads = read_heads(session, scopes)
        return Snapshot(
            place=contents.place,
            head=head,
            heads=heads,
            payload=tuple(
                Member(bag=f.bag, object_key=f.object_key, version_id=f.version_id, file_id=f.file_id)
                for f in contents.files
            ),
            documents=_documents(session, contents, scope, head, heads, now),
            log=_spooled(log_lines(session, head, frozenset(scopes))),
            left_out=contents.left_out,
        )


def _documents(
    session: Session,
    contents: BundleContents,
    scope: BundleScope,
    head: Head,
    heads: Sequence[ScopeHeadFact],
    now: datetime,
) -> dict[str, bytes]:
    names = read_names(session, people_in(contents))
    metadata = bundle_metadata(contents, scope, head, names, now)
    scopes = frozenset(scopes_of(contents.place))
    return {
        "BACA-SAYA.txt": read_me(),
        "audit/heads.jsonl": heads_document(heads),
        "audit/openings.jsonl": openings_document(session, contents, head, scopes),
        "indeks.csv": index_csv(contents),
        "index.html": index_html(metadata, len(contents.files)),
        "metadata/bukti.json": canonical_json(metadata),
    }


def _spooled(lines: Iterable[bytes]) -> BinaryIO:
    """The lines in a file of their own: a log of millions does not fit into memory."""
    spool = TemporaryFile()  # noqa: SIM115  # the caller closes it with the snapshot
    spool.writelines(lines)
    spool.seek(0)
    return spool


def _store_members(snapshot: Snapshot, store: ObjectStore, now: datetime) -> list[Member]:
    """All members in the order of the ZIP, those that the portal wrote put into the store."""
    tags = [_stored("audit/log.jsonl", snapshot.log, store)]
    tags += [_stored(path, BytesIO(content), store) for path, content in snapshot.documents.items()]
    payload = [member.bag for member in snapshot.payload]
    bagit = bagit_files(_bag_info(snapshot, now), payload, [member.bag for member in tags])
    tags += [_stored(path, BytesIO(content), store) for path, content in bagit.items()]
    by_path = {member.bag.path: member for member in (*tags, *snapshot.payload)}
    return [by_path[file.path] for file in zip_order(member.bag for member in by_path.values())]


def _stored(path: str, content: BinaryIO, store: ObjectStore) -> Member:
    stored = store.put(new_key(), content)
    return Member(
        bag=BagFile(path, stored.size, stored.sha256, stored.crc32),
        object_key=stored.key,
        version_id=stored.version_id,
        file_id=None,
    )


def _bag_info(snapshot: Snapshot, now: datetime) -> BagInfo:
    return BagInfo(
        source_organization=snapshot.place.unit_name,
        bagging_date=now.astimezone(ZoneInfo(snapshot.place.timezone)).date(),
        external_identifier=_name(snapshot),
        software_agent=f"portal-bukti-zi {version('portal-bukti-zi')}",
        checkpoint_size=snapshot.head.size,
        checkpoint_root=snapshot.head.root.hex(),
    )


def _name(snapshot: Snapshot) -> str:
    return top_directory(unit=snapshot.place.unit_code, year=snapshot.place.year, size=snapshot.head.size)


def _record(actor: Actor, scope: BundleScope, snapshot: Snapshot, members: Sequence[Member], now: datetime) -> UUID:
    """Fix the bundle, if its scope is still as it was read; raises Stale otherwise."""
    manifest = next(member.bag.sha256 for member in members if member.bag.path == MANIFEST)
    heads_sha256 = sha256(snapshot.documents["audit/heads.jsonl"]).hexdigest()
    with transaction() as session:
        place, subject = get_scope_place(session, actor, scope)
        grant = require(actor, Permission.SEAL_BUNDLE, subject)
        if read_heads(session, scopes_of(place)) != snapshot.heads:
            raise Stale
        bundle = Bundle(
            id=uuid4(),
            plan_id=scope.plan_id,
            area_code=scope.area_code,
            indicator_code=scope.indicator_code,
            name=_name(snapshot),
            sealed_by=actor.person,
            membership_id=grant.membership_id,
            sealed_at=now,
            log_size=snapshot.head.size,
            manifest_sha256=manifest,
            heads_sha256=heads_sha256,
            files=len(snapshot.payload),
            left_out=snapshot.left_out,
            size=plan_zip(zip_entries(_name(snapshot), [member.bag for member in members]), now).total_size,
        )
        session.add(bundle)
        session.flush()
        session.add_all(_row(bundle.id, position, member) for position, member in enumerate(members))
        event = BundleSealed(
            obj=bundle.id,
            unit=place.unit_code,
            year=place.year,
            manifest_sha256=manifest,
            heads_sha256=heads_sha256,
            log_size=snapshot.head.size,
            log_root=snapshot.head.root.hex(),
            files=len(snapshot.payload),
            left_out=snapshot.left_out,
        )
        audit.record(session, event, actor=actor, now=now, grant=grant)
        return bundle.id


def zip_entries(name: str, files: Iterable[BagFile]) -> list[ZipEntry]:
    """The ZIP's entries, below the bag's one top folder."""
    return [ZipEntry(f"{name}/{file.path}", file.size, file.crc32) for file in files]


def _row(bundle_id: UUID, position: int, member: Member) -> BundleMember:
    return BundleMember(
        bundle_id=bundle_id,
        position=position,
        path=member.bag.path,
        size=member.bag.size,
        crc32=member.bag.crc32,
        sha256=member.bag.sha256,
        object_key=member.object_key,
        version_id=member.version_id,
        file_id=member.file_id,
    )
