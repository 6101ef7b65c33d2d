"""Everything that a bag is made of, read at one moment, so that it can be written without any transaction.

Whether the moment has passed is asked once more when the bundle is sealed: `has_moved`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.bundle.layout import manifest_text
from portal.domain.errors import InvalidInput
from portal.services.bundles.contents import BundleContents, load_contents
from portal.services.bundles.scope import BundleScope, get_scope_place
from portal.services.bundles.trail import (
    BundleTrail,
    ScopeHeadFact,
    heads_document,
    read_heads,
    read_heads_at,
    read_trail,
)
from portal.services.log_reader import Head, get_head, has_changes
from portal.services.revision_view import read_names
from portal.services.sessions import grants_of
from portal.services.unit_of_work import transaction

NOTHING = (
    "Belum ada berkas bukti yang disetujui dan boleh Anda baca dalam cakupan ini, jadi paketnya tidak dibuat. "
    "Pilih cakupan lain, atau tunggu keputusan pemeriksa."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDigests:
    """What the seal commits to: the digests of the bag's payload manifest and of its list of heads, hex."""

    manifest_sha256: str
    heads_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """`actor` is whoever seals, with the grants of that moment; `head` the log's; `names` are those of the people in
    the bag, by id.
    """

    actor: Actor
    heads: tuple[ScopeHeadFact, ...]
    head: Head
    contents: BundleContents
    trail: BundleTrail
    names: Mapping[UUID, str]

    @property
    def digests(self) -> SealedDigests:
        return SealedDigests(
            manifest_sha256=_digest(manifest_text(file.bag for file in self.contents.files).encode()),
            heads_sha256=_digest(heads_document(self.heads)),
        )


def take_snapshot(*, actor: Actor, scope: BundleScope, sealed_at: int | None = None, now: datetime) -> Snapshot:
    """Read the scope, with the heads of now or those before leaf `sealed_at` of the log; raises NotFound unless the
    actor may seal it, InvalidInput when nothing in it can be taken along.

    The heads of the scope come first: whatever happens in it while the rest is read moves them, so that a mixture of
    two moments is never sealed, even where each statement sees its own.
    """
    with transaction(write=False) as session:
        actor = with_grants_now(session, actor, now)
        scopes = get_scope_place(session, actor, scope).trail_scopes
        heads = read_heads(session, scopes) if sealed_at is None else read_heads_at(session, scopes, sealed_at)
        head = get_head(session)
        contents = load_contents(session, actor, scope)
        if not contents.files:
            raise InvalidInput("scope", NOTHING)
        return Snapshot(
            actor=actor,
            heads=heads,
            head=head,
            contents=contents,
            trail=read_trail(session, contents, head),
            names=dict(sorted(read_names(session, contents.people).items())),
        )


def with_reads_since(session: Session, snapshot: Snapshot) -> Snapshot:
    """The same with the heads of now, if its scope was only read since; in this order, so that a change is missed by
    neither question.
    """
    scopes = snapshot.contents.place.trail_scopes
    heads = read_heads(session, scopes)
    return snapshot if has_changes(session, scopes, start=snapshot.head.size) else replace(snapshot, heads=heads)


def has_moved(session: Session, snapshot: Snapshot, now: datetime) -> bool:
    """Whether the scope's part of the trail, or what the actor may do, is no longer as it was read."""
    scopes = snapshot.contents.place.trail_scopes
    return (
        read_heads(session, scopes) != snapshot.heads
        or with_grants_now(session, snapshot.actor, now).grants != snapshot.actor.grants
    )


def with_grants_now(session: Session, actor: Actor, now: datetime) -> Actor:
    """The same person with what he may do now: sealing takes long enough for a window to be closed meanwhile."""
    if actor.user_id is None:
        return actor
    return replace(actor, grants=tuple(grant for grant, _ in grants_of(session, actor.user_id, now=now)))


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
