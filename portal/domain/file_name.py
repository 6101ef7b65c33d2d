"""What is kept of the name that a sender gave a file: data to show, never a path."""

from __future__ import annotations

import unicodedata

LONGEST_BYTES = 255
FALLBACK = "berkas"


def clean_file_name(raw: str) -> str:
    """The last part of `raw` in NFC, without control, invisible and direction characters, at most 255 bytes of UTF-8.

    A name of nothing but such characters becomes `berkas`; the extension survives a cut.
    """
    last = raw.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    # Only now: an invisible character between a letter and its accent keeps the two apart.
    name = " ".join(unicodedata.normalize("NFC", visible).split()).strip(". ")
    return _cut(name) or FALLBACK


def extension_of(name: str) -> str:
    """The extension in lower case without its dot; empty when there is none."""
    return name.rsplit(".", 1)[1].lower() if "." in name else ""


def _cut(name: str) -> str:
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    stem, _, extension = name.rpartition(".")
    ending = f".{extension}"
    if not stem or len(ending.encode()) > LONGEST_BYTES // 2:
        stem, ending = name, ""
    kept = stem.encode()[: LONGEST_BYTES - len(ending.encode())].decode(errors="ignore")
    return f"{kept}{ending}".rstrip(". ")
