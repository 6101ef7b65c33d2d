"""Real documents made on the spot: scanned pages as PDF and JPEG, a workbook, a letter. Nothing of them is copied from
anywhere.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import xlsxwriter
from PIL import Image, ImageDraw

PAGE = (1240, 1754)  # A4 at 150 dots per inch
LARGE_PHOTO = (2700, 2010)

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONSHIPS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="word/document.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file as somebody would upload it."""

    name: str
    content: bytes


def scanned_pdf(title: str, lines: Sequence[str]) -> bytes:
    """A page that looks scanned, as a PDF."""
    out = BytesIO()
    _page(title, lines).save(out, "PDF", resolution=150.0)
    return out.getvalue()


def photo(title: str, lines: Sequence[str]) -> bytes:
    """A photograph of a notice, as a JPEG."""
    out = BytesIO()
    _page(title, lines).resize((620, 877)).save(out, "JPEG", quality=82)
    return out.getvalue()


def large_photo() -> bytes:
    """A JPEG of about 20 MB, of noise, so that nothing on the way can make it smaller."""
    out = BytesIO()
    Image.frombytes("RGB", LARGE_PHOTO, os.urandom(LARGE_PHOTO[0] * LARGE_PHOTO[1] * 3)).save(
        out, "JPEG", quality=99, subsampling=0
    )
    return out.getvalue()


def workbook(title: str, lines: Sequence[str]) -> bytes:
    """A recapitulation as an XLSX workbook."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Rekap")
        sheet.write_row(0, 0, ["No", title])
        for number, line in enumerate(lines, start=1):
            sheet.write_row(number, 0, [number, line])
    return out.getvalue()


def letter(title: str, lines: Sequence[str]) -> bytes:
    """A letter as a DOCX package (ECMA-376)."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{_escaped(line)}</w:t></w:r></w:p>" for line in (title, *lines))
    body = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{paragraphs}</w:body></w:document>"
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", CONTENT_TYPES)
        package.writestr("_rels/.rels", RELATIONSHIPS)
        package.writestr("word/document.xml", body)
    return out.getvalue()


KINDS: tuple[tuple[str, Callable[[str, Sequence[str]], bytes]], ...] = (
    ("pdf", scanned_pdf),
    ("jpg", photo),
    ("xlsx", workbook),
    ("docx", letter),
)


def document_for(requirement: str, month: date, serial: int, *, remark: str = "") -> Document:
    """A document that answers a requirement; `serial` chooses its kind and makes it unlike every other."""
    extension, make = KINDS[serial % len(KINDS)]
    lines = [
        f"Nomor {serial:03d}/ZI/{month.year}",
        f"Bulan {month:%m-%Y}",
        "KPU Kabupaten Merangin",
        requirement[:70],
        remark,
    ]
    name = f"{requirement[:60].strip().rstrip('.')} {month:%m-%Y}{' ' + remark if remark else ''}.{extension}"
    return Document(name, make("Bukti fisik Zona Integritas", [line for line in lines if line]))


def _page(title: str, lines: Sequence[str]) -> Image.Image:
    page = Image.new("RGB", PAGE, "#fdfcf8")
    draw = ImageDraw.Draw(page)
    draw.rectangle((90, 90, PAGE[0] - 90, 100), fill="#0b4a6f")
    draw.text((100, 130), title, fill="#17242e", font_size=44)
    for number, line in enumerate(lines):
        draw.text((100, 240 + 60 * number), line, fill="#17242e", font_size=30)
    return page


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
