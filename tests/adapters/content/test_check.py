"""What is accepted is what its name says, and nothing but the one refusal comes out, whatever the bytes."""

from __future__ import annotations

import tracemalloc
import zipfile
from contextlib import suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.content import ACCEPTED, check_content
from portal.adapters.content.archive_end import MARK, MOST_ENTRIES
from portal.adapters.content.check import REMEDIES
from portal.adapters.content.refusal import BROKEN, LOCKED, MACRO, NOT_UTF8, SWOLLEN, TOO_MANY_PIXELS, TWO_IN_ONE
from portal.domain.errors import InvalidInput
from portal.domain.file_name import extension_of
from tests.builders import documents
from tests.builders.documents import ACCEPTABLE

MAY_END_ANYWHERE = {"txt", "csv", "doc", "xls", "ppt"}
"""Kinds of which the half is not told from the whole: a text, and old Office documents, whose directory is found."""


def refusal_of(name: str, content: bytes) -> str:
    """The sentence with which the file is refused."""
    with pytest.raises(InvalidInput) as refused:
        check_content(name, BytesIO(content))
    assert refused.value.field == "files"
    assert refused.value.message.startswith(f"{name}: ")
    return refused.value.message.removeprefix(f"{name}: ")


def test_there_is_a_document_of_every_accepted_kind() -> None:
    assert {extension_of(name) for name in ACCEPTABLE} == set(ACCEPTED)


@pytest.mark.parametrize("name", ACCEPTABLE)
def test_req_22_a_real_document_is_what_its_name_says(name: str) -> None:
    assert check_content(name, BytesIO(ACCEPTABLE[name])) == ACCEPTED[extension_of(name)][0]


@pytest.mark.parametrize("name", ACCEPTABLE)
def test_the_extension_may_be_in_capitals(name: str) -> None:
    assert check_content(name.upper(), BytesIO(ACCEPTABLE[name]))


@pytest.mark.parametrize("name", ACCEPTABLE)
def test_a_form_s_temporary_file_is_read_like_any_other(name: str) -> None:
    with SpooledTemporaryFile(max_size=10) as spooled:
        spooled.write(ACCEPTABLE[name])
        assert check_content(name, cast(BinaryIO, spooled))


@pytest.mark.parametrize("name", [name for name in ACCEPTABLE if extension_of(name) not in {"txt", "csv"}])
def test_req_22_another_kind_under_this_name_is_refused(name: str) -> None:
    media_type = ACCEPTED[extension_of(name)][0]
    for other, content in ACCEPTABLE.items():
        if ACCEPTED[extension_of(other)][0] != media_type:
            assert refusal_of(name, content) in {BROKEN, LOCKED}, f"{other} passed as {name}"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("name", [name for name in ACCEPTABLE if extension_of(name) not in MAY_END_ANYWHERE])
def test_a_document_that_was_cut_is_refused(name: str, share: float) -> None:
    assert refusal_of(name, ACCEPTABLE[name][: round(len(ACCEPTABLE[name]) * share)]) == BROKEN


def test_the_preview_in_a_photograph_does_not_hide_that_the_rest_is_missing() -> None:
    preview, photograph = b"Exif\0\0" + documents.image(), documents.image()
    content = photograph[:2] + b"\xff\xe1" + (len(preview) + 2).to_bytes(2, "big") + preview + photograph[2:]
    assert check_content("foto.jpg", BytesIO(content)) == "image/jpeg"
    assert refusal_of("foto.jpg", content[:-100]) == BROKEN


def test_a_recording_that_broke_off_before_its_index_was_written_is_refused() -> None:
    assert refusal_of("rapat.mp4", documents.media(b"isom", b"mdat")) == BROKEN


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("semua.zip", "satu per satu"),
        ("rumus.xlsm", "tanpa makro"),
        ("logo.svg", "JPG atau PDF"),
        ("rapat.mov", "MP4"),
        ("pasang.exe", "PDF"),
        ("tanpa ekstensi", "PDF"),
    ],
)
def test_a_kind_that_is_not_accepted_is_told_what_is_and_what_helps(name: str, remedy: str) -> None:
    sentence = refusal_of(name, b"x")
    assert remedy in sentence
    assert "DOCX, HEIC, JPG" in sentence


def test_nothing_that_is_accepted_is_told_to_be_something_else() -> None:
    assert not set(REMEDIES) & set(ACCEPTED)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("terkunci.pdf", documents.pdf(password="rahasia"), LOCKED),
        ("ganda.pdf", documents.pdf() + documents.package({"isi.exe": b"MZ"}), TWO_IN_ONE),
        ("ganda.pdf", documents.pdf() + documents.empty_archive(b"%%EOF\n"), TWO_IN_ONE),
        ("ganda.jpg", documents.image() + documents.package({"isi.exe": b"MZ"}), TWO_IN_ONE),
        ("ganda.png", documents.image("PNG") + documents.package({"isi.exe": b"MZ"}), TWO_IN_ONE),
        ("ganda.mp4", documents.media(b"isom", b"moov") + documents.package({"isi.exe": b"MZ"}), TWO_IN_ONE),
        ("di depan.pdf", b"MZ" + documents.pdf(), BROKEN),
        ("halaman.pdf", b"<html>%PDF-1.7 %%EOF", BROKEN),
        ("makro.doc", documents.old_office("WordDocument", "Macros", "_VBA_PROJECT"), MACRO),
        ("terkunci.docx", documents.old_office("EncryptedPackage"), LOCKED),
        ("terkunci.xls", documents.old_office("EncryptedPackage"), LOCKED),
        ("pemasang.doc", documents.old_office("MsiDatabase"), BROKEN),
        ("makro.odt", documents.open_document("text", **{"Basic/Standard/Module1.xml": b"<x/>"}), MACRO),
        ("terkunci.odt", documents.open_document("text", manifest=b"<manifest:encryption-data/>"), LOCKED),
        ("templat.odt", documents.open_document("text-template"), BROKEN),
        ("arsip.docx", documents.package({"isi.exe": b"MZ"}), BROKEN),
        ("ekor.docx", documents.word() + b"x", BROKEN),
        ("latin.csv", "naïf".encode("latin-1"), NOT_UTF8),
        ("biner.txt", b"a\0b", BROKEN),
        ("putus.txt", "selesai ✓".encode()[:-1], NOT_UTF8),
    ],
)
def test_what_could_deceive_or_shut_out_a_reviewer_is_refused(name: str, content: bytes, reason: str) -> None:
    assert refusal_of(name, content) == reason


