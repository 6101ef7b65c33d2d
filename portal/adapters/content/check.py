"""The list of what is accepted, and the one question: what is this file, or why is it refused.

Nothing is converted, unpacked or run; every check reads a bounded part of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import BinaryIO

from portal.adapters.content import images, office, plain
from portal.adapters.content.refusal import refuse
from portal.domain.file_name import extension_of

Check = Callable[[BinaryIO], None]

ACCEPTED: Mapping[str, tuple[str, Check]] = MappingProxyType(
    {
        "pdf": ("application/pdf", plain.check_pdf),
        "jpg": ("image/jpeg", images.check_image("JPEG")),
        "jpeg": ("image/jpeg", images.check_image("JPEG")),
        "png": ("image/png", images.check_image("PNG")),
        "webp": ("image/webp", images.check_image("WEBP")),
        "heic": ("image/heic", plain.check_brand(b"heic", b"heix", b"mif1", b"msf1", b"hevc")),
        "docx": (f"{office.OOXML}.wordprocessingml.document", office.check_ooxml("word/document.xml")),
        "xlsx": (f"{office.OOXML}.spreadsheetml.sheet", office.check_ooxml("xl/workbook.xml")),
        "pptx": (f"{office.OOXML}.presentationml.presentation", office.check_ooxml("ppt/presentation.xml")),
        "odt": (f"{office.ODF}.text", office.check_odf(f"{office.ODF}.text")),
        "ods": (f"{office.ODF}.spreadsheet", office.check_odf(f"{office.ODF}.spreadsheet")),
        "odp": (f"{office.ODF}.presentation", office.check_odf(f"{office.ODF}.presentation")),
        "doc": ("application/msword", plain.check_ole),
        "xls": ("application/vnd.ms-excel", plain.check_ole),
        "ppt": ("application/vnd.ms-powerpoint", plain.check_ole),
        "txt": ("text/plain", plain.check_text),
        "csv": ("text/csv", plain.check_text),
        "mp4": ("video/mp4", plain.check_brand(b"isom", b"iso2", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4", b"3gp5")),
    }
)
"""Extension → media type and the check of its structure."""


def check_content(name: str, stream: BinaryIO) -> str:
    """The media type of the file; raises InvalidInput("files") when it is not what its name says or is not accepted.

    `stream` must be seekable; where it stands afterwards is undefined.
    """
    accepted = ACCEPTED.get(extension_of(name))
    if accepted is None:
        kinds = ", ".join(sorted({extension.upper() for extension in ACCEPTED} - {"JPEG"}))
        refuse(name, f"jenis ini tidak diterima. Yang diterima: {kinds}.")
    media_type, check = accepted
    stream.seek(0)
    problem = _problem(check, stream)
    if problem:
        refuse(name, problem)
    return media_type


def _problem(check: Check, stream: BinaryIO) -> str | None:
    try:
        check(stream)
    except plain.Unacceptable as reason:
        return str(reason)
    return None
