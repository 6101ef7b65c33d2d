"""Checks of photographs and scans: Pillow reads their structure, and never more pixels than a page could need."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from os import SEEK_CUR, SEEK_END
from typing import BinaryIO

from PIL import Image

from portal.adapters.content.archive_end import refuse_hidden_archive
from portal.adapters.content.refusal import BROKEN, TOO_MANY_PIXELS, Unacceptable

MOST_PIXELS = 150_000_000
MOST_BYTES = 50 << 20
"""Pillow holds a whole WebP, and the largest part of a PNG, in memory."""
CHUNK = 1 << 20
START_OF_SCAN, END_OF_IMAGE = b"\xda", b"\xff\xd9"


def check_image(kind: str) -> Callable[[BinaryIO], None]:
    """A check for Pillow's format `kind`; decodes nothing."""

    def check(stream: BinaryIO) -> None:
        if stream.seek(0, SEEK_END) > MOST_BYTES:
            raise Unacceptable(TOO_MANY_PIXELS)
        stream.seek(0)
        width, height = _verified_size(stream, kind)
        if width * height > MOST_PIXELS:
            raise Unacceptable(TOO_MANY_PIXELS)
        if kind == "JPEG" and not _has_end(stream):
            raise Unacceptable(BROKEN)
        refuse_hidden_archive(stream)

    return check


def _verified_size(stream: BinaryIO, kind: str) -> tuple[int, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, about what it repairs while it reads
            with Image.open(stream, formats=[kind]) as image:
                size = image.size
                image.verify()
                return size
    except Image.DecompressionBombError as error:
        raise Unacceptable(TOO_MANY_PIXELS) from error
    except Exception as error:  # a decoder given hostile bytes may raise anything
        raise Unacceptable(BROKEN) from error


def _has_end(stream: BinaryIO) -> bool:
    """Whether a JPEG's first scan comes to an end mark (ITU-T T.81 §B.1.1), which Pillow sees only when it decodes.

    The segments before the scan are stepped over, because a small preview in one of them has an end mark too.
    """
    stream.seek(2)
    while (head := stream.read(4))[:1] == b"\xff" and head[1:2] != START_OF_SCAN:
        stream.seek(int.from_bytes(head[2:], "big") - 2, SEEK_CUR)
    last = b""
    while chunk := stream.read(CHUNK):
        if END_OF_IMAGE in last + chunk:
            return True
        last = chunk[-1:]
    return False
