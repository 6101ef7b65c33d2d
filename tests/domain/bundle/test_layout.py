"""Names in the bundle, and the bag as independent tools see it: bagit.py and sha256sum."""

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.bundle.layout import (
    BAGIT_FILES,
    MAX_BAG_PATH_LENGTH,
    MAX_TOP_LENGTH,
    BagFile,
    BagInfo,
    InvalidBag,
    bag_info_text,
    bagit_files,
    manifest_text,
    member_path,
    slug,
    top_directory,
    zip_order,
)
from portal.domain.bundle.safe_path import UnsafePath, require_safe
from portal.domain.bundle.zip_plan import plan_zip
from portal.domain.bundle.zip_records import ZipEntry
from tests.domain.bundle.zip_file import MOMENT, bytes_of

SHA = "0123abcd" + "e" * 56
PLACE: Mapping[str, Any] = {  # Any: the arguments of one call, some of them wrong on purpose
    "area_position": 1,
    "area_name": "Pembangunan unit kerja untuk memperoleh predikat menuju WBK/WBBM KPU",
    "indicator_code": "I.1.1",
    "indicator_text": "Menerbitkan SK Tim Kerja/Kelompok Kerja",
    "position": 1,
    "original_name": "SK Tim Kerja ZI (final).PDF",
    "sha256": SHA,
    "extension": "pdf",
}
INFO = BagInfo(
    source_organization="KPU Kabupaten Merangin",
    bagging_date=date(2025, 12, 1),
    external_identifier="bukti-zi_kpu-merangin_2025_1234",
    software_agent="portal-bukti-zi 0.1.0",
)
PAYLOAD = {"data/02_b/II.1.1_x/01_y_00000000.pdf": b"dua", "data/01_a/I.1.1_x/01_y_00000000.pdf": b"", "data/Z": b"z"}
TAGS = {"index.html": b"<!doctype html>", "audit/log.jsonl": b"{}\n", "BACA-SAYA.txt": b"Langkah pemeriksaan\n"}
SIGNATURE = {"sig/tagmanifest-sha256.txt.sig": b"signature"}


def files_of(contents: Mapping[str, bytes]) -> list[BagFile]:
    return [BagFile.of(path, content) for path, content in contents.items()]


def bag_contents() -> dict[str, bytes]:
    """Every file of a small bag by path, in no order."""
    declared = bagit_files(INFO, files_of(PAYLOAD), files_of({**TAGS, **SIGNATURE}))
    return {**PAYLOAD, **SIGNATURE, **TAGS, **declared}


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """The bag as an auditor has it: planned as a ZIP, read by Python's zipfile, unpacked."""
    contents = bag_contents()
    top = top_directory(unit="kpu-merangin", year=2025, size=1234)
    files = zip_order(files_of(contents))
    plan = plan_zip([ZipEntry(f"{top}/{file.path}", file.size, file.crc32) for file in files], MOMENT)
    path = tmp_path / "bukti.zip"
    path.write_bytes(bytes_of(plan, [contents[file.path] for file in files]))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    return tmp_path / top


