"""Sealing in two steps: first the trail says what is sealed, then the bag is written under a signed checkpoint that
covers that very event.

Nothing is hashed, stored or signed while the log's lock or any other is held. What breaks off in between leaves a
bundle that cannot be sent: `finish_bundle` makes the rest of it later, or refuses when its scope has moved on.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from portal.adapters.signer import Signer
from portal.adapters.store import Lock, ObjectRetained, ObjectStore, StoreError
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
from portal.models import BundleCompletion
from portal.services.bundles.access import get_own_bundle, scope_of
from portal.services.bundles.bag import BagWriter
from portal.services.bundles.log_proof import Seal, open_log_proof
from portal.services.bundles.members import Member, add_members, bundle_plan
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.seal_record import Sealed, find_seal, record_seal
from portal.services.bundles.snapshot import SealedDigests, Snapshot, take_snapshot
from portal.services.checkpoints import CheckpointView, sign_checkpoint
from portal.services.log_reader import has_changes
from portal.services.unit_of_work import transaction

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


def seal_bundle(
    *,
    actor: Actor,
    scope: BundleScope,
    store: ObjectStore,
    signer: Signer,
    now: datetime,
    bundle_id: UUID | None = None,
) -> UUID:
    """Seal a bundle of the approved evidence that the actor may read; returns its id.

    A page says in `bundle_id` which bundle its button makes, so that the button pressed twice makes one. Raises
    NotFound for a scope that is not his to seal, InvalidInput for one with nothing in it, Stale when it moves all the
    time or that bundle has another scope, SignerUnavailable before anything is sealed, BundleUnfinished when store or
    signer fail later.
    """
    if bundle_id and _is_sealed(actor, bundle_id, scope):
        return bundle_id
    signer.keys()
    sealed = record_seal(actor, scope, now, bundle_id=bundle_id or uuid4())
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
        seal = find_seal(session, bundle)
        scope = scope_of(bundle)
        name, sealed_at = bundle.name, bundle.sealed_at
        sealed_digests = SealedDigests(manifest_sha256=bundle.manifest_sha256, heads_sha256=bundle.heads_sha256)
    snapshot = take_snapshot(actor=actor, scope=scope, sealed_at=seal.seq, now=now)
    if snapshot.digests != sealed_digests or _has_changed(snapshot, seal):
        raise InvalidInput("scope", MOVED_ON)
    sealed = Sealed(bundle_id=bundle_id, name=name, sealed_at=sealed_at, seal=seal, snapshot=snapshot)
    _complete(sealed, store, signer, now)


def _is_sealed(actor: Actor, bundle_id: UUID, scope: BundleScope) -> bool:
    """Whether the actor has this bundle already; raises Stale when it is one of another scope."""
    with transaction(write=False) as session:
        try:
            bundle = get_own_bundle(session, actor, bundle_id)
        except NotFound:
            return False
        made = scope_of(bundle)
        if made not in {scope, replace(scope, area_code=made.area_code if scope.indicator_code else scope.area_code)}:
            raise Stale
        return True


def _has_changed(snapshot: Snapshot, seal: Seal) -> bool:
    """Whether something happened in the scope since it was sealed; that it is read hinders nobody."""
    with transaction(write=False) as session:
        return has_changes(session, snapshot.contents.place.trail_scopes, start=seal.seq)


def _complete(sealed: Sealed, store: ObjectStore, signer: Signer, now: datetime) -> None:
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
        until = now + RETENTION
        for member in members:
            with suppress(ObjectRetained):  # a bundle that was sealed at the same time has locked it for longer
                store.retain(member.object_key, version_id=member.version_id, until=until, lock=Lock.COMPLIANCE)


def _fix_bytes(sealed: Sealed, checkpoint: CheckpointView, members: tuple[Member, ...], now: datetime) -> None:
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
