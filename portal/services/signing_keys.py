"""The public keys of the signer as the trail knows them: when each was introduced, and what it replaced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.signer import PublicKeys
from portal.domain.actor import Actor
from portal.domain.errors import SignerRefused
from portal.domain.events import KeyIntroduced, KeyRotated, LogContinued
from portal.domain.key_kind import KeyKind
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.note import VerifierKey
from portal.models import SigningKey
from portal.services import audit
from portal.services.log_reader import get_head
from portal.services.unit_of_work import transaction

SIGNER = Actor.system("signer")


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
        if not _unknown(session, keys):
            return
    with transaction() as session:
        audit.hold_log(session)
        size = get_head(session).size
        for kind, key in _unknown(session, keys).items():
            row = SigningKey(kind=kind, key=key, from_size=size)
            _record(session, row, _newest(session, kind), now)
            if kind is KeyKind.CHECKPOINT:
                _continue_log(session, row, _newest(session, kind), last, now)
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


def _unknown(session: Session, keys: PublicKeys) -> dict[KeyKind, str]:
    current = {kind: _newest(session, kind) for kind in KeyKind}
    return {kind: key for kind, key in keys.by_kind().items() if not (known := current[kind]) or known.key != key}


def _newest(session: Session, kind: KeyKind) -> SigningKey | None:
    query = select(SigningKey).where(SigningKey.kind == kind).order_by(SigningKey.from_size.desc()).limit(1)
    return session.execute(query).scalar_one_or_none()


def _record(session: Session, row: SigningKey, known: SigningKey | None, now: datetime) -> None:
    if known:
        event: KeyIntroduced = KeyRotated(obj=row.id, kind=row.kind, key=row.key, replaces=known.id)
    else:
        event = KeyIntroduced(obj=row.id, kind=row.kind, key=row.key)
    audit.record(session, event, actor=SIGNER, now=now)


def _continue_log(
    session: Session, row: SigningKey, known: SigningKey | None, last: Checkpoint | None, now: datetime
) -> None:
    """Record that the log has another name from now on, if it has."""
    origin, old_origin = (VerifierKey.parse(each.key).name if each else None for each in (row, known))
    if not origin or not old_origin or origin == old_origin:
        return
    if not last or last.origin != old_origin:
        raise SignerRefused(
            f"Kunci penanda tangan ini milik log {origin}, sedangkan portal ini mencatat {old_origin}. "
            "Periksa PORTAL_SIGNER; bila kunci lama hilang, buat yang baru dengan `portal signer new-log`."
        )
    event = LogContinued(obj=row.id, origin=origin, old_origin=old_origin, size=last.size, root=last.root.hex())
    audit.record(session, event, actor=SIGNER, now=now)
