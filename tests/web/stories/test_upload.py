"""Uploading over HTTP: what is let in, what is told of what was refused, and how files leave."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context

from portal.adapters.store import StoreUnavailable, is_key
from portal.db import db
from portal.domain.events import SYSTEM_SCOPE, EventName
from portal.services.log_reader import list_entries
from portal.services.unit_of_work import transaction
from portal.services.uploads import STORE_AWAY
from portal.web.extensions import csrf
from tests.builders import documents
from tests.web.stories.office import PDF, open_office
from tests.web.stories.people import Person, sign_in, upload
from tests.web.stories.test_story import first_draft


@pytest.fixture
def database_url(sqlite_database_url: str) -> str:
    """HTTP is the same on every database; the services behind it are tested on both."""
    return sqlite_database_url


@pytest.fixture
def office(app: Flask) -> Flask:
    """The Merangin plan with an uploader, a TPI member and a TPI lead."""
    open_office(app)
    return app


@pytest.fixture
def siti(office: Flask) -> Person:
    """The uploader, at her first draft, which holds one file."""
    siti = sign_in(office, "siti@contoh.go.id")
    first_draft(siti)
    return siti


def summary(person: Person) -> list[str]:
    """The errors above the page."""
    found = re.search(r'<div class="error-summary".*?</div>', person.text, re.DOTALL)
    assert found, person.text[:2000]
    return re.findall(r'<li><a href="#[^"]+">([^<]+)</a></li>', found.group())


def stored(person: Person) -> list[str]:
    """The names of the draft's files."""
    return re.findall(r'<span class="file-name">([^<]+)</span>', person.text)


def test_a_hundred_refused_files_are_all_named_and_the_others_are_kept(siti: Person) -> None:
    bad = [upload(b"MZ", f"{'panjang ' * 25}{number}.exe") for number in range(99)]
    siti.send("/berkas", {"files": [*bad, upload(b"notulen", "notulen.txt")]}, expect=422)
    assert len(summary(siti)) == 99
    assert all(message.startswith("Berkas: panjang") for message in summary(siti))
    assert "1 berkas tersimpan." in siti.text
    assert "Berkas yang tidak disebut di sini sudah tersimpan" in siti.text
    assert stored(siti) == ["SK Tim Kerja.pdf", "notulen.txt"]
    siti.open(siti.page.request.path)
    assert siti.page.request.path.endswith("/draf")
    assert "error-summary" not in siti.text


def test_a_form_without_a_file_names_the_field(siti: Person) -> None:
    siti.send("/berkas", {"files": [upload(b"", "")]}, expect=422)
    assert summary(siti) == ["Berkas: Belum ada berkas yang dipilih."]


def test_files_that_are_refused_at_the_beginning_are_told_and_the_draft_is_there(office: Flask) -> None:
    siti = sign_in(office, "siti@contoh.go.id")
    siti.open("/indikator")
    siti.open(siti.link("/indikator/"))
    siti.open(siti.link("/bukti/baru"))
    month = re.search(r'name="slots"[^>]* value="([^"]+)"', siti.text)
    assert month is not None
    bad = [upload(b"MZ", f"{'漢' * 80}{number}.exe") for number in range(20)]
    siti.send("/bukti/baru", {"slots": month.group(1), "files": [*bad, upload(PDF, "SK.pdf")]})
    assert siti.page.request.path.endswith("/draf")
    assert "1 berkas tersimpan." in siti.text
    assert siti.text.count(".exe: jenis ini tidak diterima") == 4
    assert "Masih ada 16 berkas lain" in siti.text
    assert stored(siti) == ["SK.pdf"]


def test_a_beginning_without_a_month_keeps_nothing_and_says_so(office: Flask) -> None:
    siti = sign_in(office, "siti@contoh.go.id")
    siti.open("/indikator")
    siti.open(siti.link("/indikator/"))
    siti.open(siti.link("/bukti/baru"))
    siti.send("/bukti/baru", {"files": [upload(PDF, "SK.pdf")]}, expect=422)
    assert summary(siti) == ["Bulan yang dipenuhi bukti ini: Pilih sekurang-kurangnya satu."]
    assert "Berkas perlu dipilih lagi." in siti.text


