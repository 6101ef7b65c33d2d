"""Checks of photographs and scans: Pillow reads their structure, and never more pixels than a page could need."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import BinaryIO

from PIL import Image

from portal.adapters.content.plain import BROKEN, Unacceptable

MOST_PIXELS = 150_000_000


def check_image(kind: str) -> Callable[[BinaryIO], None]:
    """A check for Pillow's format `kind`; decodes nothing."""

    def check(stream: BinaryIO) -> None:
        width, height = _verified_size(stream, kind)
        if width * height > MOST_PIXELS:
            raise Unacceptable("gambar ini terlalu besar. Kecilkan ukurannya, lalu unggah lagi.")

    return check


def _verified_size(stream: BinaryIO, kind: str) -> tuple[int, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(stream, formats=[kind]) as image:
                size = image.size
                image.verify()
                return size
    except Exception as error:  # a decoder given hostile bytes may raise anything
        raise Unacceptable(BROKEN) from error
