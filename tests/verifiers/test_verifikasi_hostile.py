"""verifikasi.py against bundles that are huge, or made to hurt whoever reads them: no traceback, no endless memory."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from portal.domain.bundle.zip_plan import plan_zip
from portal.domain.bundle.zip_records import ZipEntry
from tests.domain.bundle.zip_file import MOMENT, VirtualZip, bytes_of, plan_of
from tests.verifiers.bag_maker import HEADS, LOG, METADATA, OPENINGS, PROOF, SSH_SIGNATURE, Bag
from tests.verifiers.extracted import extract
from tests.verifiers.keys import SIGNER
from tests.verifiers.loaded import VERIFIER, verifikasi
from tests.verifiers.mutations.mutation import good_bag, put, resigned
from tests.verifiers.story import TEAM, canonical

MEGABYTE = 1 << 20


def verdict(bag: bytes, folder: Path) -> str:
    """The verdict over a ZIP, any failure of the verifier itself let through."""
    keys = [folder / name for name in ("a", "b", "c")]
    for path, text in zip(keys, SIGNER.public, strict=True):
        path.write_text(text)
    place = folder / "paket.zip"
    place.write_bytes(bag)
    report = verifikasi.Report()
    try:
        verifikasi.verify(str(place), verifikasi.read_keys([str(key) for key in keys]), None, report, lambda _: None)
    except verifikasi.Unreadable:
        return "unreadable"
    return str(report.verdict)


def opened(file: BinaryIO) -> tuple[Any, Any]:
    report = verifikasi.Report()
    return verifikasi.open_zip("paket.zip", file, report), report


def test_a_zip_of_70_000_members_opens() -> None:
    plan = plan_of({f"paket/data/{number:05d}.pdf": b"" for number in range(70_000)})
    bag, report = opened(BytesIO(bytes_of(plan, [b""] * 70_000)))
    assert report.findings == []
    assert len(bag.sizes) == 70_000


def test_a_zip_of_200_001_members_is_not_read(tmp_path: Path) -> None:
    size = 46 * 200_001
    end64 = b"PK\6\6" + (44).to_bytes(8, "little") + b"\x2d\3\x2d\0" + bytes(8) + (200_001).to_bytes(8, "little") * 2
    end64 += size.to_bytes(8, "little") + bytes(8)
    locator = b"PK\6\7" + bytes(4) + size.to_bytes(8, "little") + (1).to_bytes(4, "little")
    end = b"PK\5\6" + bytes(4) + b"\xff\xff\xff\xff" + size.to_bytes(4, "little") + bytes(4) + bytes(2)
    assert verdict(bytes(size) + end64 + locator + end, tmp_path) == "not_genuine"


def test_a_member_beyond_4_gib_opens() -> None:
    size = 5 << 30
    entries = [
        ZipEntry("paket/bagit.txt", 0, 0),
        ZipEntry("paket/data/film.mp4", size, 1),
        ZipEntry("paket/data/z", 0, 0),
    ]
    bag, report = opened(BufferedReader(VirtualZip(plan_zip(entries, MOMENT), {})))
    assert report.findings == []
    assert bag.sizes["data/film.mp4"] == size
    assert bag.offsets["data/z"] > size


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by setrlimit, files are sparse")
def test_files_of_nothing_but_zeros_do_not_fill_the_memory(tmp_path: Path) -> None:
    """What a verifier reads as a whole is larger than it may be, the rest at least large, and 160 MB are all it has."""
    folder = extract(good_bag(), tmp_path)
    for path in (HEADS, OPENINGS, METADATA):
        os.truncate(folder / path, 65 * MEGABYTE)
    for path in (LOG, PROOF, SSH_SIGNATURE, "audit/checkpoint", "bag-info.txt", TEAM.files[0].path):
        os.truncate(folder / path, 20 * MEGABYTE)
    key = tmp_path / "kunci"
    key.write_text(SIGNER.allowed_signers)
    limited = f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_AS, ({160 * MEGABYTE},) * 2); "
    start = limited + f"sys.argv[1:] = {[str(folder), '--kunci', str(key), '--json']!r}; "
    start += f"runpy.run_path({str(VERIFIER)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-I", "-c", start], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    codes = {finding["code"] for finding in json.loads(done.stdout)["findings"]}
    assert codes == {"bag", "digest", "log", "metadata", "checkpoint", "signature"}


def test_ten_thousand_faults_are_counted_and_not_all_told() -> None:
    report = verifikasi.Report()
    for number in range(10_000):
        report.find("unlisted", str(number), verifikasi.Words("a", "b"))
    report.find("log", "x", verifikasi.Words("a", "b"))
    assert len(report.findings) == verifikasi.SHOWN_PER_CODE + 1
    assert "9900" in verifikasi.as_text(report, "id")


def test_what_a_bundle_says_cannot_move_the_cursor() -> None:
    report = verifikasi.Report()
    report.find("name", verifikasi._shown("\x1b[2J\u202e\n"), verifikasi.Words("a", "b"), "\x1b[1A", b"\x1b")
    text = verifikasi.as_text(report, "id")
    assert not {"\x1b", "\u202e"} & set(text)
    assert "\\x1b[1A" in text


@pytest.mark.parametrize("path", sorted(good_bag().files))
def test_no_byte_of_any_file_can_be_changed(path: str, tmp_path: Path) -> None:
    """First, last and one in the middle; the bag is not listed or signed again."""
    content = good_bag().files[path]
    for at in {0, len(content) // 2, len(content) - 1}:
        changed = content[:at] + bytes([content[at] ^ 0x20]) + content[at + 1 :]
        bag = replace(good_bag(), files={**good_bag().files, path: changed})
        assert verdict(bytes(bag.archive()), tmp_path) == "not_genuine", at


def test_a_zip_spoiled_anywhere_never_breaks_the_verifier(tmp_path: Path) -> None:
    whole, chance = bytes(good_bag().archive()), random.Random(20261124)  # noqa: S311  # the same bytes in every run
    for _ in range(60):
        at, length = chance.randrange(len(whole)), chance.randrange(1, 30)
        for spoiled in (whole[:at] + whole[at + length :], whole[:at] + chance.randbytes(length) + whole[at:]):
            assert verdict(spoiled, tmp_path) in {"not_genuine", "unreadable"}, at


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a JSON document."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*at, key))


def with_value(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[at[0]] = with_value(value[at[0]], at[1:], new)
    return copied


def test_values_of_another_kind_anywhere_in_bukti_json_never_break_the_verifier(tmp_path: Path) -> None:
    document, chance = json.loads(good_bag().files[METADATA]), random.Random(20261124)  # noqa: S311  # as above
    for at in chance.sample(list(places(document)), 25):
        new: Any = chance.choice([None, True, -1, 2**53 - 1, "", [], {}, [[]], [{}]])
        spoiled = resigned(put(METADATA, canonical(with_value(document, at, new))))(good_bag())
        assert verdict(bytes(spoiled.archive()), tmp_path) in {"not_genuine", "genuine"}, (at, new)


def test_wrong_signatures_by_the_thousand_are_judged_in_time(tmp_path: Path) -> None:
    """Judging one takes milliseconds: of a bag with 200 notes of 300 wrong signatures each, not many are."""
    files, asked = dict(good_bag().files), 0
    line = f"— {SIGNER.origin} {b64encode(SIGNER.key_id + bytes(64)).decode()}\n"
    for size in range(1_000, 1_200):
        text = f"{SIGNER.origin}\n{size}\n{'A' * 43}=\n\n{line * 300}"
        files[f"audit/checkpoints/{size:012d}.txt"] = text.encode()
    judge = verifikasi.ed25519_is_valid

    def counted(*given: bytes) -> bool:
        nonlocal asked
        asked += 1
        return bool(judge(*given))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verifikasi, "ed25519_is_valid", counted)
        assert verdict(bytes(replace(good_bag(), files=files).archive()), tmp_path) == "not_genuine"
    assert asked < 150


def test_a_bundle_with_more_than_it_should_tell_is_judged_in_time(tmp_path: Path) -> None:
    """One evidence named 1,000 times, each with 200 leaves: work grows with the file, not with its square."""
    document = json.loads(good_bag().files[METADATA])
    evidence = document["areas"][0]["components"][0]["indicators"][0]["requirements"][0]["evidence"]
    evidence[0]["leaves"] += [0] * 200
    evidence.extend([evidence[0]] * 1_000)
    bag: Bag = resigned(put(METADATA, canonical(document)))(good_bag())
    assert verdict(bytes(bag.archive()), tmp_path) == "not_genuine"
