"""The printed checkpoint: what stands on it, what its QR code holds, and that no text becomes an instruction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
import segno
from PIL import Image

from portal.adapters.checkpoint_page import CheckpointPage, NamedText, typeset_checkpoint
from portal.domain.log.checkpoint import Checkpoint

ROOT = "9caac977a0af0c2229abd397eee3345899c4020da2a1a0b711c1cc543fe3719d"
PAGE = CheckpointPage(
    checkpoint=Checkpoint("bukti-zi.KPU-1502/log1", 1_234_567, bytes.fromhex(ROOT)),
    signed="23 November 2026 pukul 11.05 WIB",
    printed="24 November 2026 pukul 08.00 WIB",
    printed_at=datetime(2026, 11, 24, 1, 0, 0, 123456, tzinfo=UTC),
    keys=(
        NamedText(name="Kunci checkpoint", text="bukti-zi.KPU-1502/log1+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYc"),
        NamedText(name="SHA-256 verifikasi.py", text=ROOT),
    ),
)


def text_of(pdf: bytes) -> str:
    """The text of the only page."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    text: str = document[0].get_textpage().get_text_bounded()
    return text


def test_the_page_holds_size_root_and_keys_in_full() -> None:
    text = text_of(typeset_checkpoint(PAGE))
    words = text.split()
    assert "1234567" in words
    for group in (ROOT[start : start + 4] for start in range(0, 64, 4)):
        assert group in words, group
    for needed in (PAGE.checkpoint.origin, PAGE.signed, PAGE.printed, *(key.text for key in PAGE.keys)):
        assert needed in text, needed


def test_the_qr_code_on_the_paper_holds_size_and_root() -> None:
    """Module by module as drawn, against the code that the size and root make."""
    expected = [list(map(bool, row)) for row in segno.make(PAGE.checkpoint.printed, error="m", micro=False).matrix]
    assert drawn_modules(typeset_checkpoint(PAGE), len(expected)) == expected
    other = segno.make(replace(PAGE.checkpoint, size=1_234_568).printed, error="m", micro=False).matrix
    assert drawn_modules(typeset_checkpoint(PAGE), len(expected)) != [list(map(bool, row)) for row in other]


def drawn_modules(pdf: bytes, count: int) -> list[list[bool]]:
    """Whether the middle of each module is dark; the code is the only dark thing in its corner of the frame."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil().convert("L").point(lambda shade: shade < 128 and 255)
    picture: Image.Image = page.crop(
        (page.width * 65 // 100, page.height * 15 // 100, page.width * 88 // 100, page.height * 30 // 100)
    )
    box = picture.getbbox()
    assert box
    code = picture.crop(box)
    at = [(2 * index + 1) / (2 * count) for index in range(count)]
    return [[code.getpixel((int(x * code.width), int(y * code.height))) == 255 for x in at] for y in at]


def test_the_same_page_gives_the_same_bytes() -> None:
    assert typeset_checkpoint(PAGE) == typeset_checkpoint(PAGE)


@pytest.mark.parametrize("hostile", ["#panic(1)", "$x$ *tebal* _miring_", "<b>&amp;", "\\ # [", '"; ]'])
def test_req_57_no_text_becomes_an_instruction(hostile: str) -> None:
    page = replace(PAGE, signed=hostile, keys=(NamedText(name=hostile, text=hostile),))
    assert text_of(typeset_checkpoint(page)).count(hostile) == 3
