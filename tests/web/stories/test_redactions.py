"""Redacted copies over HTTP: marked on the draft's page, compared by the reviewer, then read by the whole unit."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.domain.roles import Role
from tests.builders import documents
from tests.web.stories.office import open_office
from tests.web.stories.people import Person, add_account, sign_in, upload
from tests.web.stories.test_reading import RESTRICTED
from tests.web.stories.test_story import first_draft, submit


@pytest.fixture
def database_url(sqlite_database_url: str) -> str:
    """HTTP is the same on every database; the services behind it are tested on both."""
    return sqlite_database_url


@pytest.fixture
def siti(app: Flask) -> Person:
    """At her restricted draft with an original and its copy, not marked yet."""
    open_office(app)
    add_account(app, "joko@contoh.go.id", Role.UPLOADER, area="I")
    siti = sign_in(app, "siti@contoh.go.id")
    first_draft(siti, RESTRICTED)
    siti.send("/berkas", {"files": [upload(documents.pdf("samar"), "Rekap disamarkan.pdf")]})
    return siti


def options(person: Person, name: str) -> dict[str, str]:
    """Value by text of a select."""
    (select,) = re.findall(rf'<select[^>]* name="{name}".*?</select>', person.text, re.DOTALL)
    return {text: value for value, text in re.findall(r'<option[^>]*value="([^"]+)">([^<]+)<', select)}


def mark(siti: Person) -> None:
    copy, original = options(siti, "copy")["Rekap disamarkan.pdf"], options(siti, "original")["SK Tim Kerja.pdf"]
    siti.send("/tandai-salinan", {"copy": copy, "original": original})
    assert "Salinan ditandai." in siti.text


def test_the_draft_says_what_to_black_out_and_that_originals_stay_as_they_are(siti: Person) -> None:
    for words in ("NIK", "alamat", "nama pelapor", "nomor rekening", "data kesehatan", "apa adanya", "lokasi foto"):
        assert words in siti.text, words


def test_a_copy_is_marked_compared_and_read_by_others_alone(app: Flask, siti: Person) -> None:
    mark(siti)
    assert "salinan yang disamarkan dari SK Tim Kerja.pdf" in siti.text
    submit(siti, siti.page.request.path)

    hendra = sign_in(app, "hendra@contoh.go.id")
    hendra.open("/antrean")
    hendra.open(hendra.link("/periksa/"))
    pair = hendra.text[hendra.text.index('class="file-pair"') :]
    assert pair.index("SK Tim Kerja.pdf") < pair.index("salinan yang disamarkan dari SK Tim Kerja.pdf")

    originals = re.findall(r'href="(/berkas/[^"]+)"', hendra.text)
    indicator = re.sub(r"\?.*", "", hendra.link("/indikator/"))

    joko = sign_in(app, "joko@contoh.go.id")
    joko.open(indicator)
    assert "/salinan" not in joko.text
    hendra.send("/setujui")
    joko.open(indicator)
    joko.open(joko.link("/salinan"))
    assert "Rekap disamarkan.pdf" in joko.text
    assert "SK Tim Kerja" not in joko.text
    assert joko.client.get(joko.link("/berkas/")).get_data() == documents.pdf("samar")
    assert sorted(joko.client.get(link).status_code for link in originals) == [200, 404]
    assert joko.client.get(joko.page.request.path.removesuffix("/salinan")).status_code == 404


def test_what_does_not_fit_is_said_at_its_field_and_a_mark_is_taken_off(siti: Person) -> None:
    draft = siti.page.request.path
    same = options(siti, "original")["Rekap disamarkan.pdf"]
    siti.send("/tandai-salinan", {"copy": same, "original": same}, expect=422)
    assert "Berkas asli dan salinannya harus dua berkas yang berbeda." in siti.text
    siti.send("/tandai-salinan", expect=422)
    assert "Pilih salinannya." in siti.text
    siti.open(draft)
    mark(siti)
    siti.send("/bukan-salinan")
    assert "Tanda salinan dilepas." in siti.text


def test_a_draft_that_everybody_reads_offers_no_mark(app: Flask) -> None:
    open_office(app)
    siti = sign_in(app, "siti@contoh.go.id")
    first_draft(siti)
    siti.send("/berkas", {"files": [upload(documents.pdf("lain"), "Lain.pdf")]})
    assert "Tandai salinan" not in siti.text
    assert "apa adanya" not in siti.text
