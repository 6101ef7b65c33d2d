"""Names that senders give their files: whatever comes, what is kept can be shown, and stays what it was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.domain.file_name import FALLBACK, LONGEST_BYTES, clean_file_name, extension_of

# Much of what is dangerous is rare in Unicode, so half of the letters are taken from a short list of it.
DANGEROUS = "/\\\0\r\n\t\x7f\u202e\u2066\u200b\u200d\ufeff\u00ad\u2028\u0301.. e\ud800\U000e0041İ"
names = st.text(st.one_of(st.sampled_from(DANGEROUS), st.characters()), max_size=400)


@given(names)
@example("e\u200d\u0301.pdf")
@example("a" * 254 + " b")
def test_req_31_what_is_kept_can_be_shown_and_stored(raw: str) -> None:
    name = clean_file_name(raw)
    assert 1 <= len(name.encode()) <= LONGEST_BYTES
    assert not set(name) & set("/\\")
    shown = {unicodedata.category(letter) for letter in name}
    assert not {kind for kind in shown if kind[0] == "C" or kind in {"Zl", "Zp"}}, "control, format or bidi character"
    assert name == unicodedata.normalize("NFC", name)
    assert name == name.strip(". ")


@given(names)
@example("e\u200d\u0301")
@example("a" * 254 + " b")
@example("a" * 254 + ".b" + "c" * 200)
def test_a_kept_name_is_kept_as_it_is(raw: str) -> None:
    name = clean_file_name(raw)
    assert clean_file_name(name) == name


@given(
    st.text(st.characters(exclude_characters="/\\"), max_size=400),
    st.sampled_from(["pdf", "PDF", "docx", "jpeg", "mp4", "İ"]),
)
@example("ä" * 200, "PDF")
@example("ä" * 200, "İ")
def test_the_extension_survives_however_long_the_name_is(stem: str, extension: str) -> None:
    name = clean_file_name(f"x{stem}.{extension}")
    assert name.endswith(f".{extension}")
    assert extension_of(name) == extension.lower()


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Laporan Januari.pdf", "Laporan Januari.pdf"),
        ("C:\\Users\\Budi\\Laporan.pdf", "Laporan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("  Laporan \t Januari .pdf ", "Laporan Januari .pdf"),
        ("foto\u202egpj.exe", "fotogpj.exe"),
        ("SK\r\nSet-Cookie: a=b.pdf", "SKSet-Cookie: a=b.pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ("...", FALLBACK),
        ("folder/", FALLBACK),
        ("", FALLBACK),
    ],
)
def test_req_31_a_name_is_the_last_part_of_a_path_without_what_cannot_be_seen(raw: str, kept: str) -> None:
    assert clean_file_name(raw) == kept


@pytest.mark.parametrize(
    ("name", "extension"), [("a.PDF", "pdf"), ("a.tar.gz", "gz"), ("README", ""), ("a.", ""), ("a.b/c", "b/c")]
)
def test_the_extension_is_what_follows_the_last_dot(name: str, extension: str) -> None:
    assert extension_of(name) == extension
