"""The reader that digests on the way, and the keys."""

import hashlib
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.store import ExpectedDigest, HashingReader, ObjectTooLarge, checked_key, new_key
from portal.domain.errors import IntegrityMismatch


class Dribble:
    """A stream that gives at most as many bytes at a time as the list says, and then all it is asked for."""

    def __init__(self, data: bytes, counts: list[int]) -> None:
        self._stream = BytesIO(data)
        self._counts = counts

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes."""
        count = self._counts.pop() if self._counts else size
        return self._stream.read(min(count, size))


def drain(reader: HashingReader, size: int) -> list[bytes]:
    """Read to the end in requests of `size` bytes."""
    return list(iter(lambda: reader.read(size), b""))


@given(st.binary(max_size=300), st.lists(st.integers(1, 50), max_size=30), st.integers(1, 70))
def test_the_digest_does_not_depend_on_how_the_stream_is_cut(data: bytes, counts: list[int], size: int) -> None:
    reader = HashingReader(Dribble(data, counts))

    chunks = drain(reader, size)

    assert b"".join(chunks) == data
    assert (reader.size, reader.crc32) == (len(data), zlib.crc32(data))
    assert reader.sha256 == hashlib.sha256(data).hexdigest()


@given(st.binary(max_size=300), st.lists(st.integers(1, 50), max_size=30), st.integers(1, 70))
def test_only_the_last_chunk_is_shorter_than_asked_for(data: bytes, counts: list[int], size: int) -> None:
    chunks = drain(HashingReader(Dribble(data, counts)), size)

    assert all(len(chunk) == size for chunk in chunks[:-1])


@given(st.binary(min_size=1, max_size=100), st.integers(1, 70), st.data())
def test_one_changed_byte_is_a_mismatch(data: bytes, size: int, draw: st.DataObject) -> None:
    expected = ExpectedDigest(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    place = draw.draw(st.integers(0, len(data) - 1))
    changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    assert b"".join(drain(HashingReader(BytesIO(data), expected=expected), size)) == data
    with pytest.raises(IntegrityMismatch, match="SHA-256"):
        drain(HashingReader(BytesIO(changed), expected=expected), size)


def test_a_mismatch_is_raised_before_the_end_is_told() -> None:
    reader = HashingReader(BytesIO(b"abc"), expected=ExpectedDigest(sha256="0" * 64))

    assert reader.read(3) == b"abc"
    with pytest.raises(IntegrityMismatch, match="SHA-256"):
        reader.read(1)


def test_a_mismatch_is_raised_before_the_last_bytes_of_a_known_size() -> None:
    reader = HashingReader(BytesIO(b"abc"), expected=ExpectedDigest(sha256="0" * 64, size=3))

    assert reader.read(2) == b"ab"
    with pytest.raises(IntegrityMismatch, match="SHA-256"):
        reader.read(1)


def test_one_byte_more_than_the_known_size_is_noticed_by_who_stops_there() -> None:
    reader = HashingReader(BytesIO(b"abcd"), expected=ExpectedDigest(size=3))

    with pytest.raises(IntegrityMismatch, match="more than the expected 3"):
        reader.read(3)
    assert reader.sha256 == hashlib.sha256(b"abcd").hexdigest()


def test_a_stream_without_end_stops_at_the_limit() -> None:
    class Endless:
        def read(self, size: int, /) -> bytes:
            return bytes(size)

    reader = HashingReader(Endless(), limit=10_000)

    with pytest.raises(ObjectTooLarge, match="10000"):
        drain(reader, 1000)
    assert reader.size == 11_000


def test_req_23_keys_are_random_and_of_the_one_grammar() -> None:
    keys = {new_key() for _ in range(1000)}

    assert len(keys) == 1000
    assert {checked_key(key) for key in keys} == keys
