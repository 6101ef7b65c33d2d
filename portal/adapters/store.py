"""The port of the object store: what every store promises, the errors it may raise, and the reader that digests.

An object is written once under a random key of ours and never changed. It carries no name, no type and no meaning:
rows in the database say what it is. This module opens no file and no connection.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

from portal.domain.errors import DomainError, IntegrityMismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

CHUNK_SIZE = 1 << 20
"""Bytes that are read, digested and passed on at once."""

INCOMPLETE = "incomplete"
"""Version id under which a store lists what a cut upload left; no row records it, so the sweeper finds it."""

_KEY = re.compile(r"[0-9a-f]{32}")


class StoreError(DomainError):
    """Base of what an object store refuses."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or cannot write (server gone, disk full); trying later may help."""


class StoreFull(StoreUnavailable):
    """Taking this object would leave less free than the operator wants to keep."""


class StoreMisconfigured(StoreError):
    """The store refuses us or lacks what the settings name; only the operator can help."""


class ObjectMissing(StoreError):
    """No such object, or no such version of it."""


class ObjectExists(StoreError):
    """The key is taken: objects are written once."""


class ObjectTooLarge(StoreError):
    """The stream is longer than the caller's limit; nothing of it was kept."""


class ObjectRetained(StoreError):
    """The store keeps this version until its retention ends."""


class RetentionUnsupported(StoreError):
    """This store cannot keep an object from being deleted; see `Capabilities.retention`."""


class BadKey(StoreError):
    """Not a key made by `new_key`."""


class StoreWarning(StrEnum):
    """What works but is weaker than it should be; the caller owns the sentence."""

    NO_VERSIONS = "no_versions"
    NO_RETENTION = "no_retention"
    FOLDER_OPEN_TO_OTHERS = "folder_open_to_others"


