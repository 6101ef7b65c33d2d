"""What every object store promises, run on each of them: the local disk, real MinIO, and an S3 server of other make."""

import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from portal.adapters.store import (
    BadKey,
    ExpectedDigest,
    ObjectExists,
    ObjectMissing,
    ObjectStore,
    ObjectTooLarge,
    new_key,
)
from portal.domain.errors import IntegrityMismatch
from tests.adapters.streams import CutStream, GeneratedStream, content, digest

MIB = 1 << 20
SIZES = [0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 10 * MIB, 10 * MIB + 1]
ESCAPING_NAMES = ["", ".", "..", "../../etc/passwd", "/etc/passwd", "a/../b", "C:\\x", "a" * 31, "a" * 33, "A" * 32]
ESCAPING_NAMES += ["a" * 31 + "\n", "a" * 32 + "\n", "a" * 31 + "\0", "a" * 31 + "/", "٣" * 32]


@pytest.fixture(params=["local", "minio", "rclone"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """Each kind of store, empty."""
    kind: str = request.param
    made: ObjectStore = request.getfixturevalue(f"{kind}_store")
    return made


def read(store: ObjectStore, key: str, version_id: str | None, *, offset: int = 0, length: int | None = None) -> bytes:
    """Read a range to its end in chunks."""
    with store.open(key, version_id=version_id, offset=offset, length=length) as reader:
        return b"".join(reader)


def assert_nothing_is_left(store: ObjectStore, key: str) -> None:
    """Neither an object nor the rest of an upload."""
    assert list(store.list_objects()) == []
    with pytest.raises(ObjectMissing):
        store.stat(key)


@pytest.mark.parametrize("size", SIZES)
def test_an_object_comes_back_as_it_was_put(store: ObjectStore, size: int) -> None:
    stored = store.put(new_key(), GeneratedStream(size))

    assert (stored.size, stored.sha256, stored.crc32) == (size, digest(size).sha256, digest(size).crc32)
    assert read(store, stored.key, stored.version_id) == content(size)
    assert store.stat(stored.key, version_id=stored.version_id).size == size


@pytest.mark.parametrize("size", [0, 1, 5 * MIB, 5 * MIB + 1, 10 * MIB, 10 * MIB + 1])
def test_a_stream_that_is_what_was_expected_is_stored(store: ObjectStore, size: int) -> None:
    expected = ExpectedDigest(sha256=digest(size).sha256, size=size)

    stored = store.put(new_key(), GeneratedStream(size), expected=expected, limit=size)

    assert read(store, stored.key, stored.version_id) == content(size)


def test_memory_stays_flat_for_a_stream_of_unknown_length(store: ObjectStore) -> None:
    size = 64 * MIB
    store.put(new_key(), GeneratedStream(1))  # connections and modules are there before we measure
    gc.collect()
    tracemalloc.start()
    try:
        stored = store.put(new_key(), GeneratedStream(size))
        with store.open(stored.key, version_id=stored.version_id) as reader:
            count = sum(len(chunk) for chunk in reader)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (stored.size, count) == (size, size)
    assert stored.sha256 == digest(size).sha256
    assert peak < 32 * MIB, f"{peak / MIB:.1f} MiB"


@pytest.mark.parametrize("size", [0, 1, 6 * MIB])
@pytest.mark.parametrize(
    "expected",
    [
        ExpectedDigest(sha256="0" * 64),
        ExpectedDigest(size=2),
        ExpectedDigest(size=6 * MIB - 1),
        ExpectedDigest(size=7 * MIB),
        ExpectedDigest(size=6 * MIB, sha256="0" * 64),
    ],
    ids=["sha256", "other length", "shorter", "longer", "sha256 of the right length"],
)
def test_a_stream_that_is_not_what_was_expected_is_refused(
    store: ObjectStore, size: int, expected: ExpectedDigest
) -> None:
    key = new_key()

    with pytest.raises(IntegrityMismatch):
        store.put(key, GeneratedStream(size), expected=expected)

    assert_nothing_is_left(store, key)


@pytest.mark.parametrize("limit", [0, 3, 5 * MIB, 6 * MIB - 1])
def test_a_stream_beyond_the_limit_is_refused(store: ObjectStore, limit: int) -> None:
    key = new_key()

    with pytest.raises(ObjectTooLarge):
        store.put(key, GeneratedStream(6 * MIB), limit=limit)

    assert_nothing_is_left(store, key)


@pytest.mark.parametrize("size", [0, 1, 5 * MIB, 12 * MIB])
def test_a_cut_stream_leaves_nothing_and_its_key_stays_free(store: ObjectStore, size: int) -> None:
    key = new_key()

    with pytest.raises(ConnectionResetError, match="cut by the test"):
        store.put(key, CutStream(size))

    assert_nothing_is_left(store, key)
    stored = store.put(key, GeneratedStream(size))
    assert read(store, key, stored.version_id) == content(size)


def test_req_17_an_existing_key_is_refused_and_keeps_its_bytes(store: ObjectStore) -> None:
    first = store.put(new_key(), BytesIO(b"first"))

    with pytest.raises(ObjectExists):
        store.put(first.key, BytesIO(b"second"))

    assert read(store, first.key, first.version_id) == b"first"
    assert [info.key for info in store.list_objects()] == [first.key]


def test_a_missing_key_is_reported_and_deleting_it_is_no_error(store: ObjectStore) -> None:
    key = new_key()

    with pytest.raises(ObjectMissing):
        store.open(key)
    with pytest.raises(ObjectMissing):
        store.stat(key)
    store.delete(key)


def test_an_unknown_version_is_missing(store: ObjectStore) -> None:
    stored = store.put(new_key(), BytesIO(b"one"))
    unknown = "11111111-1111-4111-8111-111111111111"

    with pytest.raises(ObjectMissing):
        store.open(stored.key, version_id=unknown)
    with pytest.raises(ObjectMissing):
        store.stat(stored.key, version_id=unknown)


@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, None), (0, 1), (0, 10), (3, 4), (7, None), (9, 1), (8, 100), (5, 0), (0, 0), (10, None), (10, 5), (99, 1)],
)
def test_a_range_is_what_a_slice_would_be(store: ObjectStore, offset: int, length: int | None) -> None:
    stored = store.put(new_key(), BytesIO(b"0123456789"))
    end = None if length is None else offset + length

    assert read(store, stored.key, stored.version_id, offset=offset, length=length) == b"0123456789"[offset:end]


