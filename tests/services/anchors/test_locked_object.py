"""The checkpoint in a real MinIO: nobody deletes it, it is found without the database, and a second history shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pytest

from portal.adapters.minio_store import MinioStore
from portal.adapters.store import ObjectRetained, is_key
from portal.services.anchors.locked_object import RETENTION, LockedPlace, object_key
from portal.services.anchors.place import AnchorFailed
from portal.services.checkpoints import CheckpointView

NOW = datetime.now(UTC)
CHECKPOINT = CheckpointView(
    origin="bukti-zi.kpu-1502/log1",
    size=42,
    root="ab" * 32,
    note="bukti-zi.kpu-1502/log1\n42\nq6ur\n\n— x y\n",
    signed_at=NOW,
)


def keep(store: MinioStore, checkpoint: CheckpointView = CHECKPOINT) -> str | None:
    return LockedPlace(store, "bukti").keep(checkpoint, auditors=(), now=NOW).version_id


def test_the_object_is_the_note_and_cannot_be_deleted_for_ten_years(minio_store: MinioStore) -> None:
    version_id = keep(minio_store)
    key = object_key(CHECKPOINT.origin, 42)
    with minio_store.open(key, version_id=version_id) as reader:
        assert reader.read(1000) == CHECKPOINT.note.encode()
    with pytest.raises(ObjectRetained):
        minio_store.delete(key, version_id=version_id)
    told = minio_store._client.get_object_retention(minio_store._bucket, key, version_id)
    assert told is not None
    assert told.mode == "COMPLIANCE"
    assert abs(told.retain_until_date - (NOW + RETENTION)) < timedelta(seconds=2)


def test_the_key_follows_from_origin_and_size_alone() -> None:
    key = object_key(CHECKPOINT.origin, 42)
    assert is_key(key)
    assert key == sha256(CHECKPOINT.origin.encode()).hexdigest()[:20] + "000000000042"


def test_what_an_interrupted_try_left_is_taken_over(minio_store: MinioStore) -> None:
    left = minio_store.put(object_key(CHECKPOINT.origin, 42), BytesIO(CHECKPOINT.note.encode()))
    assert keep(minio_store) == left.version_id
    with pytest.raises(ObjectRetained):
        minio_store.delete(left.key, version_id=left.version_id)


def test_another_checkpoint_of_the_same_size_is_two_histories(minio_store: MinioStore) -> None:
    keep(minio_store)
    with pytest.raises(AnchorFailed, match="dua riwayat"):
        keep(minio_store, replace(CHECKPOINT, note=CHECKPOINT.note.replace("q6ur", "AAAA")))
