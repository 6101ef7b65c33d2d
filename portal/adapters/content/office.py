"""Checks of Office documents, which are ZIP archives: the directory is read, nothing is unpacked but a short type name.

Refused are macros, encryption, archives that would swell beyond reason, and other archives under an Office name.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import BinaryIO

from portal.adapters.content.plain import BROKEN, Unacceptable

OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
MOST_ENTRIES = 10_000
MOST_BYTES = 2 << 30
MOST_RATIO = 250
RATIO_COUNTS_FROM = 10 << 20
SIGNATURE = b"PK\x03\x04"
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml", "basic/", "scripts/")


def check_ooxml(main_part: str) -> Callable[[BinaryIO], None]:
    """A check for an Office Open XML package (ECMA-376 part 2) with this main part."""

    def check(stream: BinaryIO) -> None:
        names = {entry.filename for entry in _entries(stream)}
        if not {"[Content_Types].xml", main_part} <= names:
            raise Unacceptable(BROKEN)

    return check


def check_odf(media_type: str) -> Callable[[BinaryIO], None]:
    """A check for an OpenDocument package (ODF 1.2 part 3 §3.3): its first entry names this type."""

    def check(stream: BinaryIO) -> None:
        entries = _entries(stream)
        first = entries[0]
        if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED or first.file_size > 200:
            raise Unacceptable(BROKEN)
        stream.seek(first.header_offset)
        header = stream.read(30 + len("mimetype") + len(first.extra) + len(media_type) + 200)
        if media_type.encode() not in header or "content.xml" not in {entry.filename for entry in entries}:
            raise Unacceptable(BROKEN)

    return check


def _entries(stream: BinaryIO) -> list[zipfile.ZipInfo]:
    """The archive's directory, once it is sure that reading the document later cannot hurt."""
    if stream.read(len(SIGNATURE)) != SIGNATURE:
        raise Unacceptable(BROKEN)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except Exception as error:  # a reader given hostile bytes may raise anything
        raise Unacceptable(BROKEN) from error
    _refuse_bombs(entries)
    _refuse_active(entries)
    return entries


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    swells = unpacked > RATIO_COUNTS_FROM and unpacked > MOST_RATIO * max(packed, 1)
    if not entries or len(entries) > MOST_ENTRIES or unpacked > MOST_BYTES or swells:
        raise Unacceptable("isi dokumen ini tidak wajar besarnya. Simpan ulang dokumennya, lalu unggah lagi.")


def _refuse_active(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if any(part in name for name in names for part in MACRO_PARTS):
        raise Unacceptable("dokumen ini memuat makro. Simpan sebagai dokumen biasa tanpa makro, lalu unggah lagi.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unacceptable("dokumen ini dikunci dengan kata sandi. Hapus kuncinya, lalu unggah lagi.")
