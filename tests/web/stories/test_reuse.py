"""Pakai juga untuk bukti lain, over HTTP: nothing is sent again and the choice is the person's own."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.domain.workflow import Action
from tests.web.stories.office import open_office, sent_evidence
from tests.web.stories.people import sign_in
from tests.web.stories.test_story import first_draft, submit


@pytest.fixture
def database_url(sqlite_database_url: str) -> str:
    """HTTP is the same on every database; the service behind it is tested on both."""
    return sqlite_database_url


def test_files_of_a_submitted_version_are_attached_to_a_draft_of_another_item(app: Flask) -> None:
    open_office(app)
    siti = sign_in(app, "siti@contoh.go.id")
    submit(siti, first_draft(siti))
    siti.open(siti.link("/bukti/"))
    siti.open(siti.link("/pakai-juga"))
    files = re.findall(r'name="files"[^>]* value="([^"]+)"', siti.text)
    assert len(files) == 1
    siti.send("/pakai-juga", {"files": files}, expect=422)
    assert "Untuk bukti fisik: Pilih bukti fisiknya." in siti.text
    target = re.findall(r'<option value="([0-9a-f-]{36})">([^<]+)</option>', siti.text)[0]
    siti.send("/pakai-juga", {"requirement": target[0]}, expect=422)
    assert "Berkas yang dipakai juga: Pilih sekurang-kurangnya satu." in siti.text
    siti.send("/pakai-juga", {"files": files, "requirement": target[0]})
    assert siti.page.request.path.endswith("/draf")
    assert "Berkas dilampirkan ke draf baru tanpa diunggah ulang." in siti.text
    assert "SK Tim Kerja.pdf" in siti.text


def test_who_takes_restricted_files_elsewhere_is_told_who_reads_them_there(app: Flask) -> None:
    open_office(app)
    revisions = {code: sent_evidence(app, code, Action.SUBMIT) for code in ("I.1.1", "II.2.1")}
    siti = sign_in(app, "siti@contoh.go.id")
    warning = "Pada bukti fisik Biasa, seluruh unit kerja dapat membacanya"
    assert warning not in siti.open(f"/bukti/versi/{revisions['I.1.1']}/pakai-juga")
    assert warning in siti.open(f"/bukti/versi/{revisions['II.2.1']}/pakai-juga")
    assert "(Biasa)</option>" in siti.text
    assert "(Terbatas)</option>" in siti.text
