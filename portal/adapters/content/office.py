"""Checks of Office documents, which are ZIP archives: the directory is read, and nothing is unpacked but two small
parts.

Refused are macros, locks, archives that would swell beyond reason, and other archives under an Office name. No XML is
parsed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from portal.adapters.content.archive_end import refuse_endless_directory
from portal.adapters.content.old_office import SIGNATURE as OLE_SIGNATURE
from portal.adapters.content.refusal import BROKEN, LOCKED, MACRO, SWOLLEN, Unacceptable

OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
SIGNATURE = b"PK\x03\x04"
MOST_BYTES = 2 << 30
MOST_RATIO = 250
RATIO_COUNTS_FROM = 10 << 20
LONGEST_PART = 1 << 20
MACRO_FOLDERS = ("basic/", "scripts/")
IS_ENCRYPTED = 0x1


def check_ooxml(main_type: str) -> Callable[[BinaryIO], None]:
    """A check for an Office Open XML package (ECMA-376 part 2 §10.1.2) whose main part has this type.

    The types are asked, not the names of parts: Office itself does not always call them the same.
    """

    def check(stream: BinaryIO) -> None:
        with _opened(stream) as archive:
            types = _part(archive, "[Content_Types].xml").lower()
        if b"vbaproject" in types or b"macroenabled" in types:
            raise Unacceptable(MACRO)
        if f"{OOXML}.{main_type}.main+xml".encode() not in types:
            raise Unacceptable(BROKEN)

    return check


def check_odf(kind: str) -> Callable[[BinaryIO], None]:
    """A check for an OpenDocument package (ODF 1.2 part 3 §3.3): its first entry names this type."""

    def check(stream: BinaryIO) -> None:
        with _opened(stream) as archive:
            if archive.infolist()[0].filename != "mimetype" or _part(archive, "mimetype") != f"{ODF}.{kind}".encode():
                raise Unacceptable(BROKEN)
            if b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
                raise Unacceptable(LOCKED)
            if any(name.lower().startswith(MACRO_FOLDERS) for name in archive.namelist()):
                raise Unacceptable(MACRO)

    return check


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The archive, once it is sure that reading its parts cannot hurt."""
    head = stream.read(len(OLE_SIGNATURE))
    if head == OLE_SIGNATURE:  # what Office wraps a locked document in
        raise Unacceptable(LOCKED)
    if not head.startswith(SIGNATURE):
        raise Unacceptable(BROKEN)
    refuse_endless_directory(stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            _refuse_bombs(archive.infolist())
            yield archive
    except Unacceptable:
        raise
    except Exception as error:  # a reader given hostile bytes may raise anything
        raise Unacceptable(BROKEN) from error


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise Unacceptable(BROKEN)
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    swells = unpacked > RATIO_COUNTS_FROM and unpacked > MOST_RATIO * max(packed, 1)
    if unpacked > MOST_BYTES or swells:
        raise Unacceptable(SWOLLEN)
    if any(entry.flag_bits & IS_ENCRYPTED for entry in entries):
        raise Unacceptable(LOCKED)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """One part, which must be small; the bytes are counted while they are unpacked, whatever the directory says."""
    with archive.open(name) as part:
        content = part.read(LONGEST_PART + 1)
    if len(content) > LONGEST_PART:
        raise Unacceptable(SWOLLEN)
    return content
