"""What is kept of a note."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis.strategies import text

from portal.domain.note import clean_note


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Lihat halaman 2.\r\n\r\nSudah ditandatangani. ", "Lihat halaman 2.\n\nSudah ditandatangani."),
        ("No\tNama", "No\tNama"),
        ("lapo\u00adran\u200b rapat\ufeff", "laporan rapat"),
        ("laporan\u202efdp.exe\u202c", "laporanfdp.exe"),
        ("a\x00b\x07c", "abc"),
        ("half\ud800", "half"),
        ("satu\u2028dua", "satu\ndua"),
        ("Jose\u0301", "José"),
        ("=1+1 <b>tebal</b> ../..", "=1+1 <b>tebal</b> ../.."),
        ("\x00\u200b \n", ""),
    ],
)
def test_what_is_kept(typed: str, kept: str) -> None:
    assert clean_note(typed) == kept


@given(text())
def test_nothing_hidden_is_kept_and_cleaning_again_changes_nothing(typed: str) -> None:
    kept = clean_note(typed)
    assert not [c for c in kept if c not in "\n\t" and unicodedata.category(c)[0] == "C"]
    assert clean_note(kept) == kept
