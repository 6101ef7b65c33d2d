"""Checks of files that are told by their first and last bytes: PDF, text, old Office, media containers."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from os import SEEK_END
from typing import BinaryIO

CHUNK = 1 << 20
TAIL = 2048
OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
BROKEN = "berkas ini rusak atau isinya bukan jenis itu. Buka dulu di komputer, simpan ulang, lalu unggah lagi."


class Unacceptable(Exception):
    """Why the content is refused, as the end of a sentence that begins with the file's name."""


def check_pdf(stream: BinaryIO) -> None:
    """Begins with the header and ends with the end mark, so that nothing else can hang on it (ISO 32000-1 §7.5)."""
    head = stream.read(CHUNK)
    if not head.startswith(b"%PDF-") or b"%%EOF" not in _tail(stream):
        raise Unacceptable(BROKEN)
    if b"/Encrypt" in _tail(stream):
        raise Unacceptable("PDF ini dikunci dengan kata sandi, jadi pemeriksa tidak dapat membukanya. Hapus kuncinya.")


def check_text(stream: BinaryIO) -> None:
    """UTF-8 throughout and no NUL."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(CHUNK):
            if "\x00" in decoder.decode(chunk):
                raise Unacceptable(BROKEN)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise Unacceptable("teks ini bukan UTF-8. Simpan ulang dengan penyandian UTF-8.") from error


def check_ole(stream: BinaryIO) -> None:
    """The container of Office before 2007."""
    if stream.read(len(OLE_SIGNATURE)) != OLE_SIGNATURE:
        raise Unacceptable(BROKEN)


def check_brand(*brands: bytes) -> Callable[[BinaryIO], None]:
    """A check for an ISO media file (ISO/IEC 14496-12 §4.3) of one of these major or compatible brands."""

    def check(stream: BinaryIO) -> None:
        head = stream.read(64)
        length = int.from_bytes(head[:4], "big")
        listed = {head[8:12], *(head[at : at + 4] for at in range(16, min(length, len(head)), 4))}
        if head[4:8] != b"ftyp" or not listed & set(brands):
            raise Unacceptable(BROKEN)

    return check


def _tail(stream: BinaryIO) -> bytes:
    size = stream.seek(0, SEEK_END)
    stream.seek(max(0, size - TAIL))
    return stream.read(TAIL)
