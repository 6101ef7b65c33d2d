"""Streams that no test has to hold in memory: generated content of any length, and one that breaks off."""

import hashlib
import random
import zlib
from dataclasses import dataclass

# A prime length, so that no two parts or chunks are alike and a swapped one changes the digest.
_PATTERN = random.Random(20220601).randbytes(65_521)  # noqa: S311  test content, no secret


class GeneratedStream:
    """Gives `size` bytes of fixed content; the same size gives the same bytes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._position = 0

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes and seldom as many, as a socket does."""
        start = self._position % len(_PATTERN)
        count = min(size, self._size - self._position, len(_PATTERN) - start)
        self._position += count
        return _PATTERN[start : start + count]


class CutStream(GeneratedStream):
    """Raises ConnectionResetError where a whole stream would end."""

    def read(self, size: int, /) -> bytes:
        """Return bytes until the cut."""
        chunk = super().read(size)
        if not chunk:
            raise ConnectionResetError("cut by the test")
        return chunk


@dataclass(frozen=True, slots=True)
class Digest:
    """What the content of a `GeneratedStream` digests to, computed without the code under test."""

    sha256: str
    crc32: int


def content(size: int) -> bytes:
    """Return the bytes of `GeneratedStream(size)`."""
    return (_PATTERN * (size // len(_PATTERN) + 1))[:size]


def digest(size: int) -> Digest:
    """Return the digest of `GeneratedStream(size)`."""
    whole = content(size)
    return Digest(hashlib.sha256(whole).hexdigest(), zlib.crc32(whole))
