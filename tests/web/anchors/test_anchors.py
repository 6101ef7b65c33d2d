"""The page of checkpoints over HTTP: who sees it, what printing gives, and where the alarm stands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from portal.adapters.open_signer import open_signer
from tests.e2e.visitor import visiting
from tests.web.serving import served
from tests.web.stories.office import open_audited_office
from tests.web.stories.people import Person, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ALARM = "Checkpoint belum disimpan di luar portal"


@pytest.fixture
def database_url(sqlite_database_url: str) -> str:
    """HTTP is the same on every database; the services behind it are tested on both."""
    return sqlite_database_url


@pytest.fixture
def office(app: Flask) -> Flask:
    open_audited_office(app)
    return app


@pytest.fixture
def agus(office: Flask) -> Person:
    """The auditor, where every event is overdue at once."""
    office.extensions["portal.settings"] = replace(office.extensions["portal.settings"], anchor_max_hours=0)
    return sign_in(office, "agus@contoh.go.id")


def test_the_auditor_prints_and_the_page_says_that_it_was_done(agus: Person) -> None:
    agus.open("/checkpoint")
    assert "Belum ada checkpoint yang disimpan di luar" in agus.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', agus.text.partition("/checkpoint/cetak")[2])
    assert token
    printed = agus.client.post("/checkpoint/cetak", data={"csrf_token": token.group(1)})
    assert printed.mimetype == "application/pdf"
    assert printed.data.startswith(b"%PDF-")
    assert printed.headers["Content-Disposition"].startswith('attachment; filename="checkpoint-0')
    agus.open("/checkpoint")
    assert "Halaman tercetak" in agus.text
    assert "Semua kejadian tercakup" in agus.text
    assert ALARM not in agus.text


def test_the_alarm_stands_where_auditors_begin_and_only_there_for_them(agus: Person, office: Flask) -> None:
    for path in ("/tugas", "/paket", "/checkpoint"):
        assert ALARM in agus.open(path), path
    siti = sign_in(office, "siti@contoh.go.id")
    assert ALARM not in siti.open("/tugas")
    assert siti.client.get("/checkpoint").status_code == 403


def test_within_the_limit_there_is_no_alarm(agus: Person, office: Flask) -> None:
    office.extensions["portal.settings"] = replace(office.extensions["portal.settings"], anchor_max_hours=48)
    assert ALARM not in agus.open("/tugas")
    assert "belum pernah" in agus.open("/paket")


def test_without_signer_and_checkpoint_printing_says_what_is_missing(agus: Person, office: Flask) -> None:
    agus.open("/checkpoint")
    office.extensions["portal.signer"] = open_signer("")
    agus.send("/checkpoint/cetak", expect=400)
    assert "Belum ada checkpoint" in agus.text


@pytest.mark.parametrize("width", [1280, 360])
def test_in_a_browser_the_page_is_printed_and_then_names_the_print(
    browser: Browser, agus: Person, office: Flask, width: int
) -> None:
    """The visitor looks at each page: nothing too wide, nothing that axe finds serious."""
    assert agus.page.status_code == 200
    with served(office) as (address, _), visiting(browser, address, width) as visitor:
        visitor.sign_in("agus@contoh.go.id")
        assert visitor.says(ALARM)
        visitor.follow("Cetak checkpoint atau lihat sebabnya")
        with visitor.page.expect_download() as download:
            visitor.page.get_by_role("button", name="Cetak checkpoint").click()
        assert download.value.suggested_filename.endswith(".pdf")
        visitor.open("/checkpoint")
        assert visitor.says("Halaman tercetak")
