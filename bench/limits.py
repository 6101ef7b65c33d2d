"""What this machine can do at best, and how near the stores come: digests, disk, commits, and a bare put to MinIO.

The other benchmarks measure against these figures. Run it with `uv run python -m bench.limits [--json] [--quick]`.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import tempfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from minio import Minio

from bench.measure import MB, peak_memory, seconds
from bench.report import Result, options, publish
from portal.adapters.local_store import LocalStore
from portal.adapters.minio_store import PART_SIZE, MinioStore
from portal.adapters.store import CHUNK_SIZE, ExpectedDigest, HashingReader, ObjectStore, new_key
from tests.servers import minio

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.s3 import S3Server

MEMORY_LIMIT_MB = 32.0
"""What an upload may add to the process, however large the file is."""


def measure_limits(*, quick: bool) -> list[Result]:
    """Measure everything in a scratch folder that is gone afterwards."""
    size = (32 if quick else 256) << 20
    with tempfile.TemporaryDirectory(prefix="bench-", dir=_disk()) as name:
        folder = Path(name)
        source = _random_file(folder / "source", size)
        return [*_digests(source), *_commits(folder, 50 if quick else 500), *_local(folder, source), *_minio(source)]


def _disk() -> Path | None:
    """The disk of a default installation's data; the temporary folder may lie in memory, where a sync costs nothing."""
    instance = Path("instance")
    return instance if instance.is_dir() else None


def _random_file(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        for _ in range(size // CHUNK_SIZE):
            file.write(os.urandom(CHUNK_SIZE))
    return path


def _digests(source: Path) -> list[Result]:
    """Digest one chunk again and again, so that neither disk nor memory is in the way."""
    chunk, count = source.read_bytes()[:CHUNK_SIZE], source.stat().st_size // CHUNK_SIZE
    size = count * CHUNK_SIZE / MB
    sha256, crc32, reader = seconds(
        lambda: _sha256(chunk, count),
        lambda: _crc32(chunk, count),
        lambda: _drain(HashingReader(_Repeated(chunk, count))),
    )
    return [
        Result("sha256", size / sha256, "MB/s"),
        Result("crc32", size / crc32, "MB/s"),
        Result("hashing reader", size / reader, "MB/s", size / (sha256 + crc32)),
    ]


def _sha256(chunk: bytes, count: int) -> None:
    digest = hashlib.sha256()
    for _ in range(count):
        digest.update(chunk)


def _crc32(chunk: bytes, count: int) -> None:
    value = 0
    for _ in range(count):
        value = zlib.crc32(chunk, value)


class _Repeated:
    def __init__(self, chunk: bytes, count: int) -> None:
        self._chunk = chunk
        self._left = count

    def read(self, _size: int, /) -> bytes:
        self._left -= 1
        return self._chunk if self._left >= 0 else b""


def _drain(reader: HashingReader) -> None:
    while reader.read(CHUNK_SIZE):
        pass


def _commits(folder: Path, count: int) -> list[Result]:
    """SQLite as the portal runs it (WAL, synchronous=FULL) against bare writes that are synced one by one."""
    with closing(sqlite3.connect(folder / "commits.sqlite3", isolation_level=None)) as database:
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE event (body BLOB)")
        sync, commit = seconds(lambda: _synced_writes(folder / "log", count), lambda: _commit(database, count))
    return [
        Result("synced 4 KiB write", count / sync, "1/s"),
        Result("sqlite commit", count / commit, "1/s", count / sync),
    ]


def _synced_writes(path: Path, count: int) -> None:
    """Overwrite pages of a file that has its size already, as SQLite does in a log it uses again."""
    path.write_bytes(bytes(4096 * count))
    sync = getattr(os, "fdatasync", os.fsync)
    with path.open("r+b", buffering=0) as file:
        for number in range(count):
            file.write(number.to_bytes(4096))
            sync(file.fileno())


def _commit(database: sqlite3.Connection, count: int) -> None:
    for _ in range(count):
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO event VALUES (zeroblob(500))")
        database.execute("COMMIT")


def _local(folder: Path, source: Path) -> list[Result]:
    store = LocalStore(folder / "objects")
    return _puts("local store", store, source, "digested copy on disk", lambda: _digested_copy(source, folder / "copy"))


def _digested_copy(source: Path, target: Path) -> None:
    sha256, crc32 = hashlib.sha256(), 0
    with source.open("rb") as reader, target.open("wb", buffering=0) as writer:
        while chunk := reader.read(CHUNK_SIZE):
            sha256.update(chunk)
            crc32 = zlib.crc32(chunk, crc32)
            writer.write(chunk)
        os.fsync(writer.fileno())
    target.unlink()


def _minio(source: Path) -> list[Result]:
    if reason := minio.why_missing():
        print(f"not measured: MinIO: {reason}", file=sys.stderr)
        return []
    with minio.running() as server:
        bucket = f"bench-{new_key()}"
        credentials = {"access_key": server.access_key, "secret_key": server.secret_key}
        store = MinioStore(endpoint=server.endpoint, bucket=bucket, secure=server.secure, **credentials)
        store.check()  # makes the bucket
        return _puts("MinIO store", store, source, "bare SDK put to MinIO", lambda: _bare_put(server, bucket, source))


def _bare_put(server: S3Server, bucket: str, source: Path) -> None:
    client = Minio(server.endpoint, server.access_key, server.secret_key, secure=False)
    with source.open("rb") as stream:
        size = source.stat().st_size
        put = client.put_object(bucket, new_key(), stream, size, part_size=PART_SIZE, num_parallel_uploads=1)
    client.remove_object(bucket, put.object_name, put.version_id)


def _puts(name: str, store: ObjectStore, source: Path, bare_name: str, bare: Callable[[], None]) -> list[Result]:
    """The store's own put of a file against a bare one of the same file, and what it takes of memory."""
    with peak_memory() as memory:
        _put(store, source)
    size = source.stat().st_size / MB
    bare_seconds, put_seconds = seconds(bare, lambda: _put(store, source))
    return [
        Result(bare_name, size / bare_seconds, "MB/s"),
        Result(f"{name}: put", size / put_seconds, "MB/s", size / bare_seconds),
        Result(f"{name}: memory of a put", memory.peak, "MB", MEMORY_LIMIT_MB),
    ]


def _put(store: ObjectStore, source: Path) -> None:
    with source.open("rb") as stream:
        stored = store.put(new_key(), stream, expected=ExpectedDigest(size=source.stat().st_size))
    store.delete(stored.key, version_id=stored.version_id)


if __name__ == "__main__":
    chosen = options(__doc__)
    publish(measure_limits(quick=chosen.quick), as_json=chosen.as_json)
