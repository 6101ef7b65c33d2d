"""The bag's list of files as a table for spreadsheet programs, a row each: indeks.csv and indeks.xlsx say the same.

What people typed stays text in it, whatever a spreadsheet program would like to make of it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO, StringIO

import xlsxwriter

from portal.domain.bundle.shown_text import harmless_cell, visible
from portal.services.bundles.contents import BundleContents, BundledEvidence, BundledFile

COLUMNS = (
    *("Area", "Indikator", "Bukti fisik", "Klasifikasi", "Bulan", "Tanggal dokumen", "Versi"),
    *("Nama berkas", "Jenis", "Ukuran (bita)", "SHA-256", "Lokasi dalam paket"),
)
WIDTHS = (6, 10, 48, 11, 18, 14, 6, 40, 24, 14, 68, 60)
"""Of the columns on the sheet, in characters."""

LONGEST_CELL = 32_767
"""What a cell of XLSX can hold; longer texts are left out of it by the writer without a word."""


def index_csv(contents: BundleContents) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheet programs read the letters right."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([harmless_cell(str(cell)) for cell in row] for row in _rows(contents))
    return out.getvalue().encode("utf-8-sig")


def index_xlsx(contents: BundleContents, sealed_at: datetime) -> bytes:
    """One sheet that can be filtered; the same bytes for the same contents and moment."""
    out = BytesIO()
    with xlsxwriter.Workbook(
        # Row by row, so that memory stays flat. Text is never read as a formula or an address.
        out,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    ) as book:
        book.set_properties({"created": sealed_at.replace(tzinfo=None)})
        sheet = book.add_worksheet("Berkas bukti")
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(contents.files), len(COLUMNS) - 1)
        sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
        for at, row in enumerate(_rows(contents), start=1):
            sheet.write_row(at, 0, [visible(cell)[:LONGEST_CELL] if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def _rows(contents: BundleContents) -> Iterator[tuple[str | int, ...]]:
    return (_row(item, file) for item in contents.evidence for file in item.files)


def _row(item: BundledEvidence, file: BundledFile) -> tuple[str | int, ...]:
    return (
        item.item.area_code,
        item.item.indicator_code,
        item.item.text,
        item.item.classification.value,
        ", ".join(month.strftime("%Y-%m") for month in item.months),
        _day(item.document_date),
        item.number,
        file.name,
        file.media_type,
        file.bag.size,
        file.bag.sha256,
        file.bag.path,
    )


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""
