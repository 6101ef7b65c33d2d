"""The whole story in Chromium, by three people in three browser contexts, on both installations and both widths."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.domain.roles import Role
from tests.e2e.visitor import Visitor, visiting
from tests.servers import portal
from tests.servers.portal import Site
from tests.web.stories.office import PDF, open_office
from tests.web.stories.people import add_account

widths = pytest.mark.parametrize("width", [1280, 360])


@pytest.fixture
def office(site: Site) -> str:
    """The address of a served portal with the Merangin plan and its people."""
    return _open(site)


@pytest.fixture
def small_office(small_installation: Settings) -> Iterator[str]:
    """The same on the small installation alone."""
    with portal.running(small_installation) as site:
        yield _open(site)


def _open(site: Site) -> str:
    app = create_app(site.settings)
    open_office(app)
    add_account(app, "agus@contoh.go.id", Role.AUDITOR, name="Agus Salim")
    with app.app_context():
        db.engine.dispose()
    return site.url


@pytest.fixture(scope="module")
def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), "#336699").save(out, "JPEG")
    return out.getvalue()


def choose_files(visitor: Visitor, *files: tuple[str, str, bytes]) -> None:
    visitor.page.locator("input[type=file]").first.set_input_files(
        [FilePayload(name=name, mimeType=kind, buffer=content) for name, kind, content in files]
    )


def send_first(siti: Visitor, photo: bytes) -> str:
    """Begin, fill and submit an evidence; returns the address of its page."""
    siti.follow("Kerjakan yang pertama")
    siti.follow("Unggah bukti")
    siti.page.locator("input[name=slots]").first.check()
    choose_files(siti, ("SK Tim.pdf", "application/pdf", PDF), ("foto.jpg", "image/jpeg", photo))
    siti.press("Simpan sebagai draf")
    assert siti.says("2 berkas tersimpan")
    siti.page.locator("summary", has_text="Tambah tautan").click()
    siti.page.fill("#url", "https://kab-merangin.kpu.go.id/sk-tim")
    siti.press("Tambah tautan")
    siti.page.locator("textarea[name=note]").last.fill("Lihat halaman 2.")
    siti.press("Periksa sebelum diajukan")
    assert siti.says("Lihat halaman 2.")
    siti.press("Ajukan ke pemeriksa")
    assert siti.says("Tanda terima")
    for content in (PDF, photo):
        assert siti.says(sha256(content).hexdigest())
    siti.follow("Bukti")
    return siti.page.url.removeprefix(siti.address)


def send_back(hendra: Visitor) -> None:
    hendra.follow("Periksa berikutnya")
    hendra.follow("Kembalikan")
    hendra.press("Kirim pengembalian")
    assert hendra.says("Ada isian yang perlu diperbaiki")
    hendra.page.get_by_label("Belum ditandatangani atau distempel").check()
    hendra.page.fill("#note", "Halaman 2 belum ditandatangani.")
    hendra.press("Kirim pengembalian")
    assert hendra.says("Bukti dikembalikan kepada pengirim.")


def answer(siti: Visitor, evidence: str) -> None:
    siti.open("/tugas")
    assert siti.says("Dikembalikan kepada Anda")
    siti.open(evidence)
    assert siti.says("Halaman 2 belum ditandatangani.")
    siti.press("Buat versi baru")
    choose_files(siti, ("SK Tim ditandatangani.pdf", "application/pdf", PDF + b"%%EOF\n"))
    siti.press("Tambah berkas")
    siti.press("Periksa sebelum diajukan")
    siti.press("Ajukan ke pemeriksa")


def approve(hendra: Visitor, evidence: str) -> None:
    hendra.open("/antrean")
    hendra.follow("Periksa berikutnya")
    assert hendra.says("baru di versi ini")
    hendra.press("Setujui")
    assert hendra.says("Bukti disetujui.")
    hendra.open(evidence)
    hendra.follow("Riwayat")
    titles = [title.split(" Versi")[0].strip() for title in hendra.page.locator(".timeline-title").all_inner_texts()]
    assert titles[-1] == "Bukti disetujui"
    assert [t for t in titles if t.startswith("Bukti di")] == [
        "Bukti diajukan ke pemeriksa",
        "Bukti dikembalikan",
        "Bukti diajukan ke pemeriksa",
        "Bukti disetujui",
    ]


def take_away(agus: Visitor, folder: Path) -> None:
    """Seal, fetch and check with a program of other make."""
    agus.follow("Buat paket bukti")
    agus.press("Buat paket")
    with agus.page.expect_download() as fetched:
        agus.page.get_by_role("link", name="Unduh paket").click()
    bundle = folder / "paket.zip"
    fetched.value.save_as(bundle)
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
        top = folder / archive.namelist()[0].split("/", 1)[0]
    assert sum(path.is_file() for path in (top / "data").rglob("*")) == 3
    check = [sys.executable, "-m", "bagit", "--validate", str(top)]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 0


@widths
def test_three_people_do_the_main_job(office: str, browser: Browser, width: int, photo: bytes, tmp_path: Path) -> None:
    with (
        visiting(browser, office, width) as siti,
        visiting(browser, office, width) as hendra,
        visiting(browser, office, width) as agus,
    ):
        siti.sign_in("siti@contoh.go.id")
        evidence = send_first(siti, photo)
        hendra.sign_in("hendra@contoh.go.id")
        send_back(hendra)
        answer(siti, evidence)
        approve(hendra, evidence)
        agus.sign_in("agus@contoh.go.id")
        take_away(agus, tmp_path)


def test_the_senders_part_needs_no_script(small_office: str, browser: Browser) -> None:
    with visiting(browser, small_office, 360, scripts=False) as siti:
        siti.sign_in("siti@contoh.go.id")
        siti.follow("Kerjakan yang pertama")
        siti.follow("Unggah bukti")
        siti.page.locator("input[name=slots]").first.check()
        choose_files(siti, ("SK Tim.pdf", "application/pdf", PDF))
        siti.press("Simpan sebagai draf")
        siti.press("Periksa sebelum diajukan")
        siti.press("Ajukan ke pemeriksa")
        assert siti.says(sha256(PDF).hexdigest())
