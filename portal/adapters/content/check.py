"""The list of what is accepted, and the one question: what is this file, or why is it refused.

Nothing is converted, unpacked or run, and no check holds more of the file than a bounded part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import BinaryIO

from portal.adapters.content import images, media, office, old_office, pdf, plain
from portal.adapters.content.refusal import Unacceptable
from portal.domain.errors import InvalidInput
from portal.domain.file_name import extension_of

Check = Callable[[BinaryIO], None]

ACCEPTED: Mapping[str, tuple[str, Check]] = MappingProxyType(
    {
        "pdf": ("application/pdf", pdf.check_pdf),
        "jpg": ("image/jpeg", images.check_image("JPEG")),
        "jpeg": ("image/jpeg", images.check_image("JPEG")),
        "png": ("image/png", images.check_image("PNG")),
        "webp": ("image/webp", images.check_image("WEBP")),
        "heic": ("image/heic", media.check_brand(b"meta", b"heic", b"heix", b"mif1", b"msf1", b"hevc")),
        "docx": (f"{office.OOXML}.wordprocessingml.document", office.check_ooxml("wordprocessingml.document")),
        "xlsx": (f"{office.OOXML}.spreadsheetml.sheet", office.check_ooxml("spreadsheetml.sheet")),
        "pptx": (
            f"{office.OOXML}.presentationml.presentation",
            office.check_ooxml("presentationml.presentation"),
        ),
        "odt": (f"{office.ODF}.text", office.check_odf("text")),
        "ods": (f"{office.ODF}.spreadsheet", office.check_odf("spreadsheet")),
        "odp": (f"{office.ODF}.presentation", office.check_odf("presentation")),
        "doc": ("application/msword", old_office.check_old_office("WordDocument")),
        "xls": ("application/vnd.ms-excel", old_office.check_old_office("Workbook", "Book")),
        "ppt": ("application/vnd.ms-powerpoint", old_office.check_old_office("PowerPoint Document")),
        "txt": ("text/plain", plain.check_text),
        "csv": ("text/csv", plain.check_text),
        "mp4": (
            "video/mp4",
            media.check_brand(b"moov", b"isom", b"iso2", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4", b"3gp5"),
        ),
    }
)
"""Extension → media type and the check of its structure."""

_ARCHIVE = "Keluarkan isinya dari arsip, lalu unggah satu per satu."
_MACROS = "Simpan sebagai dokumen biasa tanpa makro."
_PICTURE = "Simpan sebagai JPG atau PDF."
_VIDEO = "Simpan sebagai MP4."
REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("zip", "rar", "7z", "tar", "gz"), _ARCHIVE),
        **dict.fromkeys(("docm", "xlsm", "pptm", "xlsb"), _MACROS),
        **dict.fromkeys(("gif", "bmp", "tif", "tiff", "svg"), _PICTURE),
        **dict.fromkeys(("mov", "avi", "mkv", "wmv", "3gp"), _VIDEO),
    }
)
"""What helps somebody who has a file of a kind that is not accepted."""


def check_content(name: str, stream: BinaryIO) -> str:
    """The media type of the file; raises InvalidInput("files") when it is not what its name says or is not accepted.

    `stream` must be seekable; where it stands afterwards is undefined.
    """
    extension = extension_of(name)
    if extension not in ACCEPTED:
        kinds = ", ".join(sorted({known.upper() for known in ACCEPTED} - {"JPEG"}))
        remedy = REMEDIES.get(extension, "Simpan sebagai PDF.")
        raise InvalidInput("files", f"{name}: jenis ini tidak diterima. {remedy} Yang diterima: {kinds}.")
    media_type, check = ACCEPTED[extension]
    stream.seek(0)
    try:
        check(stream)
    except Unacceptable as reason:
        raise InvalidInput("files", f"{name}: {reason}") from reason
    return media_type
