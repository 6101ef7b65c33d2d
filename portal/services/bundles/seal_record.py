"""The first step of sealing: the scope is read, and one short transaction writes into the trail what is sealed. It
makes no document and asks no signer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound, Stale
from portal.domain.events import SYSTEM_SCOPE, BundleSealed, EventName
from portal.domain.permissions import Permission
from portal.domain.policy import require
from portal.models import Bundle, BundleRevision
from portal.services import audit
from portal.services.bundles.bag import bag_name
from portal.services.bundles.log_proof import Seal
from portal.services.bundles.scope import BundleScope, get_scope_place
from portal.services.bundles.snapshot import Snapshot, has_moved, take_snapshot, with_reads_since
from portal.services.fresh_password import require_fresh_password
from portal.services.log_reader import find_entry, get_head
from portal.services.unit_of_work import transaction

TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A bundle that the trail has sealed, and what it is made of."""

    bundle_id: UUID
    name: str
    sealed_at: datetime
    seal: Seal
    snapshot: Snapshot


def record_seal(actor: Actor, scope: BundleScope, now: datetime, *, bundle_id: UUID) -> Sealed:
    """Seal what can be read now; raises what `take_snapshot` raises, Stale when the scope moves all the time, and
    PasswordNotFresh for a whole plan unless the password was given just now.
    """
    with transaction(write=False) as session:
        is_whole_plan = get_scope_place(session, actor, scope).area_code is None
    if is_whole_plan:
        require_fresh_password(actor, now=now)
    for _ in range(TRIES):
        snapshot = take_snapshot(actor=actor, scope=scope, now=now)
        try:
            return _record(snapshot, scope, now, bundle_id)
        except Stale:
            continue
    raise Stale


def _record(snapshot: Snapshot, scope: BundleScope, now: datetime, bundle_id: UUID) -> Sealed:
    """Fix what is sealed, if the scope is still as it was read; raises Stale otherwise.

    Rows first, the log's lock last: then nothing can be appended between the comparison and the seal.
    """
    grant = require(snapshot.actor, Permission.SEAL_BUNDLE, snapshot.contents.place.subject)
    with transaction() as session:
        snapshot = with_reads_since(session, snapshot)
        bundle = _bundle(snapshot, scope, grant.membership_id, now, bundle_id)
        name, event = bundle.name, _event(bundle, snapshot)
        session.add(bundle)
        session.flush()
        revisions = [{"bundle_id": bundle_id, "revision_id": e.revision_id} for e in snapshot.contents.evidence]
        session.execute(insert(BundleRevision), revisions)
        audit.hold_log(session)
        if has_moved(session, snapshot, now):
            raise Stale
        seal = Seal(seq=get_head(session).size, log_size=snapshot.head.size)
        audit.record(session, event, actor=snapshot.actor, now=now, grant=grant)
    return Sealed(bundle_id=bundle_id, name=name, sealed_at=now, seal=seal, snapshot=snapshot)


def _bundle(snapshot: Snapshot, scope: BundleScope, membership_id: UUID, now: datetime, bundle_id: UUID) -> Bundle:
    place, files, digests = snapshot.contents.place, snapshot.contents.files, snapshot.digests
    return Bundle(
        id=bundle_id,
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


def find_seal(session: Session, bundle: Bundle) -> Seal:
    """Where the trail says that this bundle was sealed; raises NotFound when it does not."""
    entry = find_entry(session, EventName.BUNDLE_SEALED, scope=SYSTEM_SCOPE, obj=bundle.id, start=bundle.log_size)
    if entry is None:
        raise NotFound
    return Seal(seq=entry.seq, log_size=bundle.log_size)