def test_a_store_that_is_away_costs_neither_the_draft_nor_the_session(
    siti: Person, office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(office.extensions["portal.store"], "put", away)
    siti.send("/berkas", {"files": [upload(b"a", "a.txt")]}, expect=422)
    assert summary(siti) == [f"Berkas: a.txt: {STORE_AWAY}"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "kpu.go.id", "", "https://" + "a" * 3000])
def test_a_refused_link_keeps_what_was_typed(siti: Person, url: str) -> None:
    siti.send("/tautan", {"url": url, "note": "Foto 3 Maret"}, expect=422)
    assert summary(siti)[0].startswith("Alamat tautan: ")
    assert 'value="Foto 3 Maret"' in siti.text
    siti.open(siti.page.request.path)
    assert siti.page.request.path.endswith("/draf")


def test_what_one_form_of_the_draft_refuses_leaves_the_others_as_they_are_stored(siti: Person) -> None:
    month = re.search(r'name="slots"[^>]* value="([^"]+)"', siti.text)
    assert month is not None
    siti.send("/draf", {"slots": month.group(1), "note": "Lihat halaman 2.", "document_date": "2025-02-03"})
    for action, fields in (("/tautan", {"url": "", "note": "Foto"}), ("/berkas", {"files": [upload(b"MZ", "a.exe")]})):
        siti.send(action, dict(fields), expect=422)
        assert re.search(rf'<input checked[^>]* value="{month.group(1)}"', siti.text), action
        assert ">\r\nLihat halaman 2.</textarea>" in siti.text, action
        assert 'value="2025-02-03"' in siti.text, action
        siti.open(siti.page.request.path)


def test_a_draft_is_dropped_and_its_month_is_free_again(siti: Person) -> None:
    draft = siti.page.request.path
    siti.send("/buang")
    assert "Draf dibuang." in siti.text
    assert siti.client.get(draft).status_code == 404
    first_draft(siti)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"document_date": "2025-02-31"}, "Tanggal dokumen: "),
        ({"document_date": "1025-02-03"}, "Tanggal dokumen: "),
        ({"slots": "bukan slot"}, "Bulan yang dipenuhi bukti ini: "),
        ({"slots": []}, "Bulan yang dipenuhi bukti ini: "),
        ({"note": "Lihat halaman 2. " + "x" * 4000}, "Catatan untuk pemeriksa: "),
    ],
)
def test_a_refused_draft_names_the_field_and_keeps_what_was_typed(
    siti: Person, fields: dict[str, object], message: str
) -> None:
    month = re.search(r'name="slots"[^>]* value="([^"]+)"', siti.text)
    assert month is not None
    siti.send("/draf", {"slots": month.group(1), "note": "Lihat halaman 2.", **fields}, expect=422)
    assert [error for error in summary(siti) if error.startswith(message)], summary(siti)
    assert "Lihat halaman 2." in siti.text


