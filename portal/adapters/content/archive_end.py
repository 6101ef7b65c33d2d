"""The last record of a ZIP archive (APPNOTE 4.3.16), read by hand: it tells how large a directory is before anything
reads it, and whether an archive hangs on the end of another file.
"""

from __future__ import annotations

import struct
from os import SEEK_END
from typing import BinaryIO

from portal.adapters.content.refusal import BROKEN, SWOLLEN, TWO_IN_ONE, Unacceptable

MARK = b"PK\x05\x06"
ZIP64_MARK = b"PK\x06\x07"
LONGEST_COMMENT = 0xFFFF
MOST_ENTRIES = 10_000
MOST_DIRECTORY_BYTES = 2 << 20

_RECORD = struct.Struct("<4s4H2LH")
_ZIP64_LOCATOR_SIZE = 20


def refuse_endless_directory(stream: BinaryIO) -> None:
    """Raise Unacceptable unless the archive ends with the file and its directory is of a size that may be read whole.

    No document needs a comment after its directory, nor ZIP64.
    """
    tail = _tail(stream, _ZIP64_LOCATOR_SIZE + _RECORD.size)
    if len(tail) < _RECORD.size:
        raise Unacceptable(BROKEN)
    mark, _, _, _, entries, directory_bytes, _, comment_bytes = _RECORD.unpack(tail[-_RECORD.size :])
    if mark != MARK or comment_bytes:
        raise Unacceptable(BROKEN)
    if tail.startswith(ZIP64_MARK) or entries > MOST_ENTRIES or directory_bytes > MOST_DIRECTORY_BYTES:
        raise Unacceptable(SWOLLEN)


def refuse_hidden_archive(stream: BinaryIO) -> None:
    """Raise Unacceptable when the file ends as a ZIP archive does, so that it is two files in one."""
    tail = _tail(stream, _RECORD.size + LONGEST_COMMENT)
    at = tail.find(MARK)
    while at >= 0:
        record = tail[at : at + _RECORD.size]
        if len(record) == _RECORD.size and _RECORD.unpack(record)[-1] == len(tail) - at - _RECORD.size:
            raise Unacceptable(TWO_IN_ONE)
        at = tail.find(MARK, at + 1)


def _tail(stream: BinaryIO, length: int) -> bytes:
    size = stream.seek(0, SEEK_END)
    stream.seek(max(0, size - length))
    return stream.read(length)
