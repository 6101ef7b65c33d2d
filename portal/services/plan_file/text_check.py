"""What a text of a plan may contain, and how a wrong one is quoted back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_LONGEST_QUOTE = 60


def find_text_problem(value: str, longest: int) -> str | None:
    """What is wrong with one line of text, as an Indonesian sentence, or None."""
    if not value.strip():
        return "Teksnya kosong. Isi, atau hapus barisnya."
    if hidden := sorted(set(_hidden_characters(value))):
        return f"Teksnya memuat karakter kendali atau tak terlihat ({', '.join(hidden)}). Hapus."
    if value != value.strip():
        return "Teksnya diawali atau diakhiri spasi. Hapus spasinya."
    if len(value) > longest:
        return f"Teksnya {len(value)} karakter; paling panjang {longest}. Pendekkan."
    return None


def quoted(value: str) -> str:
    """The value in quotes, cut short and with nothing hidden, fit for a message."""
    return f'"{"".join(c if c.isprintable() else "?" for c in value[:_LONGEST_QUOTE])}"'


def _hidden_characters(value: str) -> Iterator[str]:
    """Control, format, surrogate, private and unassigned characters, and line separators: nothing a decree prints."""
    for character in value:
        category = unicodedata.category(character)
        if category[0] == "C" or category in {"Zl", "Zp"}:
            yield f"U+{ord(character):04X}"
