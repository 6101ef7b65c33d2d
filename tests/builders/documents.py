"""Small real documents of every accepted kind, made on the spot, for tests that upload or check them."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO

import docx
import openpyxl
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from portal.adapters.content.archive_end import MARK
from portal.adapters.content.office import ODF, OOXML

PRESENTATION_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Override PartName="/ppt/presentation.xml" ContentType="{OOXML}.presentationml.presentation.main+xml"/></Types>'
)


def pdf(text: str = "SK Tim Kerja", *, password: str | None = None, owner_password: str | None = None) -> bytes:
    """One page; `password` is asked for to open it, `owner_password` alone only to change it."""
    locked = password is not None or owner_password is not None
    encryption = StandardEncryption(password or "", ownerPassword=owner_password or password) if locked else None
    out = BytesIO()
    canvas = Canvas(out, invariant=True, encrypt=encryption)
    canvas.drawString(72, 720, text)
    canvas.save()
    return out.getvalue()


def image(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture in Pillow's format `kind`."""
    out = BytesIO()
    Image.new("RGB", size, "#0b4a6f").save(out, kind)
    return out.getvalue()


def word(text: str = "Laporan") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def workbook(text: str = "Rekap") -> bytes:
    book = openpyxl.Workbook()
    book.active.append([text])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def presentation() -> bytes:
    return package({"[Content_Types].xml": PRESENTATION_TYPES.encode(), "ppt/presentation.xml": b"<p/>"})


def open_document(kind: str = "text", *, manifest: bytes = b"<manifest/>", **parts: bytes) -> bytes:
    """An OpenDocument package of `kind`, with further parts by name."""
    return package(
        {"mimetype": f"{ODF}.{kind}".encode(), "content.xml": b"<office/>", "META-INF/manifest.xml": manifest, **parts}
    )


def package(parts: Mapping[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP archive of these parts in their order."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def repacked(document: bytes, changed: Mapping[str, bytes]) -> bytes:
    """The ZIP archive `document` with parts added or replaced."""
    with zipfile.ZipFile(BytesIO(document)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return package({**parts, **changed}, compression=zipfile.ZIP_DEFLATED)


def old_office(*streams: str) -> bytes:
    """The skeleton of an OLE container whose directory names these streams."""
    entries = b"".join(
        f"{name}\0".encode("utf-16-le").ljust(64, b"\0") + bytes(64) for name in ("Root Entry", *streams)
    )
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + entries


def media(brand: bytes, *boxes: bytes) -> bytes:
    """An ISO media file of this major brand with these boxes after it."""
    body = brand + bytes(4) + brand
    return b"".join(
        struct.pack(">I", 8 + len(content)) + kind + content
        for kind, content in [(b"ftyp", body), *((kind, bytes(64)) for kind in boxes)]
    )


def empty_archive(comment: bytes = b"") -> bytes:
    """A ZIP archive without an entry, which ends in `comment`."""
    return MARK + bytes(16) + struct.pack("<H", len(comment)) + comment


ACCEPTABLE: Mapping[str, bytes] = {
    "surat.pdf": pdf(),
    "foto.jpg": image("JPEG"),
    "foto.jpeg": image("JPEG"),
    "bagan.png": image("PNG"),
    "foto.webp": image("WEBP"),
    "foto.heic": media(b"heic", b"meta", b"mdat"),
    "laporan.docx": word(),
    "rekap.xlsx": workbook(),
    "paparan.pptx": presentation(),
    "laporan.odt": open_document("text"),
    "rekap.ods": open_document("spreadsheet"),
    "paparan.odp": open_document("presentation"),
    "laporan.doc": old_office("WordDocument", "1Table"),
    "rekap.xls": old_office("Workbook"),
    "paparan.ppt": old_office("PowerPoint Document"),
    "catatan.txt": "Rapat ke-2 · selesai".encode(),
    "data.csv": b"nama,nilai\nA,1\n",
    "rekaman.mp4": media(b"isom", b"moov", b"mdat"),
}
"""One document of every accepted kind, by its name."""