def test_a_pdf_that_only_forbids_changes_is_accepted() -> None:
    assert check_content("SK.pdf", BytesIO(documents.pdf(owner_password="x")))


@pytest.mark.parametrize(
    "types",
    [
        b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>',
        b'<Override PartName="/a.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>',
    ],
)
def test_req_33_macros_are_found_by_their_type_whatever_the_part_is_called(types: bytes) -> None:
    document = documents.word()
    with zipfile.ZipFile(BytesIO(document)) as archive:
        declared = archive.read("[Content_Types].xml").replace(b"</Types>", types + b"</Types>")
    assert refusal_of("a.docx", documents.repacked(document, {"[Content_Types].xml": declared})) == MACRO


def test_a_document_whose_main_part_has_another_name_is_accepted() -> None:
    """Office in the browser writes word/document2.xml."""
    document = documents.word()
    with zipfile.ZipFile(BytesIO(document)) as archive:
        declared = archive.read("[Content_Types].xml").replace(b"/word/document.xml", b"/word/document2.xml")
    assert check_content("a.docx", BytesIO(documents.repacked(document, {"[Content_Types].xml": declared})))


def test_req_26_what_swells_is_refused_by_ratio() -> None:
    assert refusal_of("a.docx", documents.repacked(documents.word(), {"bom": bytes(20 << 20)})) == SWOLLEN


def test_req_26_what_swells_is_refused_by_the_number_of_entries() -> None:
    many = documents.package({f"{number}": b"" for number in range(MOST_ENTRIES + 1)})
    assert refusal_of("a.xlsx", many) == SWOLLEN


def test_req_26_what_swells_is_refused_in_the_part_that_is_read_even_if_the_directory_lies_about_it() -> None:
    swollen = documents.repacked(documents.word(), {"[Content_Types].xml": bytes(5 << 20)})
    declared, small = (5 << 20).to_bytes(4, "little"), (900).to_bytes(4, "little")
    assert refusal_of("a.docx", swollen) == SWOLLEN
    assert refusal_of("a.docx", swollen.replace(declared, small)) in {SWOLLEN, BROKEN}


def test_req_26_what_swells_is_refused_by_a_directory_that_would_fill_the_memory() -> None:
    directory = bytes(8 << 20)
    archive = b"PK\x03\x04" + directory + MARK + bytes(8) + len(directory).to_bytes(4, "little") + bytes(6)
    tracemalloc.start()
    assert refusal_of("a.docx", archive) == SWOLLEN
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(archive) + (1 << 20), "the directory was read"


@pytest.mark.parametrize(("kind", "mark", "offset"), [("JPEG", b"\xff\xc0", 5), ("PNG", b"IHDR", 4)])
def test_req_28_what_swells_is_refused_by_a_picture_of_too_many_pixels(kind: str, mark: bytes, offset: int) -> None:
    content = documents.image(kind)
    at = content.index(mark) + offset
    side = (20_000).to_bytes(2 if kind == "JPEG" else 4)
    huge = bytearray(mutated(content, at, side * 2))
    if kind == "PNG":
        huge[29:33] = crc32(huge[12:29]).to_bytes(4)
    assert refusal_of(f"a.{kind.lower()}", bytes(huge)) == TOO_MANY_PIXELS


def mutated(content: bytes, at: int, patch: bytes) -> bytes:
    at %= len(content)
    return content[:at] + patch + content[at + len(patch) :]


@given(
    name=st.sampled_from(sorted(ACCEPTABLE)),
    patches=st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=40)), max_size=6),
    kept=st.floats(0.0, 1.0),
)
def test_damaged_documents_are_accepted_or_refused_and_nothing_else(
    name: str, patches: list[tuple[int, bytes]], kept: float
) -> None:
    content = ACCEPTABLE[name]
    content = content[: max(1, round(len(content) * kept))]
    for at, patch in patches:
        content = mutated(content, at, patch)
    with suppress(InvalidInput):
        assert check_content(name, BytesIO(content)) == ACCEPTED[extension_of(name)][0]


@given(name=st.sampled_from(sorted(ACCEPTABLE)), content=st.binary(max_size=400))
def test_noise_is_refused_or_is_text(name: str, content: bytes) -> None:
    try:
        check_content(name, BytesIO(content))
    except InvalidInput:
        return
    assert extension_of(name) in {"txt", "csv"}
