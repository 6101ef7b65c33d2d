"""Typesets the printed checkpoint: one A4 page (PDF/A-2b) with the root in groups of four and as a QR code.

Owns the page's form and its fixed sentences. It formats no date and reads no database: the caller hands it texts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import segno
import typst

from portal.domain.log.checkpoint import Checkpoint

TEMPLATE = Path(__file__).parent.parent / "data" / "pages" / "checkpoint.typ"
GROUP = 4
GROUPS_IN_A_LINE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedText:
    """A text to compare, such as a fingerprint, under its name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointPage:
    """What the page says. `signed` and `printed` are moments in words; `printed_at` is the latter, aware."""

    checkpoint: Checkpoint
    signed: str
    printed: str
    printed_at: datetime
    keys: tuple[NamedText, ...]


def typeset_checkpoint(page: CheckpointPage) -> bytes:
    """The PDF; the same page gives the same bytes."""
    pdf = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"page": json.dumps(_data(page))},
        pdf_standards="a-2b",
        timestamp=page.printed_at.astimezone(UTC).replace(microsecond=0),  # PDF knows no parts of a second
    )
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave no PDF")
    return pdf


def _data(page: CheckpointPage) -> dict[str, object]:
    """Everything the template shows. As data, not as markup: no name can become an instruction."""
    return {
        "title": "Checkpoint catatan audit",
        "lede": (
            "Halaman ini mengunci isi catatan audit Portal Bukti ZI sampai saat ditandatangani. Simpan di luar "
            "portal: selama halaman ini ada, catatan yang ditulis ulang akan ketahuan."
        ),
        "facts": [
            ["Catatan audit", page.checkpoint.origin],
            ["Jumlah kejadian (SIZE)", str(page.checkpoint.size)],
            ["Ditandatangani", page.signed],
        ],
        "root_name": "Akar catatan audit (ROOT)",
        "root_lines": _lines_of_groups(page.checkpoint.root.hex()),
        "qr": _qr(page.checkpoint.printed),
        "qr_words": "Kode QR berisi SIZE dan ROOT",
        "keys_title": "Kunci publik dan alat verifikasi",
        "keys": [[key.name, key.text] for key in page.keys],
        "steps_title": "Cara membandingkan",
        "steps": [
            "Buka paket bukti dengan verifikasi.html atau verifikasi.py yang SHA-256-nya sama dengan yang di atas.",
            "Pindai kode QR, atau ketik SIZE dan ROOT, ke isian checkpoint tercetak. Spasi boleh dilewati.",
            "Bila alat menjawab “tidak asli”, simpan paket dan halaman ini, lalu laporkan.",
        ],
        "hands": ["Dicetak oleh", "Diterima oleh"],
        "hand_note": "Nama, tanggal, tanda tangan",
        "footer": f"Dicetak {page.printed}. Halaman ini tidak memuat data pribadi.",
    }


def _lines_of_groups(root: str) -> list[str]:
    groups = [root[start : start + GROUP] for start in range(0, len(root), GROUP)]
    return ["  ".join(groups[start : start + GROUPS_IN_A_LINE]) for start in range(0, len(groups), GROUPS_IN_A_LINE)]


def _qr(text: str) -> str:
    """An SVG. Level M survives a fold and a coffee stain; the quiet zone is part of the picture."""
    picture = BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="svg", xmldecl=False, border=4)
    return picture.getvalue().decode()
