"""Checkpoints that lie in the store under a lock, as witnesses against the database.

They are found by their keys alone: an anchor whose row was removed from the database still speaks.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from portal.adapters.store import ObjectInfo, ObjectMissing, ObjectStore
from portal.domain.key_kind import KeyKind
from portal.domain.log.checkpoint import Checkpoint, InvalidCheckpoint, read_checkpoint
from portal.domain.log.note import InvalidNote, VerifierKey
from portal.models import SigningKey
from portal.services.anchors.locked_object import object_key
from portal.services.verify.checkpoints import SignerMemory, Witness
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.snapshot import snapshot

_MAX_NOTE = 64 * 1024
_PREFIX = 20
"""Digits of a key that tell the log's name; the size follows."""


def locked_witnesses(store: ObjectStore, findings: Findings, memory: SignerMemory | None) -> tuple[Witness, ...]:
    """What the locked checkpoints of this log say; raises StoreUnavailable or StoreMisconfigured."""
    if not store.capabilities.retention:
        return ()
    keys = _keys(memory)
    prefixes = {object_key(key.name, 0)[:_PREFIX] for key in keys}
    found = [info for info in store.list_objects() if info.key[:_PREFIX] in prefixes]
    return tuple(witness for info in found if (witness := _find_witness(store, info, keys, findings)))


def _keys(memory: SignerMemory | None) -> Collection[VerifierKey]:
    """All checkpoint keys that the trail or the signer knows."""
    query = select(SigningKey.key).where(SigningKey.kind == KeyKind.CHECKPOINT)
    with snapshot() as session:
        texts = set(session.execute(query).scalars())
    return [key for text in texts | ({memory.keys.checkpoint} if memory else set()) if (key := _find_key(text))]


def _find_key(text: str) -> VerifierKey | None:
    try:
        return VerifierKey.parse(text)
    except InvalidNote:
        return None  # a key that was changed in the database is a finding of its own


def _find_witness(
    store: ObjectStore, info: ObjectInfo, keys: Collection[VerifierKey], findings: Findings
) -> Witness | None:
    place = f"checkpoint terkunci {info.key}"
    try:
        with store.open(info.key, version_id=info.version_id) as reader:
            note = reader.read(_MAX_NOTE).decode("utf-8", "replace")
    except ObjectMissing:
        return None
    checkpoint = next((read for key in keys if (read := _find_checkpoint(note, key))), None)
    if checkpoint is None or object_key(checkpoint.origin, checkpoint.size) != info.key:
        findings.add(FindingCode.CHECKPOINT_UNSIGNED, place, expected="tanda tangan kunci yang dikenal", found=note)
        return None
    return Witness(who=place, size=checkpoint.size, root=checkpoint.root)


def _find_checkpoint(note: str, key: VerifierKey) -> Checkpoint | None:
    try:
        return read_checkpoint(note, key)
    except InvalidCheckpoint:
        return None
