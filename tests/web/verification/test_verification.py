"""The pages for people who need not trust the portal: over HTTP, and the hash in a real browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from portal.domain.log.checkpoint import read_checkpoint
from portal.domain.log.note import VerifierKey
from portal.services.checkpoints import sign_checkpoint
from portal.services.verifiers import list_verifiers
from tests.e2e.visitor import visiting
from tests.web.serving import served
from tests.web.stories.office import PDF, open_audited_office
from tests.web.stories.people import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHECK = "/verifikasi/berkas"
HASH = sha256(PDF).hexdigest()


@pytest.fixture
def database_url(sqlite_database_url: str) -> str:
    """HTTP is the same on every database; the services behind it are tested on both."""
    return sqlite_database_url


@pytest.fixture
def office(app: Flask) -> Flask:
    """One approved evidence with `PDF`, and an auditor."""
    open_audited_office(app)
    return app


@pytest.fixture
def public_office(office: Flask) -> Flask:
    """The same where the admin lets everybody ask about files."""
    office.extensions["portal.settings"] = replace(office.extensions["portal.settings"], file_check_public=True)
    return office


def test_everybody_gets_the_verifiers_with_their_hashes(office: Flask) -> None:
    stranger = office.test_client()
    page = without_groups(stranger.get("/verifikasi").text)
    for verifier in list_verifiers():
        answer = stranger.get(f"/verifikasi/{verifier.name}")
        assert sha256(answer.data).hexdigest() == verifier.sha256
        assert verifier.sha256 in page, verifier.name
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_everybody_gets_the_newest_checkpoint_and_the_keys_that_verify_it(office: Flask) -> None:
    with office.app_context():
        signed = sign_checkpoint(signer=office.extensions["portal.signer"], now=datetime.now(UTC))
    stranger = office.test_client()
    page = without_groups(stranger.get("/verifikasi").text)
    assert signed.root in page
    keys = stranger.get("/verifikasi/kunci-publik.txt").text
    for key in office.extensions["portal.signer"].keys().by_kind().values():
        assert key.strip() in keys
    for name, content in office.extensions["portal.signer"].keys().files().items():
        assert name in page
        assert stranger.get(f"/verifikasi/{name}").text == content, name
    note = stranger.get("/verifikasi/checkpoint.txt").text
    assert read_checkpoint(note, VerifierKey.parse(keys.splitlines()[0])).printed == signed.printed


def without_groups(page: str) -> str:
    """The page with its hashes in one piece."""
    return page.replace("</span> <span>", "").replace("<span>", "").replace("</span>", "")


def test_before_the_first_checkpoint_the_page_says_so(office: Flask) -> None:
    assert "Belum ada checkpoint yang ditandatangani" in office.test_client().get("/verifikasi").text
    assert office.test_client().get("/verifikasi/checkpoint.txt").status_code == 404


def test_nothing_else_can_be_fetched_there(office: Flask) -> None:
    for name in ("verifikasi.exe", "..%2f..%2fconfig.py", "checkpoint.typ"):
        assert office.test_client().get(f"/verifikasi/{name}").status_code == 404, name


def test_a_stranger_signs_in_first_and_the_hash_is_not_lost(office: Flask) -> None:
    answer = office.test_client().get(CHECK, query_string={"sha256": HASH})
    assert answer.status_code == 303
    assert HASH in answer.location


def test_where_the_admin_allows_it_a_stranger_gets_an_answer_without_a_way_in(public_office: Flask) -> None:
    page = public_office.test_client().get(CHECK, query_string={"sha256": HASH}).text
    assert "Ya, berkas ini bagian dari bukti yang disetujui" in page
    assert "/bukti/" not in page
    other = sha256(b"x").hexdigest()
    assert "Tidak ditemukan" in public_office.test_client().get(CHECK, query_string={"sha256": other}).text


def test_an_auditor_gets_the_way_to_the_evidence(office: Flask) -> None:
    agus = sign_in(office, "agus@contoh.go.id")
    agus.open(f"{CHECK}?sha256={HASH.upper()}")
    agus.open(agus.link("/bukti/"))
    assert "SK Tim.pdf" in agus.text


def test_what_is_no_hash_is_told_at_its_field(public_office: Flask) -> None:
    for value in ("", "abc", "%00", "g" * 64, "0" * 5000):
        answer = public_office.test_client().get(f"{CHECK}?sha256={value}")
        assert answer.status_code == 422, value[:70]
        assert "Ada isian yang perlu diperbaiki" in answer.text, value[:70]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_browser_computes_the_hash_and_sends_nothing_else(
    browser: Browser, public_office: Flask, width: int
) -> None:
    """Sizes around a block of 64 bytes and a piece of the stream; the server sees one GET with the right hash."""
    sizes = (0, 56, 64, 1_000_003) if width == 1280 else (100,)
    with served(public_office) as (address, methods), visiting(browser, address, width) as visitor:
        visitor.open("/verifikasi")
        visitor.follow("Verifikasi berkas")
        for size in sizes:
            content = bytes(i % 251 for i in range(size))
            visitor.page.set_input_files("#berkas", {"name": "a.pdf", "mimeType": "x/y", "buffer": content})
            visitor.page.wait_for_url(f"**{CHECK}?sha256={sha256(content).hexdigest()}")
            assert visitor.says("Tidak ditemukan")
        visitor.page.set_input_files("#berkas", {"name": "b.pdf", "mimeType": "x/y", "buffer": PDF})
        visitor.page.wait_for_url(f"**{HASH}")
        visitor.look()
        assert visitor.says("Ya, berkas ini bagian dari bukti yang disetujui")
    assert set(methods) == {"GET"}


def test_without_a_script_the_hash_can_be_typed(browser: Browser, public_office: Flask) -> None:
    with served(public_office) as (address, _), visiting(browser, address, 360, scripts=False) as visitor:
        visitor.page.goto(f"{address}{CHECK}")
        assert not visitor.page.locator("#berkas").is_visible()
        visitor.page.fill("#sha256", HASH)
        visitor.page.get_by_role("button", name="Periksa").click()
        assert visitor.says("Ya, berkas ini bagian dari bukti yang disetujui")
