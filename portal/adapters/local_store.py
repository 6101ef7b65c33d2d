"""The object store on a local disk: one file an object, in folders of two levels.

An upload is written under `incoming/`, synced, and only then linked to its place; so what stands under `objects/` is
whole, also after a power cut. There are no versions and no retention: whoever may write to the disk may delete, and it
is the trail that tells.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from io import BytesIO, FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from portal.adapters.store import (
    CHUNK_SIZE,
    INCOMPLETE,
    Capabilities,
    ExpectedDigest,
    HashingReader,
    Lock,
    ObjectExists,
    ObjectInfo,
    ObjectMissing,
    ObjectReader,
    Readable,
    RetentionUnsupported,
    StoredObject,
    StoreFull,
    StoreMisconfigured,
    StoreUnavailable,
    StoreWarning,
    checked_key,
    checked_range,
    is_key,
    new_key,
)
from portal.adapters.sync_folder import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OPEN_TO_OTHERS = 0o077
_NEEDS_OPERATOR = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EOPNOTSUPP}


class LocalStore:
    """Objects below `root`, which is created on the first upload; `objects/ab/cd/<key>` holds the bytes.

    `reserve` are the bytes of the disk that must stay free, for the database and everybody else on it.
    """

    def __init__(self, root: Path, *, reserve: int = 0) -> None:
        self._root = root
        self._reserve = reserve
        self._objects = root / "objects"
        self._incoming = root / "incoming"

    @property
    def capabilities(self) -> Capabilities:
        """Neither versions nor retention."""
        return Capabilities(versions=False, retention=False)

    def put(
        self, key: str, stream: Readable, *, expected: ExpectedDigest | None = None, limit: int | None = None
    ) -> StoredObject:
        """See `ObjectStore.put`."""
        target, incoming = self._path(key), self._incoming / key
        reader = HashingReader(stream, expected=expected, limit=limit)
        file = self._create(incoming, target, expected.size if expected and expected.size else 0)
        try:
            with file:
                _copy(reader, file, key)
            self._publish(incoming, target)
        finally:
            incoming.unlink(missing_ok=True)
        return StoredObject(key, None, reader.size, reader.sha256, reader.crc32)

    def open(
        self, key: str, *, version_id: str | None = None, offset: int = 0, length: int | None = None
    ) -> ObjectReader:
        """See `ObjectStore.open`."""
        checked_range(offset, length)
        with _disk_errors(key), _missing(key):
            file = self._version_path(key, version_id).open("rb")
            file.seek(offset)
        return ObjectReader(file, length=length, errors=partial(_disk_errors, key))

    def stat(self, key: str, *, version_id: str | None = None) -> ObjectInfo:
        """See `ObjectStore.stat`."""
        with _disk_errors(key), _missing(key):
            return _info(self._version_path(key, version_id), version_id)

    def list_objects(self) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list_objects`; the order is that of the folders."""
        yield from _list(self._objects.glob("??/??/*"), None)
        yield from _list(self._incoming.glob("*"), INCOMPLETE)

    def delete(self, key: str, *, version_id: str | None = None) -> None:
        """See `ObjectStore.delete`."""
        path = self._version_path(key, version_id)
        with _disk_errors(key):
            path.unlink(missing_ok=True)
            if path.parent.exists():
                sync_folder(path.parent)

    def retain(
        self,
        key: str,
        *,
        version_id: str | None,  # noqa: ARG002 - the port's signature
        until: datetime,  # noqa: ARG002 - the port's signature
        lock: Lock = Lock.GOVERNANCE,  # noqa: ARG002 - the port's signature
    ) -> None:
        """Always raises RetentionUnsupported: a file on our own disk cannot be locked against ourselves."""
        raise RetentionUnsupported(checked_key(key))

    def check(self) -> tuple[StoreWarning, ...]:
        """Store and delete a probe: only that shows a full or read-only disk, or a file system without links."""
        probe = self.put(new_key(), BytesIO(b"probe"))
        self.delete(probe.key)
        is_open = os.name != "nt" and self._root.stat().st_mode & _OPEN_TO_OTHERS
        return (StoreWarning.FOLDER_OPEN_TO_OTHERS,) if is_open else ()

    def _path(self, key: str) -> Path:
        checked_key(key)
        return self._objects / key[:2] / key[2:4] / key

    def _version_path(self, key: str, version_id: str | None) -> Path:
        path = self._path(key)
        if version_id == INCOMPLETE:
            return self._incoming / key
        if version_id is not None:
            raise ObjectMissing(f"{key} version {version_id}: this store has no versions")
        return path

    def _create(self, incoming: Path, target: Path, size: int) -> FileIO:
        """Open the upload's own new file, unless the key is taken by an object or by an upload that still runs, or
        `size` bytes would eat into the reserve.
        """
        with _disk_errors(target.name):
            if target.exists():
                raise ObjectExists(target.name)
            self._make_folders(self._incoming)
            if self._reserve and shutil.disk_usage(self._incoming).free - size < self._reserve:
                raise StoreFull(f"less than {self._reserve} bytes of the disk would stay free")
            descriptor = os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # Unbuffered: after a failed write, a buffer would be tried again, and fail again, when the file is closed.
        return os.fdopen(descriptor, "wb", buffering=0)

    def _publish(self, incoming: Path, target: Path) -> None:
        """Give the synced file its name. A link refuses a taken name in one step, which a rename on POSIX does not."""
        with _disk_errors(target.name):
            self._make_folders(target.parent)
            os.link(incoming, target)
            for folder in (target.parent, target.parent.parent, self._objects, self._root):
                sync_folder(folder)

    def _make_folders(self, folder: Path) -> None:
        """Make the folder and those above it up to the root, each for us alone, which `parents=True` would not do."""
        self._root.parent.mkdir(parents=True, exist_ok=True)
        below = folder.relative_to(self._root).parts
        for depth in range(len(below) + 1):
            path = self._root.joinpath(*below[:depth])
            try:
                path.mkdir(mode=0o700, exist_ok=True)
            except FileExistsError as error:
                raise StoreMisconfigured(f"{path} is a file, and a folder belongs there") from error


def _copy(reader: HashingReader, file: FileIO, key: str) -> None:
    """Copy and sync. Only the writing is guarded: what the stream raises is the caller's own error."""
    while chunk := reader.read(CHUNK_SIZE):
        with _disk_errors(key):
            _write(file, chunk)
    with _disk_errors(key):
        os.fsync(file.fileno())


def _write(file: FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]


def _list(paths: Iterable[Path], version_id: str | None) -> Iterator[ObjectInfo]:
    for path in paths:
        if is_key(path.name):
            # An upload may end, and its file go, while the folder is read.
            with suppress(FileNotFoundError):
                yield _info(path, version_id)


def _info(path: Path, version_id: str | None) -> ObjectInfo:
    stat = path.stat()
    return ObjectInfo(path.name, version_id, stat.st_size, datetime.fromtimestamp(stat.st_mtime, tz=UTC))


@contextmanager
def _missing(key: str) -> Iterator[None]:
    """Where a file is read, one that is not there is no failure of the disk."""
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(key) from error


@contextmanager
def _disk_errors(name: str) -> Iterator[None]:
    """Turn what the operating system says into the errors of the port."""
    try:
        yield
    except FileExistsError as error:
        raise ObjectExists(name) from error
    except OSError as error:
        kind = StoreMisconfigured if error.errno in _NEEDS_OPERATOR else StoreUnavailable
        raise kind(f"{name}: {error.strerror}") from error
