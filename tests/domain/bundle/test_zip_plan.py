"""The planned ZIP: read by Python, Info-ZIP and Java, the same bytes each time, any range equal to the whole."""

import io
import shutil
import struct
import subprocess
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.bundle.safe_path import UnsafePath
from portal.domain.bundle.zip_plan import MemberSlice, ZipPlan, plan_zip
from portal.domain.bundle.zip_records import InvalidZip, ZipEntry
from tests.domain.bundle.zip_file import MOMENT, VirtualZip, bytes_of, entry_of, plan_of
from tests.fixtures.missing_services import MARK

GIB = 2**30
MEMBERS = {"bag/a.txt": b"satu\n", "bag/data/kosong": b"", "bag/data/b.bin": bytes(range(256)) * 300}
CONTENTS = list(MEMBERS.values())
JAVA_READER = """
import java.io.FileInputStream;
import java.util.zip.*;
class Reader {
    public static void main(String[] names) throws Exception {
        ZipInputStream zip = new ZipInputStream(new FileInputStream(names[0]));
        for (ZipEntry entry; (entry = zip.getNextEntry()) != null;)
            System.out.println(entry.getName() + " " + zip.readAllBytes().length + " " + entry.getCrc());
    }
}
"""

JAVA_DIRECTORY = """
import java.util.zip.*;
class Directory {
    public static void main(String[] names) throws Exception {
        for (String name : names)
            try (ZipFile zip = new ZipFile(name)) {
                ZipEntry last = zip.getEntry("data/kecil.txt");
                System.out.println(zip.size() + " " + new String(zip.getInputStream(last).readAllBytes()));
            }
    }
}
"""


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{MARK}{program}: it is not installed here")


@pytest.fixture
def zip_path(tmp_path: Path) -> Path:
    path = tmp_path / "bukti.zip"
    path.write_bytes(bytes_of(plan_of(MEMBERS), CONTENTS))
    return path


def test_python_reads_what_was_planned(zip_path: Path) -> None:
    with zipfile.ZipFile(zip_path) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == MEMBERS
        for info in archive.infolist():
            assert info.date_time == (2025, 12, 1, 3, 4, 6)
            assert (info.create_system, info.external_attr >> 16) == (3, 0o100644)
            assert (info.compress_type, info.flag_bits, info.extra) == (zipfile.ZIP_STORED, 0x0800, b"")


@needs("unzip")
def test_info_zip_reads_what_was_planned(zip_path: Path) -> None:
    tested = subprocess.run(["unzip", "-t", zip_path], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "No errors detected" in tested.stdout


@needs("java")
def test_java_reads_what_was_planned_as_a_stream(zip_path: Path) -> None:
    program = zip_path.with_name("Reader.java")
    program.write_text(JAVA_READER)
    read = subprocess.run(["java", program, zip_path], capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    entries = [entry_of(path, content) for path, content in MEMBERS.items()]
    assert read.stdout.splitlines() == [f"{entry.path} {entry.size} {entry.crc32}" for entry in entries]


def test_the_length_is_known_and_the_bytes_are_the_same_each_time() -> None:
    first = bytes_of(plan_of(MEMBERS), CONTENTS)
    assert plan_of(MEMBERS).total_size == len(first)
    assert bytes_of(plan_of(MEMBERS), CONTENTS) == first
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=7)))
    again = plan_zip([entry_of(path, content) for path, content in MEMBERS.items()], elsewhere)
    assert bytes_of(again, CONTENTS) == first


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=12), st.data())
def test_any_range_equals_that_part_of_the_whole(contents: list[bytes], data: st.DataObject) -> None:
    plan = plan_of({f"data/{number}": content for number, content in enumerate(contents)})
    whole = bytes_of(plan, contents)
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole)))
    assert bytes_of(plan, contents, start, stop) == whole[start:stop]
    assert all(not isinstance(segment, MemberSlice) or segment.length for segment in plan.segments(start, stop))


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4), (0, 10**9), (10**9, None)])
def test_a_range_outside_the_file_is_refused_at_once(start: int, stop: int | None) -> None:
    with pytest.raises(InvalidZip, match="not within"):
        plan_of(MEMBERS).segments(start, stop)


def test_small_records_are_handed_out_together() -> None:
    plan = plan_zip([ZipEntry(f"data/{number}", 0, 0) for number in range(10_000)], MOMENT)
    segments = list(plan.segments())
    assert all(isinstance(segment, bytes) for segment in segments)
    assert len(segments) < plan.total_size / 60_000


@pytest.mark.parametrize("count", [65_534, 65_535, 70_000])
def test_more_members_than_16_bits_can_count(count: int, tmp_path: Path) -> None:
    plan = plan_zip([ZipEntry(f"data/{number:06d}", 1, 0xE8B7BE43) for number in range(count)], MOMENT)
    path = tmp_path / "banyak.zip"
    path.write_bytes(bytes_of(plan, [b"a"] * count))
    with zipfile.ZipFile(path) as archive:
        assert len(archive.infolist()) == count
        assert archive.testzip() is None
    assert (b"PK\6\6" in path.read_bytes()[-200:]) == (count >= 65_535)
    if count == 70_000 and shutil.which("unzip"):
        subprocess.run(["unzip", "-tqq", path], check=True, capture_output=True)