class Lock(StrEnum):
    """How hard a retention is: one that a privileged administrator of the store may lift, or one that nobody may."""

    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this store can do beyond the port.

    `versions`: a key overwritten behind our back keeps its old version, and reads go to the recorded one.
    `retention`: a version can be locked against deletion until a moment.
    """

    versions: bool
    retention: bool


@dataclass(frozen=True, slots=True)
class ExpectedDigest:
    """What the stream must turn out to be: `sha256` in lower-case hex, `size` in bytes, None where not known before."""

    sha256: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it was acknowledged. `version_id` is None where the store has no versions; `crc32` is unsigned."""

    key: str
    version_id: str | None
    size: int
    sha256: str
    crc32: int


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object as the store lists it; `modified_at` is aware UTC, `size` in bytes."""

    key: str
    version_id: str | None
    size: int
    modified_at: datetime


class Readable(Protocol):
    """What `put` reads from: `read(n)` gives at most n bytes, and none only at the end."""

    def read(self, size: int, /) -> bytes: ...


class Closable(Readable, Protocol):
    """A source that holds a file or a connection until it is closed."""

    def close(self) -> None: ...


class ObjectStore(Protocol):
    """Write-once objects.

    Every method may raise StoreUnavailable or StoreMisconfigured, and BadKey where it takes a key. Reads name the
    recorded `version_id`; None stands for an object that was stored where there were no versions.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do; a remote one is asked once."""
        ...

    def put(
        self, key: str, stream: Readable, *, expected: ExpectedDigest | None = None, limit: int | None = None
    ) -> StoredObject:
        """Store the whole stream under a free key; when this returns, the bytes are durable.

        Raises ObjectExists, ObjectTooLarge (more than `limit` bytes), IntegrityMismatch (not `expected`), or whatever
        the stream raises; then nothing is left that a reader could take for an object. Memory does not grow with the
        stream.
        """
        ...

    def open(
        self, key: str, *, version_id: str | None = None, offset: int = 0, length: int | None = None
    ) -> ObjectReader:
        """Read from `offset`, at most `length` bytes; beyond the end there is nothing. Raises ObjectMissing."""
        ...

    def stat(self, key: str, *, version_id: str | None = None) -> ObjectInfo:
        """Size and time without reading. Raises ObjectMissing."""
        ...

    def list_objects(self) -> Iterator[ObjectInfo]:
        """Every version of every object of ours, and under INCOMPLETE what cut uploads left. For the sweeper."""
        ...

    def delete(self, key: str, *, version_id: str | None = None) -> None:
        """Remove one version; a missing one is no error. For the sweeper only. Raises ObjectRetained."""
        ...

    def retain(self, key: str, *, version_id: str | None, until: datetime, lock: Lock = Lock.GOVERNANCE) -> None:
        """Lock one version against deletion until `until` (aware). Raises RetentionUnsupported, ObjectMissing."""
        ...

    def check(self) -> tuple[StoreWarning, ...]:
        """Ask whether the store would take an object now, and say what is weaker than it should be."""
        ...


def new_key() -> str:
    """A fresh random key: 128 bits, so two uploads never meet and a key tells nothing about what it holds."""
    return secrets.token_hex(16)


def is_key(name: str) -> bool:
    """Tell a key of ours from anything else that may lie in the same folder or bucket."""
    return _KEY.fullmatch(name) is not None


def checked_key(key: str) -> str:
    """Return the key, or raise BadKey for what `new_key` cannot have made, such as a path that leaves the folder."""
    if not is_key(key):
        raise BadKey(f"not an object key: {key[:80]!r}")
    return key


def checked_range(offset: int, length: int | None) -> None:
    """Raise ValueError for a range that no caller can mean; one beyond the end is fine and empty."""
    if offset < 0 or (length is not None and length < 0):
        raise ValueError(f"offset {offset}, length {length}")


class HashingReader:
    """Digests a stream while somebody else reads it, in one pass.

    At the end of the stream, or once it has the expected size, it compares with `expected`, and raises before the last
    bytes or the end are told to whoever reads: a copy never finishes a wrong stream. `read` gives less than asked for
    only at the end.
    """

    def __init__(self, source: Readable, *, expected: ExpectedDigest | None = None, limit: int | None = None) -> None:
        self.size = 0
        self.crc32 = 0
        self._source = source
        self._expected = expected or ExpectedDigest()
        self._limit = limit
        self._sha256 = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """SHA-256 of what was read so far, lower-case hex."""
        return self._sha256.hexdigest()

    def read(self, size: int, /) -> bytes:
        """Return exactly `size` bytes, or fewer at the end. Raises ObjectTooLarge, IntegrityMismatch."""
        chunks: list[bytes] = []
        while size > 0:
            chunk = self._source.read(size)
            self._digest(chunk)
            if not chunk:
                break
            chunks.append(chunk)
            size -= len(chunk)
        if size > 0 or self.size == self._expected.size:
            self._finish()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _digest(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._sha256.update(chunk)  # first of all, so that who records a refusal names what was read
        if self._limit is not None and self.size > self._limit:
            raise ObjectTooLarge(f"more than {self._limit} bytes")
        if self._expected.size is not None and self.size > self._expected.size:
            raise IntegrityMismatch(f"more than the expected {self._expected.size} bytes")
        self.crc32 = zlib.crc32(chunk, self.crc32)

    def _finish(self) -> None:
        # Who knows the size may stop there, so a longer stream has to be noticed now.
        self._digest(self._source.read(1))
        if self._expected.size not in (None, self.size):
            raise IntegrityMismatch(f"{self.size} bytes instead of {self._expected.size}")
        if self._expected.sha256 not in (None, self.sha256):
            raise IntegrityMismatch(f"SHA-256 {self.sha256} instead of {self._expected.sha256}")


class ObjectReader:
    """An open object: a context manager that is read by size or iterated in chunks of at most CHUNK_SIZE bytes."""

    def __init__(
        self, source: Closable, *, length: int | None = None, errors: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """`errors` makes a context that turns the source's own errors into those of the port."""
        self._source = source
        self._left = length
        self._errors = errors

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none only at the end."""
        wanted = size if self._left is None else min(size, self._left)
        if wanted <= 0:
            return b""
        with self._errors():
            chunk = self._source.read(wanted)
        if self._left is not None:
            self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        """Give back the file or connection."""
        self._source.close()

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK_SIZE):
            yield chunk

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