def test_bagit_accepts_the_bag_as_a_program(bag: Path) -> None:
    checked = subprocess.run([sys.executable, bagit.__file__, "--validate", bag], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr.decode()
    opened = bagit.Bag(str(bag))
    assert opened.info["Payload-Oxum"] == "4.3"
    assert opened.info["Source-Organization"] == "KPU Kabupaten Merangin"


def test_bagit_refuses_the_bag_with_one_byte_changed(bag: Path) -> None:
    (bag / "data/Z").write_bytes(b"y")
    checked = subprocess.run([sys.executable, bagit.__file__, "--validate", bag], capture_output=True, check=False)
    assert checked.returncode != 0


def test_sha256sum_accepts_both_manifests(bag: Path) -> None:
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run(["sha256sum", "-c", "--strict", manifest], cwd=bag, capture_output=True, check=True)


def test_the_tag_manifest_lists_every_tag_file_but_itself_and_the_signatures() -> None:
    listed = {line.split("  ")[1] for line in bag_contents()["tagmanifest-sha256.txt"].decode().splitlines()}
    assert listed == {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", *TAGS}


def test_manifests_are_sorted_bytewise_whatever_the_order_of_the_entries() -> None:
    text = manifest_text(files_of(PAYLOAD))
    assert text == manifest_text(reversed(files_of(PAYLOAD)))
    assert [line.split("  ")[1] for line in text.splitlines()] == sorted(PAYLOAD)


def test_the_zip_starts_with_the_bagit_files_and_ends_with_the_evidence() -> None:
    ordered = [file.path for file in zip_order(files_of(bag_contents()))]
    assert ordered == [*BAGIT_FILES, *sorted({**TAGS, **SIGNATURE}), *sorted(PAYLOAD)]


def test_bag_info_names_the_checkpoint_only_when_there_is_one() -> None:
    assert "Checkpoint" not in bag_info_text(INFO, [])
    sealed = replace(INFO, checkpoint_size=0, checkpoint_root="8wG3", profile_identifier="https://example.org/profile")
    assert bag_info_text(sealed, files_of(PAYLOAD)) == (
        "Source-Organization: KPU Kabupaten Merangin\n"
        "Bagging-Date: 2025-12-01\n"
        "External-Identifier: bukti-zi_kpu-merangin_2025_1234\n"
        "Payload-Oxum: 4.3\n"
        "Bag-Software-Agent: portal-bukti-zi 0.1.0\n"
        "BagIt-Profile-Identifier: https://example.org/profile\n"
        "Checkpoint-Size: 0\n"
        "Checkpoint-Root: 8wG3\n"
    )


def test_a_line_break_in_a_name_cannot_add_a_line_to_bag_info() -> None:
    text = bag_info_text(replace(INFO, source_organization="KPU\r\nPayload-Oxum: 0.0"), [])
    assert text.splitlines()[0] == "Source-Organization: KPU Payload-Oxum: 0.0"


@pytest.mark.parametrize(
    ("payload", "tags"),
    [
        ({}, TAGS),
        ({"index.html": b""}, {}),
        (PAYLOAD, {"data/extra": b""}),
        (PAYLOAD, {"bagit.txt": b""}),
        (PAYLOAD, {"BagIt.TXT": b""}),
        (PAYLOAD, {"tagmanifest-sha256.txt": b""}),
        ({"data/a": b"", "data/A": b""}, {}),
        ({"data/a": b"", "data/a/b": b""}, {}),
    ],
)
def test_entries_that_make_no_bag_are_refused(payload: Mapping[str, bytes], tags: Mapping[str, bytes]) -> None:
    with pytest.raises((InvalidBag, UnsafePath)):
        bagit_files(INFO, files_of(payload), files_of(tags))


@pytest.mark.parametrize(
    ("path", "size", "digest"),
    [
        ("../a", 0, SHA),
        ("data/a b", 0, SHA),
        ("data/" + "a" * MAX_BAG_PATH_LENGTH, 0, SHA),
        ("data/a", -1, SHA),
        ("data/a", 0, SHA.upper()),
        ("data/a", 0, SHA[:-1]),
        ("data/a", 0, SHA + "\n"),
    ],
)
def test_a_file_that_a_manifest_cannot_hold_is_refused(path: str, size: int, digest: str) -> None:
    with pytest.raises((InvalidBag, UnsafePath)):
        BagFile(path, size, digest, 0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Notulen Rapat (final)", "notulen-rapat-final"),
        ("  Élan & Café №5 ", "elan-cafe-no5"),
        ("../../etc/passwd", "etc-passwd"),
        ("a%0Ab\r\nc", "a-0ab-c"),
        ("دليل", "berkas"),
        ("", "berkas"),
        ("x" * 47 + " y", "x" * 47),
        ("x" * 100, "x" * 48),
    ],
)
def test_slug(text: str, name: str) -> None:
    assert slug(text) == name


def test_a_member_path_speaks() -> None:
    assert member_path(**PLACE) == (
        "data/01_pembangunan-unit-kerja-untuk/I.1.1_menerbitkan-sk-tim-kerja-kelom/01_sk-tim-kerja-zi-final_0123abcd.pdf"
    )


@pytest.mark.parametrize(
    ("original_name", "name"),
    [("foto.JPG", "foto"), ("foto.jpeg", "foto-jpeg"), ("SK 5.2025", "sk-5-2025"), (".jpg", "jpg"), ("", "berkas")],
)
def test_only_the_extension_that_is_added_anyway_is_left_out(original_name: str, name: str) -> None:
    path = member_path(**{**PLACE, "original_name": original_name, "extension": "jpg"})
    assert path.rpartition("/")[2] == f"01_{name}_0123abcd.jpg"


@given(st.text(), st.text(), st.text(), st.integers(1, 9999), st.integers(1, 9999))
def test_req_40_a_member_path_is_safe_whatever_people_type(
    area: str, text: str, name: str, first: int, second: int
) -> None:
    longest = {"indicator_code": "VIII.1234.1234.1234.1234", "extension": "abcdefgh"}
    place = {"area_name": area, "indicator_text": text, "original_name": name, "position": second}
    path = member_path(**{**PLACE, **longest, **place, "area_position": first})
    assert BagFile(path, 0, SHA, 0).is_payload
    require_safe("x" * MAX_TOP_LENGTH + "/" + path)


def test_a_member_path_fits_with_the_longest_of_everything() -> None:
    longest = dict.fromkeys(["area_name", "indicator_text", "original_name"], "x" * 300)
    path = member_path(**{**PLACE, **longest})
    assert len(path) == MAX_BAG_PATH_LENGTH
    assert path.endswith("x_0123abcd.pdf")


@pytest.mark.parametrize(
    "wrong",
    [
        {"area_position": 0},
        {"position": -1},
        {"position": 10_000},
        {"indicator_code": "I/1"},
        {"indicator_code": ".."},
        {"indicator_code": ""},
        {"sha256": "abc"},
        {"extension": ""},
        {"extension": ".pdf"},
        {"extension": "p/f"},
    ],
    ids=str,
)
def test_a_member_path_of_wrong_parts_is_refused(wrong: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidBag):
        member_path(**{**PLACE, **wrong})


def test_top_directory() -> None:
    assert top_directory(unit="KPU Merangin", year=2025, size=1234) == "bukti-zi_kpu-merangin_2025_1234"
    require_safe(top_directory(unit="x" * 99, year=2025, size=9_999_999_999))


@pytest.mark.parametrize(("year", "size"), [(-1, 1), (10_000, 1), (2025, -1), (2025, 10**40)])
def test_a_top_directory_of_wrong_numbers_is_refused(year: int, size: int) -> None:
    with pytest.raises(InvalidBag):
        top_directory(unit="kpu", year=year, size=size)