def test_a_range_across_parts_is_what_a_slice_would_be(store: ObjectStore) -> None:
    stored = store.put(new_key(), GeneratedStream(11 * MIB))
    offset, length = 5 * MIB - 7, 5 * MIB + 11

    assert (
        read(store, stored.key, stored.version_id, offset=offset, length=length)
        == (content(11 * MIB)[offset : offset + length])
    )


def test_any_range_of_an_empty_object_is_empty(store: ObjectStore) -> None:
    stored = store.put(new_key(), BytesIO())

    assert read(store, stored.key, stored.version_id, length=5) == b""
    assert read(store, stored.key, stored.version_id, offset=1) == b""


@pytest.mark.parametrize(("offset", "length"), [(-1, None), (0, -1)])
def test_a_negative_range_is_a_mistake_of_the_caller(store: ObjectStore, offset: int, length: int | None) -> None:
    with pytest.raises(ValueError, match="offset"):
        store.open(new_key(), offset=offset, length=length)


def test_a_reader_gives_no_more_than_asked_for_and_ends_with_nothing(store: ObjectStore) -> None:
    stored = store.put(new_key(), BytesIO(b"0123456789"))

    with store.open(stored.key, version_id=stored.version_id, offset=2, length=5) as reader:
        assert [reader.read(3), reader.read(3), reader.read(3)] == [b"234", b"56", b""]


@pytest.mark.parametrize("name", ESCAPING_NAMES)
def test_a_name_that_is_no_key_of_ours_is_refused(store: ObjectStore, name: str) -> None:
    with pytest.raises(BadKey):
        store.put(name, BytesIO(b"x"))
    with pytest.raises(BadKey):
        store.open(name)
    with pytest.raises(BadKey):
        store.stat(name)
    with pytest.raises(BadKey):
        store.delete(name)
    with pytest.raises(BadKey):
        store.retain(name, version_id=None, until=datetime.now(UTC))
    assert list(store.list_objects()) == []


def test_the_list_names_every_object_and_a_deleted_one_no_more(store: ObjectStore) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    stored = [store.put(new_key(), GeneratedStream(size)) for size in (0, 1, 6 * MIB)]

    listed = {(info.key, info.version_id): info for info in store.list_objects()}

    assert {identity: info.size for identity, info in listed.items()} == {
        (each.key, each.version_id): each.size for each in stored
    }
    assert all(before < info.modified_at < before + timedelta(minutes=10) for info in listed.values())
    assert {info.modified_at.tzinfo for info in listed.values()} == {UTC}

    store.delete(stored[0].key, version_id=stored[0].version_id)

    assert {info.key for info in store.list_objects()} == {stored[1].key, stored[2].key}
    with pytest.raises(ObjectMissing):
        store.open(stored[0].key, version_id=stored[0].version_id)


def test_threads_share_one_store(store: ObjectStore) -> None:
    sizes = [index * 1000 for index in range(40)]

    def store_and_read(size: int) -> bytes:
        stored = store.put(new_key(), GeneratedStream(size))
        return read(store, stored.key, stored.version_id)

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(store_and_read, sizes))

    assert results == [content(size) for size in sizes]


def test_a_fresh_store_is_ready_and_the_check_leaves_nothing(store: ObjectStore) -> None:
    store.check()

    assert list(store.list_objects()) == []