def large_plan() -> tuple[ZipPlan, dict[int, bytes]]:
    """A member of 5 GiB of zeros between small ones, so the last stands beyond what 32 bits can address."""
    small = {0: b"sebelum", 2: b"sesudah"}
    entries = [
        entry_of("a.txt", small[0]),
        ZipEntry("data/besar.bin", 5 * GIB, 0),
        entry_of("data/kecil.txt", small[2]),
    ]
    return plan_zip(entries, MOMENT), small


def test_a_member_of_more_than_4_gib_read_by_python() -> None:
    plan, small = large_plan()
    with zipfile.ZipFile(io.BufferedReader(VirtualZip(plan, small))) as archive:
        first, large, last = archive.infolist()
        assert (first.file_size, large.file_size, last.file_size) == (7, 5 * GIB, 7)
        assert last.header_offset > 5 * GIB
        assert [len(info.extra) for info in (first, large, last)] == [0, 4 + 16, 4 + 8]  # only what does not fit
        assert (first.extract_version, large.extract_version) == (20, 45)
        assert archive.read("data/kecil.txt") == b"sesudah"
        with archive.open("data/besar.bin") as member:
            assert member.read(1000) == bytes(1000)


def test_a_large_member_names_its_size_in_its_own_header_too() -> None:
    plan, _ = large_plan()
    header = local_header_of(plan, 1)
    assert struct.unpack_from("<4sHHH", header) == (b"PK\3\4", 45, 0x0800, 0)
    assert struct.unpack_from("<LLHH", header, 18) == (0xFFFFFFFF, 0xFFFFFFFF, 14, 20)
    assert struct.unpack_from("<HHQQ", header, 30 + 14) == (1, 16, 5 * GIB, 5 * GIB)


def local_header_of(plan: ZipPlan, number: int) -> bytes:
    header = next(plan.segments(plan.starts[number]))
    assert isinstance(header, bytes)
    return header


def write_large(folder: Path) -> Path:
    """The file of `large_plan`; sparse: the zeros are a hole and take no room on the disk."""
    plan, small = large_plan()
    path = folder / "besar.zip"
    with path.open("wb") as file:
        for segment in plan.segments():
            if isinstance(segment, bytes):
                file.write(segment)
            elif segment.entry in small:
                file.write(small[segment.entry])
            else:
                file.seek(segment.length, io.SEEK_CUR)
    return path


@needs("java")
def test_java_opens_zip64_for_many_members_and_for_a_large_one(tmp_path: Path) -> None:
    contents = [b"a"] * 70_000 + [b"sesudah"]
    names = [*(f"data/{number:06d}" for number in range(70_000)), "data/kecil.txt"]
    many = tmp_path / "banyak.zip"
    many.write_bytes(bytes_of(plan_of(dict(zip(names, contents, strict=True))), contents))
    program = tmp_path / "Directory.java"
    program.write_text(JAVA_DIRECTORY)
    command = ["java", str(program), str(many), str(write_large(tmp_path))]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "70001 sesudah\n3 sesudah\n"


@needs("unzip")
def test_a_member_of_more_than_4_gib_read_by_info_zip(tmp_path: Path) -> None:
    path = write_large(tmp_path)
    listed = subprocess.run(["unzip", "-l", path], capture_output=True, text=True, check=True).stdout
    assert str(5 * GIB) in listed
    assert subprocess.run(["unzip", "-p", path, "data/kecil.txt"], capture_output=True, check=True).stdout == b"sesudah"


@pytest.mark.parametrize("size", [0xFFFFFFFE, 0xFFFFFFFF, 0x100000000])
def test_zip64_begins_exactly_where_32_bits_end(size: int) -> None:
    plan = plan_zip([ZipEntry("data/besar.bin", size, 0)], MOMENT)
    with zipfile.ZipFile(io.BufferedReader(VirtualZip(plan, {}))) as archive:
        (info,) = archive.infolist()
        assert info.file_size == size
        assert bool(info.extra) == (size >= 0xFFFFFFFF)
    (version,) = struct.unpack_from("<H", local_header_of(plan, 0), 4)
    assert version == info.extract_version == (45 if size >= 0xFFFFFFFF else 20)


@pytest.mark.parametrize("paths", [["a", "a"], ["data/a", "data/A"], ["a", "A/b"], ["a/b", "a"]], ids=str)
def test_req_40_paths_that_would_unpack_onto_one_another_are_refused(paths: list[str]) -> None:
    with pytest.raises(UnsafePath):
        plan_zip([ZipEntry(path, 0, 0) for path in paths], MOMENT)


@pytest.mark.parametrize("path", ["", "/a", "../a", "a//b", "a/", "C:/a", "a b", "a\\b", "a/.b", "é", "a\n"])
def test_an_unsafe_path_is_refused(path: str) -> None:
    with pytest.raises(UnsafePath):
        ZipEntry(path, 0, 0)


@pytest.mark.parametrize(("size", "crc32"), [(-1, 0), (2**44, 0), (0, -1), (0, 2**32)])
def test_sizes_and_checksums_out_of_range_are_refused(size: int, crc32: int) -> None:
    with pytest.raises(InvalidZip):
        ZipEntry("a", size, crc32)


@pytest.mark.parametrize(
    "moment",
    [MOMENT.replace(tzinfo=None), MOMENT.replace(year=1979), MOMENT.replace(year=2108)],
    ids=datetime.isoformat,
)
def test_a_moment_that_a_zip_cannot_hold_is_refused(moment: datetime) -> None:
    with pytest.raises(InvalidZip):
        plan_zip([ZipEntry("a", 0, 0)], moment)


def test_a_zip_without_members_is_refused() -> None:
    with pytest.raises(InvalidZip):
        plan_zip([], MOMENT)
