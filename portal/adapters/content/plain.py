"""The check of text files."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from portal.adapters.content.refusal import BROKEN, NOT_UTF8, Unacceptable

CHUNK = 1 << 20


def check_text(stream: BinaryIO) -> None:
    """UTF-8 throughout and no NUL."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(CHUNK):
            if b"\0" in chunk:
                raise Unacceptable(BROKEN)
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise Unacceptable(NOT_UTF8) from error
