"""The check of PDF files: PDFium, the reader inside Chrome, can open them. Nothing is drawn."""

from __future__ import annotations

import threading
from typing import BinaryIO

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD

from portal.adapters.content.archive_end import refuse_hidden_archive
from portal.adapters.content.refusal import BROKEN, LOCKED, Unacceptable

HEADER = b"%PDF-"

_one_at_a_time = threading.Lock()
"""PDFium must not be called from two threads at once, not even about two documents."""


def check_pdf(stream: BinaryIO) -> None:
    """Begins as a PDF (ISO 32000-1 §7.5.2), opens without a password, and has a page.

    Readers accept the header anywhere in the first kilobyte; here it comes first, so that nothing else stands before.
    """
    if stream.read(len(HEADER)) != HEADER:
        raise Unacceptable(BROKEN)
    refuse_hidden_archive(stream)
    with _one_at_a_time:
        if _count_pages(stream) < 1:
            raise Unacceptable(BROKEN)


def _count_pages(stream: BinaryIO) -> int:
    try:
        with pypdfium2.PdfDocument(stream) as document:
            return len(document)
    except pypdfium2.PdfiumError as error:
        raise Unacceptable(LOCKED if error.err_code == FPDF_ERR_PASSWORD else BROKEN) from error
