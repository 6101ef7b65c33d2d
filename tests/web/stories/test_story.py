"""The main job over HTTP: upload, return, next version, approval, the timeline, on both databases."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from flask import Flask

from tests.web.stories.office import PDF, open_office
from tests.web.stories.people import Person, sign_in, upload


@pytest.fixture
def office(app: Flask) -> Flask:
    """The Merangin plan with an uploader, a TPI member and a TPI lead."""
    open_office(app)
    return app


def first_draft(siti: Person, code: str = "I.1.1") -> str:
    """Begin the evidence for the first item of an indicator with one file; returns the draft's address."""
    siti.open("/indikator")
    page = re.search(rf'{re.escape(code)}</span>\s*<a class="row-link" href="([^"]+)"', siti.text)
    assert page is not None
    siti.open(page.group(1))
    siti.open(siti.link("/bukti/baru"))
    month = re.search(r'name="slots"[^>]* value="([^"]+)"', siti.text)
    assert month is not None
    siti.send("/bukti/baru", {"slots": month.group(1), "files": [upload(PDF, "SK Tim Kerja.pdf")]})
    assert "1 berkas tersimpan" in siti.text
    return siti.page.request.path


def submit(siti: Person, draft: str) -> None:
    siti.open(draft.replace("/draf", "/periksa-dulu"))
    siti.send("/ajukan")
    assert "Tanda terima" in siti.text


def test_the_whole_story(office: Flask) -> None:
    siti, hendra = sign_in(office, "siti@contoh.go.id"), sign_in(office, "hendra@contoh.go.id")
    draft = first_draft(siti)
    siti.send("/tautan", {"url": "https://kab-merangin.kpu.go.id/sk", "note": "Unggahan situs"})
    assert "Tautan ditambahkan" in siti.text
    submit(siti, draft)
    assert sha256(PDF).hexdigest() in siti.text

    hendra.open("/antrean")
    hendra.open(hendra.link("/periksa/"))
    hendra.open(hendra.link("/kembalikan"))
    hendra.send("/kembalikan", {"reason": "not_signed", "note": "Halaman 2 belum ditandatangani."})
    assert "Bukti dikembalikan kepada pengirim." in hendra.text

    siti.open("/tugas")
    assert "Dikembalikan kepada Anda" in siti.text
    siti.open(draft.replace("/draf", ""))
    assert "Halaman 2 belum ditandatangani." in siti.text
    siti.send("/versi-baru")
    siti.send("/berkas", {"files": [upload(PDF + b"%%EOF\n", "SK Tim Kerja ditandatangani.pdf")]})
    submit(siti, draft)

    hendra.open("/antrean/berikutnya")
    assert "baru di versi ini" in hendra.text
    hendra.send("/setujui")
    assert "Bukti disetujui." in hendra.text

    hendra.open(draft.replace("/draf", ""))
    hendra.open(hendra.link("/riwayat/"))
    story = re.findall(r'timeline-title">([^<]+)', hendra.text)
    assert [word.strip() for word in story] == [
        "Bukti mulai disusun",
        "Berkas diunggah",
        "Tautan ditambahkan",
        "Bukti diajukan ke pemeriksa",
        "Bukti dikembalikan",
        "Versi baru mulai disusun",
        "Berkas diunggah",
        "Bukti diajukan ke pemeriksa",
        "Bukti disetujui",
    ]
    assert "SK Tim Kerja ditandatangani.pdf" in hendra.text


def test_what_was_sent_comes_back_byte_for_byte_as_an_attachment(office: Flask) -> None:
    siti = sign_in(office, "siti@contoh.go.id")
    draft = first_draft(siti)
    siti.open(draft.replace("/draf", "/periksa-dulu"))
    answer = siti.client.get(siti.link("/berkas/"))
    assert answer.get_data() == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_that_is_refused_is_named_and_the_others_are_kept(office: Flask) -> None:
    siti = sign_in(office, "siti@contoh.go.id")
    first_draft(siti)
    bad = [upload(b"MZ", "program.exe"), upload(b"bukan", "palsu.pdf"), upload(b"", "kosong.pdf")]
    siti.send("/berkas", {"files": [*bad, upload(b"catatan rapat", "catatan.txt")]}, expect=422)
    assert "1 berkas tersimpan" in siti.text
    for name in ("program.exe", "palsu.pdf", "kosong.pdf"):
        assert f"{name}: " in siti.text


def test_req_12_somebody_elses_decision_in_between_is_told_and_changes_nothing(office: Flask) -> None:
    siti = sign_in(office, "siti@contoh.go.id")
    submit(siti, first_draft(siti))
    hendra, dewi = sign_in(office, "hendra@contoh.go.id"), sign_in(office, "dewi@contoh.go.id")
    for reviewer in (hendra, dewi):
        reviewer.open("/antrean/berikutnya")
    hendra.send("/setujui")
    dewi.send("/setujui", expect=409)
    assert "berubah" in dewi.text


def test_who_did_not_sign_in_gets_nowhere(office: Flask) -> None:
    siti = sign_in(office, "siti@contoh.go.id")
    draft = first_draft(siti)
    stranger = office.test_client()
    for path in ("/tugas", draft, draft.replace("/draf", ""), "/pengguna"):
        answer = stranger.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["Location"].startswith("/masuk?lanjut=")
    assert stranger.post(draft, data={"note": "x"}).status_code in {303, 400}


def test_a_large_body_is_not_read_before_the_draft_is_known_to_be_ones_own(office: Flask) -> None:
    siti = sign_in(office, "siti@contoh.go.id")
    draft = first_draft(siti)
    hendra = sign_in(office, "hendra@contoh.go.id")
    large = _multipart(b"x" * (2 << 20), "besar.txt")

    def send(who: Person, path: str, body: bytes, kind: str) -> int:
        return who.client.post(path, data=body, content_type=kind).status_code

    assert send(hendra, draft.replace("/draf", "/berkas"), large, MULTIPART) == 403
    assert send(siti, draft, b"note=" + b"x" * (2 << 20), "application/x-www-form-urlencoded") == 413
    assert send(siti, draft.replace("/draf", "/berkas"), large, MULTIPART) == 400  # it was read, and has no token


MULTIPART = "multipart/form-data; boundary=batas"


def _multipart(content: bytes, name: str) -> bytes:
    head = f'--batas\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--batas--\r\n"
