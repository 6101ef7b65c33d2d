"""Checks of Office documents from before 2007: an OLE container ([MS-CFB]) whose directory names the right streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from portal.adapters.content.refusal import BROKEN, LOCKED, MACRO, Unacceptable

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
CHUNK = 1 << 20
ENTRY_SIZE = 128
MACROS = "_VBA_PROJECT"
ENCRYPTED = "EncryptedPackage"


def check_old_office(*main_streams: str) -> Callable[[BinaryIO], None]:
    """A check for a container that has one of these streams, and neither macros nor a lock."""

    def check(stream: BinaryIO) -> None:
        if stream.read(len(SIGNATURE)) != SIGNATURE:
            raise Unacceptable(BROKEN)
        stream.seek(0)
        names = _names_among({*main_streams, MACROS, ENCRYPTED}, stream)
        if ENCRYPTED in names:
            raise Unacceptable(LOCKED)
        if MACROS in names:
            raise Unacceptable(MACRO)
        if not names & set(main_streams):
            raise Unacceptable(BROKEN)

    return check


def _names_among(wanted: set[str], stream: BinaryIO) -> set[str]:
    """Those of the `wanted` names that some directory entry has.

    Entries begin at multiples of their size wherever the directory lies ([MS-CFB] 2.6.1), so none is cut by a chunk.
    """
    padded = {name: f"{name}\0".encode("utf-16-le") for name in wanted}
    found: set[str] = set()
    while chunk := stream.read(CHUNK):
        found |= {name for name, pattern in padded.items() if _begins_an_entry(pattern, chunk)}
    return found


def _begins_an_entry(pattern: bytes, chunk: bytes) -> bool:
    at = chunk.find(pattern)
    while at >= 0 and at % ENTRY_SIZE:
        at = chunk.find(pattern, at + 1)
    return at >= 0
