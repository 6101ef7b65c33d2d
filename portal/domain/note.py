"""What is kept of a note that somebody typed or pasted: lines of visible text, the same on every database."""

from __future__ import annotations

import unicodedata


def clean_note(raw: str) -> str:
    """`raw` in NFC with plain line ends, without control, invisible and direction characters, blanks around it cut.

    Text from a word processor is full of such characters and its sender cannot see them, so they go without a word.
    """
    lines = "\n".join(raw.splitlines())
    visible = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFC", visible).strip()
