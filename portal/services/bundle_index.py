"""What people open first: `index.html`, `indeks.csv` and `BACA-SAYA.txt`, made from the bag's own metadata. Decides
nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from io import StringIO
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from portal.services.bundle_contents import BundleContents

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    *("Area", "Indikator", "Bukti fisik", "Versi", "Bulan"),
    *("Nama berkas", "Ukuran (bita)", "SHA-256", "Lokasi dalam paket"),
)


def index_html(metadata: Mapping[str, Any], files: int) -> bytes:
    """A page without script or remote parts, to be read from disk."""
    names = {person["id"]: person["name"] for person in metadata["people"]}
    return _template().render(**metadata, names=names, files=files).encode()


def index_csv(contents: BundleContents) -> bytes:
    """One row a file, UTF-8 with a byte order mark so that spreadsheet programs read the letters right."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in contents.evidence:
        months = ", ".join(sorted(part.slot.month.strftime("%Y-%m") for part in item.revision.slots))
        for file in item.files:
            row = (
                item.area.code,
                item.indicator.code,
                item.requirement.text,
                item.revision.number,
                months,
                file.name,
                file.bag.size,
                file.bag.sha256,
                file.bag.path,
            )
            writer.writerow(harmless_cell(str(value)) for value in row)
    return out.getvalue().encode("utf-8-sig")


def harmless_cell(text: str) -> str:
    """Text that a spreadsheet program would run as a formula gets an apostrophe in front."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def read_me() -> bytes:
    return resources.files("portal").joinpath("data/bundle/BACA-SAYA.txt").read_bytes()


@cache
def _template() -> Template:
    source = resources.files("portal").joinpath("data/bundle/index.html.j2").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(source)
