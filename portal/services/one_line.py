"""Cleans what people type into one line: names of people and units. Refuses what would hide or fake text."""

from __future__ import annotations

import unicodedata

from portal.domain.errors import InvalidInput

FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, invisible and direction marks, half characters, unassigned and private ones, line ends."""


def one_line(field: str, text: str, *, longest: int) -> str:
    """`text` in NFC with single blanks; raises InvalidInput for `field` when empty, too long or with hidden
    characters.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    if not cleaned:
        raise InvalidInput(field, "Wajib diisi.")
    if len(cleaned) > longest:
        raise InvalidInput(field, f"Terlalu panjang: {len(cleaned)} huruf, batasnya {longest}.")
    if any(unicodedata.category(character) in FORBIDDEN_CATEGORIES for character in cleaned):
        raise InvalidInput(field, "Ada tanda yang tidak terlihat di dalamnya. Ketik ulang tanpa menyalin.")
    return cleaned
