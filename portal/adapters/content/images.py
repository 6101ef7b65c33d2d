"""Checks of photographs and scans: Pillow reads their structure, and never more pixels than a page could need."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from os import SEEK_END
from typing import BinaryIO

from PIL import Image

from portal.adapters.content.archive_end import refuse_hidden_archive
from portal.adapters.content.refusal import BROKEN, TOO_MANY_PIXELS, Unacceptable

MOST_PIXELS = 150_000_000
MOST_BYTES = 50 << 20
"""Pillow holds a whole WebP, and the largest part of a PNG, in memory."""


def check_image(kind: str) -> Callable[[BinaryIO], None]:
    """A check for Pillow's format `kind`; decodes nothing."""

    def check(stream: BinaryIO) -> None:
        if stream.seek(0, SEEK_END) > MOST_BYTES:
            raise Unacceptable(TOO_MANY_PIXELS)
        stream.seek(0)
        width, height = _verified_size(stream, kind)
        if width * height > MOST_PIXELS:
            raise Unacceptable(TOO_MANY_PIXELS)
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
