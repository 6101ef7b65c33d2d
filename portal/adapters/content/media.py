"""Checks of ISO media files: videos and photographs of telephones (ISO/IEC 14496-12)."""

from __future__ import annotations

from collections.abc import Callable
from os import SEEK_END
from typing import BinaryIO

from portal.adapters.content.archive_end import refuse_hidden_archive
from portal.adapters.content.refusal import BROKEN, Unacceptable

HEAD_BYTES = 64
MOST_BOXES = 100_000


def check_brand(index: bytes, *brands: bytes) -> Callable[[BinaryIO], None]:
    """A check for a file of one of these major or compatible brands (§4.3), whole and with its box `index`."""

    def check(stream: BinaryIO) -> None:
        head = stream.read(HEAD_BYTES)
        length = int.from_bytes(head[:4], "big")
        listed = {head[8:12], *(head[at : at + 4] for at in range(16, min(length, len(head)), 4))}
        if head[4:8] != b"ftyp" or not listed & set(brands):
            raise Unacceptable(BROKEN)
        if index not in _whole_boxes(stream):
            raise Unacceptable(BROKEN)
        refuse_hidden_archive(stream)

    return check


def _whole_boxes(stream: BinaryIO) -> set[bytes]:
    """The types of the boxes of the top level (§4.2); raises Unacceptable when one reaches beyond the file's end."""
    size, at, found = stream.seek(0, SEEK_END), 0, set[bytes]()
    for _ in range(MOST_BOXES):
        stream.seek(at)
        header = stream.read(16)
        kind = header[4:8]
        if not kind.isalnum():  # the end, or what some telephones hang on behind the last box
            break
        length = _box_length(header) or size - at
        if length < 8 or at + length > size:
            raise Unacceptable(BROKEN)
        found.add(kind)
        at += length
    return found


def _box_length(header: bytes) -> int:
    """Bytes with the header; 0 for a box that ends with the file."""
    length = int.from_bytes(header[:4], "big")
    return int.from_bytes(header[8:16], "big") if length == 1 else length
