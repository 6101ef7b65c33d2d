"""Checks of ISO media files: videos and photographs of telephones (ISO/IEC 14496-12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from portal.adapters.content.archive_end import refuse_hidden_archive
from portal.adapters.content.refusal import BROKEN, Unacceptable

HEAD_BYTES = 64


def check_brand(*brands: bytes) -> Callable[[BinaryIO], None]:
    """A check for a file of one of these major or compatible brands (§4.3)."""

    def check(stream: BinaryIO) -> None:
        head = stream.read(HEAD_BYTES)
        length = int.from_bytes(head[:4], "big")
        listed = {head[8:12], *(head[at : at + 4] for at in range(16, min(length, len(head)), 4))}
        if head[4:8] != b"ftyp" or not listed & set(brands):
            raise Unacceptable(BROKEN)
        refuse_hidden_archive(stream)

    return check
