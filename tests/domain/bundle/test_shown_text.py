"""What people typed is shown and never acts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.bundle.shown_text import REPLACEMENT, harmless_cell, visible


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
@pytest.mark.parametrize("space", ["", " ", "\t", "\r\n", "\u00a0", "\u3000 "])
def test_req_41_what_would_be_a_formula_gets_an_apostrophe(start: str, space: str) -> None:
    assert harmless_cell(f"{space}{start}1")[0] == "'"


@pytest.mark.parametrize("start", ["\t", "\r", "\n"])
def test_a_cell_does_not_start_with_a_control_character(start: str) -> None:
    assert harmless_cell(f"{start}1")[0] == "'"


@pytest.mark.parametrize("text", ["", "SK Tim 2025.pdf", "2025-01-31", "a=b", "'=1", "I.1.1", "  rapi"])
def test_other_texts_stay(text: str) -> None:
    assert harmless_cell(text) == text


def test_characters_that_are_not_seen_become_seen() -> None:
    assert visible("a\u202eb\u200bc\x00d\u2066e\ufefff") == REPLACEMENT.join("abcdef")
    assert visible("dua\nbaris\tdan العربية, é") == "dua\nbaris\tdan العربية, é"


@given(st.text())
def test_req_41_no_cell_starts_a_formula(text: str) -> None:
    assert not harmless_cell(text).lstrip().startswith(("=", "+", "-", "@"))
