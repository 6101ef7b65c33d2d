"""The bag's own documents, each as bytes by its path, made from a snapshot alone: no database, no clock, no store.

`metadata/bukti.json` is the authoritative one; index.html and indeks.csv show the same to people.
"""

from __future__ import annotations

import csv
from datetime import date, datetime
from functools import cache
from importlib import resources
from io import StringIO
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, StrictUndefined, Template

from portal.domain.bundle.shown_text import harmless_cell, visible
from portal.services.bundles.contents import BundleContents, BundledEvidence, BundledFile
from portal.services.bundles.metadata import grouped, metadata_document
from portal.services.bundles.snapshot import Snapshot
from portal.services.bundles.trail import heads_document, openings_document

LOG, HEADS, OPENINGS = "audit/log.jsonl", "audit/heads.jsonl", "audit/openings.jsonl"
COLUMNS = (
    *("Area", "Indikator", "Bukti fisik", "Klasifikasi", "Bulan", "Tanggal dokumen", "Versi"),
    *("Nama berkas", "Jenis", "Ukuran (bita)", "SHA-256", "Lokasi dalam paket"),
)
LOCALE = "id"


def bundle_documents(snapshot: Snapshot, sealed_at: datetime) -> dict[str, bytes]:
    """Every document but the log, which is too long for memory, and the four files of BagIt, which list the rest."""
    return {
        "BACA-SAYA.txt": resources.files("portal").joinpath("data/bundle/BACA-SAYA.txt").read_bytes(),
        HEADS: heads_document(snapshot.heads),
        OPENINGS: openings_document(snapshot.trail.openings),
        "indeks.csv": index_csv(snapshot.contents),
        "index.html": index_html(snapshot, sealed_at),
        "metadata/bukti.json": metadata_document(snapshot, sealed_at),
    }


def index_html(snapshot: Snapshot, sealed_at: datetime) -> bytes:
    """A page without script or remote parts, to be read from disk; dates in the unit's own zone."""
    zone = ZoneInfo(snapshot.contents.place.timezone)
    page = _template().render(
        place=snapshot.contents.place,
        restricted=snapshot.contents.restricted,
        names=snapshot.names,
        log_size=snapshot.head.size,
        log_root=snapshot.head.root.hex(),
        files=len(snapshot.contents.files),
        areas=[
            [grouped(own, lambda e: e.item.position) for own in grouped(items, lambda e: e.item.indicator_code)]
            for items in grouped(snapshot.contents.evidence, lambda e: e.item.area_position)
        ],
        sealed_at=sealed_at,
        moment=lambda at: format_datetime(at, "d MMMM y 'pukul' HH.mm z", tzinfo=zone, locale=LOCALE),
        day=lambda on: format_date(on, "d MMMM y", locale=LOCALE),
        number=lambda n: format_decimal(n, locale=LOCALE),
        month=lambda on: format_date(on, "MMMM y", locale=LOCALE),
    )
    return page.encode()


def index_csv(contents: BundleContents) -> bytes:
    """One row a file, UTF-8 with a byte order mark so that spreadsheet programs read the letters right."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in contents.evidence:
        writer.writerows([harmless_cell(cell) for cell in _row(item, file)] for file in item.files)
    return out.getvalue().encode("utf-8-sig")


def _row(item: BundledEvidence, file: BundledFile) -> tuple[str, ...]:
    return (
        item.item.area_code,
        item.item.indicator_code,
        item.item.text,
        item.item.classification.value,
        ", ".join(month.strftime("%Y-%m") for month in item.months),
        _day(item.document_date),
        str(item.number),
        file.name,
        file.media_type,
        str(file.bag.size),
        file.bag.sha256,
        file.bag.path,
    )


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


@cache
def _template() -> Template:
    source = resources.files("portal").joinpath("data/bundle/index.html.j2").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    return environment.from_string(source)
