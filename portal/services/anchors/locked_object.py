"""The checkpoint as an object that the store lets nobody delete before its time, not even its own administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

from portal.adapters.store import Lock, ObjectExists, ObjectStore, RetentionUnsupported, StoreError
from portal.domain.anchor import AnchorKind
from portal.services.anchors.place import AnchorFailed, Kept
from portal.services.checkpoints import CheckpointView

RETENTION = timedelta(days=3653)
"""Ten years, as long as evidence is kept."""

_MAX_NOTE = 64 * 1024


@dataclass(frozen=True, slots=True)
class LockedPlace:
    """The store of the installation; `bucket` only names it."""

    store: ObjectStore
    bucket: str

    kind = AnchorKind.STORE

    @property
    def target(self) -> str:
        return self.bucket

    def keep(self, checkpoint: CheckpointView, *, auditors: tuple[str, ...], now: datetime) -> Kept:  # noqa: ARG002  # the protocol's signature
        """See `Place.keep`. What an earlier try left behind is locked if it is the same checkpoint."""
        key = object_key(checkpoint.origin, checkpoint.size)
        try:
            version_id = self._put(key, checkpoint)
            self.store.retain(key, version_id=version_id, until=now + RETENTION, lock=Lock.COMPLIANCE)
        except RetentionUnsupported as error:
            raise AnchorFailed(
                "Penyimpanan ini tidak dapat mengunci objek; bucket harus dibuat dengan kunci."
            ) from error
        except StoreError as error:
            raise AnchorFailed(f"Penyimpanan tidak dapat dipakai: {error}") from error
        return Kept(detail=f"terkunci sampai {now + RETENTION:%Y-%m-%d}", object_key=key, version_id=version_id)

    def _put(self, key: str, checkpoint: CheckpointView) -> str | None:
        try:
            return self.store.put(key, BytesIO(checkpoint.note.encode())).version_id
        except ObjectExists:
            return self._version_of_same(key, checkpoint)

    def _version_of_same(self, key: str, checkpoint: CheckpointView) -> str | None:
        """The version that lies there already; raises AnchorFailed when it is another checkpoint of this size."""
        versions = [found.version_id for found in self.store.list_objects() if found.key == key]
        for version_id in versions:
            with self.store.open(key, version_id=version_id) as reader:
                if reader.read(_MAX_NOTE) == checkpoint.note.encode():
                    return version_id
        raise AnchorFailed(
            f"Di penyimpanan sudah ada checkpoint LAIN berukuran {checkpoint.size} (objek {key}): dua riwayat. "
            "Simpan keduanya dan jalankan `portal verify`."
        )


def object_key(origin: str, size: int) -> str:
    """Where a checkpoint lies, found without the database: 20 hex digits of the SHA-256 of the origin, then the size in
    12 digits.
    """
    return f"{sha256(origin.encode()).hexdigest()[:20]}{size:012d}"
