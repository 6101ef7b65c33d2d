"""The public keys of the signer as the trail knows them: when each was introduced, and what it replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.signer import PublicKeys
from portal.domain.actor import Actor
from portal.domain.errors import SignerRefused
from portal.domain.events import Event, KeyIntroduced, KeyRotated, LogContinued
from portal.domain.key_kind import KeyKind
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.note import VerifierKey
from portal.models import SigningKey
from portal.services import audit
from portal.services.log_reader import get_head
from portal.services.unit_of_work import transaction

SIGNER = Actor.system("signer")

OTHER_LOG = (
    "Kunci penanda tangan ini milik log {origin}, sedangkan portal ini mencatat {old_origin}. "
    "Periksa PORTAL_SIGNER; bila kunci lama hilang, buat yang baru dengan `portal signer new-log`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """One public key, introduced when the log had `from_size` leaves and replaced at `until_size`; None: in use."""

    kind: KeyKind
    key: str
    from_size: int
    until_size: int | None


def list_keys(session: Session) -> tuple[KeyView, ...]:
    """All keys there ever were, by kind, oldest first."""
    rows = session.execute(select(SigningKey).order_by(SigningKey.kind, SigningKey.from_size)).scalars().all()
    return tuple(
        KeyView(
            kind=row.kind,
            key=row.key,
            from_size=row.from_size,
            until_size=successor.from_size if successor and successor.kind is row.kind else None,
        )
        for row, successor in pairwise((*rows, None))
        if row
    )


def introduce_keys(*, keys: PublicKeys, last: Checkpoint | None, now: datetime) -> None:
    """Write the keys that the trail does not know yet into it, so that the next checkpoint vouches for them.

    `last` is what the signer signed last. Raises SignerRefused for the keys of another log that does not continue ours.
    """
    with transaction(write=False) as session:
        if not _unknown(keys, _current(session)):
            return
    with transaction() as session:
        audit.hold_log(session)
        current, size = _current(session), get_head(session).size
        for kind, key in _unknown(keys, current).items():
            row = SigningKey(kind=kind, key=key, from_size=size)
            for event in _events(row, current.get(kind), last):
                audit.record(session, event, actor=SIGNER, now=now)
            session.add(row)


def verifiers_at(session: Session, size: int, *, newest: int) -> tuple[VerifierKey, ...]:
    """The keys that must have signed a checkpoint of this size, when `newest` is the largest size of one so far: the
    current one, and with the first checkpoint after a rotation also the one that it replaced. Empty before the first.
    """
    query = select(SigningKey).where(SigningKey.kind == KeyKind.CHECKPOINT, SigningKey.from_size < size)
    rows = session.execute(query.order_by(SigningKey.from_size.desc()).limit(2)).scalars().all()
    keys = [VerifierKey.parse(row.key) for row in rows]
    if not rows or newest > rows[0].from_size:
        return tuple(keys[:1])
    return tuple(key for key in keys if key.name == keys[0].name)


def _current(session: Session) -> dict[KeyKind, SigningKey]:
    rows = session.execute(select(SigningKey).order_by(SigningKey.from_size)).scalars()
    return {row.kind: row for row in rows}


def _unknown(keys: PublicKeys, current: Mapping[KeyKind, SigningKey]) -> dict[KeyKind, str]:
    return {kind: key for kind, key in keys.by_kind().items() if kind not in current or current[kind].key != key}


def _events(row: SigningKey, replaced: SigningKey | None, last: Checkpoint | None) -> Iterator[Event]:
    """What the trail says of a new key. Raises SignerRefused when it is of a log that has nothing to do with ours."""
    if replaced is None:
        yield KeyIntroduced(obj=row.id, kind=row.kind, key=row.key)
        return
    yield KeyRotated(obj=row.id, kind=row.kind, key=row.key, replaces=replaced.id)
    if row.kind is not KeyKind.CHECKPOINT:
        return
    origin, old_origin = (VerifierKey.parse(each.key).name for each in (row, replaced))
    if origin == old_origin:
        return
    if not last or last.origin != old_origin:
        raise SignerRefused(OTHER_LOG.format(origin=origin, old_origin=old_origin))
    yield LogContinued(obj=row.id, origin=origin, old_origin=old_origin, size=last.size, root=last.root.hex())
