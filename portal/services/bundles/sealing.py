"""Sealing in two steps: first the trail says what is sealed, then the bag is written under a signed checkpoint that
covers that very event.

Nothing is hashed, stored or signed while the log's lock or any other is held. What breaks off in between leaves a
bundle that cannot be sent: `finish_bundle` makes the rest of it later, or refuses when its scope has moved on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.adapters.signer import Signer
from portal.adapters.store import Lock, ObjectStore, StoreError
from portal.domain.actor import Actor
from portal.domain.errors import (
    ConstraintViolated,
    DomainError,
    InvalidInput,
    NotFound,
    SignerRefused,
    SignerUnavailable,
    Stale,
)
from portal.domain.events import SYSTEM_SCOPE, BundleSealed, EventName
from portal.domain.permissions import Permission
from portal.domain.policy import require
from portal.models import Bundle, BundleCompletion, BundleRevision
from portal.services import audit
from portal.services.bundles.access import get_own_bundle
from portal.services.bundles.bag import BagWriter, bag_name
from portal.services.bundles.log_proof import Seal, open_log_proof
from portal.services.bundles.members import Member, add_members, bundle_plan
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.snapshot import SealedDigests, Snapshot, has_moved, take_snapshot
from portal.services.checkpoints import CheckpointView, sign_checkpoint
from portal.services.log_reader import find_entry, get_head
from portal.services.unit_of_work import transaction

TRIES = 3
RETENTION = timedelta(days=3653)
"""Ten years, in which a store that can lock objects lets nobody delete a member."""

MOVED_ON = (
    "Bukti dalam cakupan ini sudah berubah sejak paketnya disegel, jadi paket itu tidak dapat diselesaikan lagi. "
    "Tidak ada bukti yang hilang; buat paket baru."
)


class BundleUnfinished(DomainError):
    """The trail has sealed the bundle, but store or signer failed before its bag was written: see `finish_bundle`."""

    def __init__(self, bundle_id: UUID) -> None:
        super().__init__(str(bundle_id))
        self.bundle_id = bundle_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """A bundle that the trail has sealed, and what it is made of."""

    bundle_id: UUID
    name: str
    sealed_at: datetime
    seal: Seal
    snapshot: Snapshot


def seal_bundle(*, actor: Actor, scope: BundleScope, store: ObjectStore, signer: Signer, now: datetime) -> UUID:
    """Seal a bundle of the approved evidence that the actor may read; returns its id.

    Raises NotFound for a scope that is not his to seal, InvalidInput for one with nothing in it, Stale when it moves
    all the time, SignerUnavailable before anything is sealed, BundleUnfinished when store or signer fail later.
    """
    signer.keys()
    sealed = _seal(actor, scope, now)
    _complete(sealed, store, signer, now)
    return sealed.bundle_id


def finish_bundle(*, actor: Actor, bundle_id: UUID, store: ObjectStore, signer: Signer, now: datetime) -> None:
    """Write the bag of a bundle whose sealing broke off; nothing happens to one that is complete.

    Raises NotFound for a bundle that is not the actor's, InvalidInput when its scope is no longer as it was sealed,
    BundleUnfinished when store or signer fail again.
    """
    with transaction(write=False) as session:
        bundle = get_own_bundle(session, actor, bundle_id)
        if bundle.completion:
            return
        seal = _find_seal(session, bundle)
        scope = BundleScope(plan_id=bundle.plan_id, area_code=bundle.area_code, indicator_code=bundle.indicator_code)
        name, sealed_at = bundle.name, bundle.sealed_at
        sealed_digests = SealedDigests(manifest_sha256=bundle.manifest_sha256, heads_sha256=bundle.heads_sha256)
    snapshot = take_snapshot(actor=actor, scope=scope, now=now)
    if snapshot.digests != sealed_digests:
        raise InvalidInput("scope", MOVED_ON)
    sealed = _Sealed(bundle_id=bundle_id, name=name, sealed_at=sealed_at, seal=seal, snapshot=snapshot)
    _complete(sealed, store, signer, now)


def _seal(actor: Actor, scope: BundleScope, now: datetime) -> _Sealed:
    for _ in range(TRIES):
        snapshot = take_snapshot(actor=actor, scope=scope, now=now)
        try:
            return _record(snapshot, scope, now)
        except Stale:
            continue
    raise Stale


def _record(snapshot: Snapshot, scope: BundleScope, now: datetime) -> _Sealed:
    """Fix what is sealed, if the scope is still as it was read; raises Stale otherwise.

    Rows first, the log's lock last: then nothing can be appended between the comparison and the seal.
    """
    grant = require(snapshot.actor, Permission.SEAL_BUNDLE, snapshot.contents.place.subject)
    bundle = _bundle(snapshot, scope, grant.membership_id, now)
    bundle_id, name, event = bundle.id, bundle.name, _event(bundle, snapshot)
    with transaction() as session:
        session.add(bundle)
        session.flush()
        revisions = [{"bundle_id": bundle_id, "revision_id": e.revision_id} for e in snapshot.contents.evidence]
        session.execute(insert(BundleRevision), revisions)
        audit.hold_log(session)
        if has_moved(session, snapshot, now):
            raise Stale
        seal = Seal(seq=get_head(session).size, log_size=snapshot.head.size)
        audit.record(session, event, actor=snapshot.actor, now=now, grant=grant)
    return _Sealed(bundle_id=bundle_id, name=name, sealed_at=now, seal=seal, snapshot=snapshot)


def _bundle(snapshot: Snapshot, scope: BundleScope, membership_id: UUID, now: datetime) -> Bundle:
    place, files, digests = snapshot.contents.place, snapshot.contents.files, snapshot.digests
    return Bundle(
        plan_id=scope.plan_id,
        area_code=place.area_code,
        indicator_code=place.indicator_code,
        name=bag_name(snapshot),
        sealed_by=snapshot.actor.person,
        membership_id=membership_id,
        sealed_at=now,
        log_size=snapshot.head.size,
        log_root=snapshot.head.root.hex(),
        manifest_sha256=digests.manifest_sha256,
        heads_sha256=digests.heads_sha256,
        files=len(files),
        left_out=snapshot.contents.left_out,
        evidence_size=sum(file.bag.size for file in files),
    )


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


def _complete(sealed: _Sealed, store: ObjectStore, signer: Signer, now: datetime) -> None:
    scopes = sealed.snapshot.contents.place.trail_scopes
    writer = BagWriter(name=sealed.name, sealed_at=sealed.sealed_at, store=store, signer=signer)
    try:
        checkpoint = sign_checkpoint(signer=signer, now=now)
        with open_log_proof(seal=sealed.seal, checkpoint=checkpoint, scopes=scopes) as proof:
            members = writer.write(sealed.snapshot, proof)
        _lock_members(members, store, now)
    except (SignerUnavailable, SignerRefused, StoreError) as failed:
        raise BundleUnfinished(sealed.bundle_id) from failed
    _fix_bytes(sealed, checkpoint, members, now)


def _lock_members(members: tuple[Member, ...], store: ObjectStore, now: datetime) -> None:
    if store.capabilities.retention:
        for member in members:
            store.retain(member.object_key, version_id=member.version_id, until=now + RETENTION, lock=Lock.COMPLIANCE)


def _fix_bytes(sealed: _Sealed, checkpoint: CheckpointView, members: tuple[Member, ...], now: datetime) -> None:
    """From here on the bundle can be sent; the first of two who finish it at once decides on its bytes."""
    completion = BundleCompletion(
        bundle_id=sealed.bundle_id,
        size=bundle_plan(sealed.name, [member.bag for member in members], sealed.sealed_at).total_size,
        checkpoint_size=checkpoint.size,
        checkpoint_root=checkpoint.root,
        completed_at=now,
    )
    try:
        with transaction() as session:
            session.add(completion)
            session.flush()
            add_members(session, sealed.bundle_id, members)
    except ConstraintViolated:
        with transaction(write=False) as session:
            if not session.get(BundleCompletion, sealed.bundle_id):
                raise


def _find_seal(session: Session, bundle: Bundle) -> Seal:
    """Where the trail says that this bundle was sealed; raises NotFound when it does not."""
    entry = find_entry(session, EventName.BUNDLE_SEALED, scope=SYSTEM_SCOPE, obj=bundle.id, start=bundle.log_size)
    if entry is None:
        raise NotFound
    return Seal(seq=entry.seq, log_size=bundle.log_size)