def test_while_the_body_is_read_no_connection_is_taken(siti: Person) -> None:
    taken = []

    class Body(BytesIO):
        def readinto(self, buffer: Any, /) -> int:
            taken.append((db.session().in_transaction(), db.engine.pool.checkedout()))  # type: ignore[attr-defined]  # of the pools in use
            return super().readinto(buffer)

    path = siti.page.request.path.replace("/draf", "/berkas")
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', siti.text)
    assert token is not None
    content = (
        f'--batas\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token.group(1)}\r\n'
        '--batas\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    ).encode() + b"x" * (3 << 20)
    content += b"\r\n--batas--\r\n"
    answer = siti.client.post(
        path,
        input_stream=Body(content),
        content_length=len(content),
        content_type="multipart/form-data; boundary=batas",
    )
    assert answer.status_code == 303
    assert len(taken) > 2
    assert set(taken) == {(False, 0)}


def test_only_uploads_ask_for_the_token_themselves_and_all_of_them_do(siti: Person, office: Flask) -> None:
    path = siti.page.request.path
    siti.open(siti.link("/indikator/"))
    begin = siti.client.get(siti.link("/bukti/baru")).headers["Location"]
    views = {f"{view.__module__}.{view.__name__}": end for end, view in office.view_functions.items()}
    exempt = {views[name] for name in csrf._exempt_views}
    assert exempt == {"evidence.begin", "evidence.upload"}
    for address in (begin, path.replace("/draf", "/berkas")):
        answer = siti.client.post(address, data={"files": [upload(b"a", "a.txt")]})
        assert answer.status_code == 400, address
        assert "Formulir sudah tidak berlaku" in answer.text
    assert stored_after(siti, path) == ["SK Tim Kerja.pdf"]


def stored_after(siti: Person, path: str) -> list[str]:
    siti.open(path)
    return stored(siti)


def test_more_than_the_limit_is_a_page_that_says_so(siti: Person, office: Flask) -> None:
    small = replace(office.extensions["portal.settings"], max_request_bytes=64 << 10)
    office.extensions["portal.settings"] = small
    siti.send("/berkas", {"files": [upload(b"x" * (100 << 10), "a.txt")]}, expect=413)
    assert "Kiriman terlalu besar" in siti.text
    assert "Berkas yang sudah tersimpan sebelumnya tidak hilang." in siti.text


@pytest.fixture
def address(siti: Person) -> str:
    """Where the file of her draft is downloaded."""
    siti.open(siti.page.request.path.replace("/draf", ""))
    return siti.link("/berkas/")


def test_a_broken_off_download_goes_on_where_it_was(siti: Person, address: str) -> None:
    whole = siti.client.get(address)
    assert whole.headers["Accept-Ranges"] == "bytes"
    rest = siti.client.get(address, headers={"Range": "bytes=100-", "If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.get_data()) == (206, PDF[100:])
    assert rest.headers["Content-Range"] == f"bytes 100-{len(PDF) - 1}/{len(PDF)}"
    other = siti.client.get(address, headers={"Range": "bytes=100-", "If-Range": '"lain"'})
    assert (other.status_code, other.get_data()) == (200, PDF)


def test_bytes_beyond_the_end_are_not_there(siti: Person, address: str) -> None:
    assert siti.client.get(address, headers={"Range": f"bytes={len(PDF)}-"}).status_code == 416


def test_req_39_a_range_of_what_one_may_not_see_is_not_there_either(office: Flask, address: str) -> None:
    hendra = sign_in(office, "hendra@contoh.go.id")
    assert hendra.client.get(address, headers={"Range": "bytes=0-1"}).status_code == 404


def test_req_37_changed_bytes_are_not_handed_out_and_are_recorded(siti: Person, office: Flask, address: str) -> None:
    store = Path(office.extensions["portal.settings"].store_dir)
    (path,) = [path for path in store.rglob("*") if path.is_file() and is_key(path.name)]
    path.chmod(0o600)
    path.write_bytes(b"X" + PDF[1:])
    answer = siti.client.get(address)
    assert answer.status_code == 500
    assert "Isi berkas tidak sesuai catatan" in answer.text
    assert "Content-Disposition" not in answer.headers
    with office.app_context(), transaction(write=False) as session:
        names = [entry.name for entry in list_entries(session, SYSTEM_SCOPE)]
    assert names.count(EventName.FIXITY_FAILED) == 1


def test_a_download_that_breaks_off_leaves_nothing_behind(siti: Person, address: str) -> None:
    answer = siti.client.get(address, buffered=False)
    next(answer.iter_encoded())
    answer.close()
    assert not has_app_context()
    assert siti.client.get(address).get_data() == PDF


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("SK 'final', x=y.pdf", 'filename="SK _final__ x_y.pdf"'),
        ("Laporan Ketua – März.pdf", 'filename="Laporan Ketua _ M_rz.pdf"'),
        ("漢字.pdf", 'filename="__.pdf"'),
    ],
)
def test_a_name_leaves_in_two_forms_and_neither_breaks_the_header(siti: Person, name: str, plain: str) -> None:
    siti.send("/berkas", {"files": [upload(documents.pdf(name), name)]})
    siti.open(siti.page.request.path.replace("/draf", ""))
    last = re.findall(r'href="(/berkas/[^"]+)"', siti.text)[-1]
    header = siti.client.get(last).headers["Content-Disposition"]
    assert header.startswith("attachment; ")
    assert plain.replace('"', "") in header.replace('"', "")
    assert header.isascii()
    assert "filename*=UTF-8''" in header
