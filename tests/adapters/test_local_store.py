"""What only the store on a local disk promises: order on the disk, modes, and leftovers of a crash."""

import errno
import os
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from portal.adapters.local_store import LocalStore
from portal.adapters.store import (
    INCOMPLETE,
    Capabilities,
    ObjectExists,
    ObjectMissing,
    RetentionUnsupported,
    StoreMisconfigured,
    StoreUnavailable,
    StoreWarning,
    new_key,
)
from tests.adapters.streams import GeneratedStream

KEY = "0123456789abcdef0123456789abcdef"
TARGET = f"objects/01/23/{KEY}"


def record_calls(monkeypatch: pytest.MonkeyPatch, root: Path) -> list[str]:
    """Let the calls to the operating system through and note them in order, with paths relative to `root`."""
    calls: list[str] = []
    sync, link, unlink = os.fsync, os.link, Path.unlink

    def name(path: Path) -> str:
        return str(path.relative_to(root))

    def noted_sync(descriptor: int) -> None:
        calls.append(f"sync {name(Path(f'/proc/self/fd/{descriptor}').readlink())}")
        sync(descriptor)

    def noted_link(source: Path, target: Path) -> None:
        calls.append(f"link {name(source)} {name(target)}")
        link(source, target)

    def noted_unlink(path: Path, missing_ok: bool = False) -> None:
        calls.append(f"unlink {name(path)}")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "link", noted_link)
    monkeypatch.setattr(Path, "unlink", noted_unlink)
    return calls


def test_content_is_durable_before_its_name_and_the_name_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = record_calls(monkeypatch, tmp_path)

    LocalStore(tmp_path).put(KEY, BytesIO(b"x"))

    assert calls == [
        f"sync incoming/{KEY}",
        f"link incoming/{KEY} {TARGET}",
        "sync objects/01/23",
        "sync objects/01",
        "sync objects",
        "sync .",
        f"unlink incoming/{KEY}",
    ]


def test_a_deletion_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path)
    store.put(KEY, BytesIO(b"x"))
    calls = record_calls(monkeypatch, tmp_path)

    store.delete(KEY)

    assert calls == [f"unlink {TARGET}", "sync objects/01/23"]


def test_a_taken_name_is_refused_even_when_it_was_free_at_the_start(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)

    class Rival:
        """Another process that stores the same key while we read."""

        def read(self, _size: int, /) -> bytes:
            target = tmp_path / TARGET
            if target.exists():
                return b""
            target.parent.mkdir(parents=True)
            target.write_bytes(b"rival")
            return b"ours"

    with pytest.raises(ObjectExists):
        store.put(KEY, Rival())

    assert (tmp_path / TARGET).read_bytes() == b"rival"
    assert [info.version_id for info in store.list_objects()] == [None]


def test_an_upload_that_still_runs_holds_its_key(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)

    class Second:
        """Starts a second upload of the same key in the middle of the first."""

        started = False

        def read(self, _size: int, /) -> bytes:
            if self.started:
                return b""
            self.started = True
            with pytest.raises(ObjectExists):
                store.put(KEY, BytesIO(b"second"))
            return b"first"

    store.put(KEY, Second())

    with store.open(KEY) as reader:
        assert b"".join(reader) == b"first"


def test_nobody_else_may_read_what_is_stored(tmp_path: Path) -> None:
    root = tmp_path / "new" / "store"
    LocalStore(root).put(KEY, BytesIO(b"x"))

    modes = {path.relative_to(root).as_posix(): path.stat().st_mode & 0o777 for path in [root, *root.rglob("*")]}

    assert modes == {
        ".": 0o700,
        "incoming": 0o700,
        "objects": 0o700,
        "objects/01": 0o700,
        "objects/01/23": 0o700,
        TARGET: 0o600,
    }


def test_the_check_warns_of_a_folder_that_others_can_read(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    tmp_path.chmod(0o700)
    assert store.check() == ()

    tmp_path.chmod(0o755)

    assert store.check() == (StoreWarning.FOLDER_OPEN_TO_OTHERS,)


def test_what_a_crash_leaves_is_listed_apart_and_can_be_deleted(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(new_key(), BytesIO(b"whole"))
    leftover = tmp_path / "incoming" / KEY
    leftover.write_bytes(b"cut")
    os.utime(leftover, (1_000_000, 1_000_000))

    listed = [info for info in store.list_objects() if info.version_id == INCOMPLETE]

    assert [(info.key, info.size, info.modified_at) for info in listed] == [
        (KEY, 3, datetime(1970, 1, 12, 13, 46, 40, tzinfo=UTC))
    ]
    with pytest.raises(ObjectMissing):
        store.open(KEY)
    store.delete(KEY, version_id=INCOMPLETE)
    assert [info.size for info in store.list_objects()] == [5]


def test_files_that_are_not_ours_are_not_listed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(KEY, BytesIO(b"x"))
    for stranger in ("objects/01/23/Thumbs.db", "objects/.DS_Store", "incoming/notes.txt"):
        (tmp_path / stranger).write_bytes(b"?")

    assert [info.key for info in store.list_objects()] == [KEY]


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, StoreUnavailable), (errno.EIO, StoreUnavailable), (errno.EROFS, StoreMisconfigured)],
)
def test_a_disk_that_cannot_write_is_reported_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    store = LocalStore(tmp_path)
    monkeypatch.setattr(os, "fsync", failing_with(number))

    with pytest.raises(error, match=os.strerror(number)):
        store.put(KEY, BytesIO(b"x"))

    assert list(store.list_objects()) == []


def failing_with(number: int) -> Callable[[int], None]:
    """Return an fsync that reports the error `number`."""

    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_file_system_without_links_is_for_the_operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path)
    monkeypatch.setattr(os, "link", lambda *_: failing_with(errno.EPERM)(0))  # what Linux answers on FAT

    with pytest.raises(StoreMisconfigured):
        store.check()

    assert list(store.list_objects()) == []


@pytest.mark.parametrize("size", [100, 3 << 20])
def test_a_disk_that_fills_up_in_the_middle_of_an_upload_leaves_nothing(tmp_path: Path, size: int) -> None:
    store = LocalStore(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, hard))
    try:
        with pytest.raises(StoreUnavailable):
            store.put(KEY, GeneratedStream(size))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(store.list_objects()) == []


def test_a_temporary_file_taken_away_meanwhile_is_not_taken_for_a_missing_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: (tmp_path / "incoming" / KEY).unlink(missing_ok=True))

    with pytest.raises(StoreUnavailable):
        LocalStore(tmp_path).put(KEY, BytesIO(b"x"))


def test_a_root_that_is_no_folder_is_for_the_operator(tmp_path: Path) -> None:
    root = tmp_path / "file"
    root.write_bytes(b"")

    with pytest.raises(StoreMisconfigured):
        LocalStore(root).check()


def test_a_local_disk_has_neither_versions_nor_retention(local_store: LocalStore) -> None:
    assert local_store.capabilities == Capabilities(versions=False, retention=False)
    with pytest.raises(RetentionUnsupported):
        local_store.retain(KEY, version_id=None, until=datetime(2027, 1, 1, tzinfo=UTC))
