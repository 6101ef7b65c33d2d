"""Ubah klasifikasi, by people who sign in: the page, its refusals, and what the indicator shows afterwards."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.classification import Classification
from portal.domain.roles import Role
from portal.models import Indicator, Requirement
from portal.services.unit_of_work import transaction
from portal.web.indicators.words import READERS
from tests.web.stories.office import open_office
from tests.web.stories.people import Person, add_account, sign_in

CODE = "I.1.1"
REASON = "Lampiran memuat nama pelapor."


@pytest.fixture
def database_url(sqlite_database_url: str) -> str:
    """HTTP is the same on every database; the service behind it is tested on both."""
    return sqlite_database_url


@pytest.fixture
def office(app: Flask) -> Flask:
    open_office(app)
    return app


def requirement_of(app: Flask) -> UUID:
    """The first item of the indicator, which is Biasa."""
    query = select(Requirement.id).join(Indicator).where(Indicator.code == CODE).order_by(Requirement.position)
    with app.app_context(), transaction(write=False) as session:
        return session.execute(query.limit(1)).scalar_one()


def opened(app: Flask, name: str) -> Person:
    """Somebody on the page where the class is chosen."""
    person = sign_in(app, f"{name}@contoh.go.id")
    person.open(f"/kebutuhan/{requirement_of(app)}/klasifikasi")
    return person


def test_a_reviewer_raises_the_class_and_the_lead_lowers_it(office: Flask) -> None:
    hendra = opened(office, "hendra")
    assert 'value="biasa"' in hendra.text  # what was shown goes along
    hendra.send("/klasifikasi", {"classification": "terbatas", "reason": REASON})
    assert "Klasifikasi diubah" in hendra.text
    assert "Hanya area ini, pemeriksa, dan auditor yang diberi izin" in hendra.text
    hendra.open(hendra.link("/riwayat/"))
    assert "Klasifikasi diubah" in hendra.text
    assert REASON in hendra.text
    dewi = opened(office, "dewi")
    dewi.send("/klasifikasi", {"classification": "biasa", "reason": "Nama pelapor sudah dihitamkan."})
    assert "Hanya area ini" not in dewi.text


def test_what_is_missing_is_said_and_what_was_typed_stays(office: Flask) -> None:
    hendra = opened(office, "hendra")
    hendra.send("/klasifikasi", {"reason": REASON}, expect=422)
    assert "Pilih satu kelas." in hendra.text
    assert REASON in hendra.text
    hendra.send("/klasifikasi", {"classification": "rahasia"}, expect=422)
    assert "Tuliskan alasannya dalam satu kalimat." in hendra.text
    assert "checked" in hendra.text


def test_who_saw_another_class_is_told_so(office: Flask) -> None:
    hendra, dewi = opened(office, "hendra"), opened(office, "dewi")
    hendra.send("/klasifikasi", {"classification": "rahasia", "reason": REASON})
    dewi.send("/klasifikasi", {"classification": "terbatas", "reason": REASON}, expect=409)


def test_at_the_highest_class_only_the_lead_has_a_choice(office: Flask) -> None:
    hendra = opened(office, "hendra")
    hendra.send("/klasifikasi", {"classification": "rahasia", "reason": REASON})
    assert "Hanya Ketua TPI yang dapat menurunkannya." in opened(office, "hendra").text
    assert "<form" in opened(office, "dewi").text.split("<main")[1]


def test_others_find_neither_link_nor_page(office: Flask) -> None:
    add_account(office, "agus@contoh.go.id", Role.AUDITOR)
    for name in ("siti", "agus"):
        person = opened(office, name)
        assert person.page.status_code == 403
        person.open("/indikator")
        person.open(person.link("/indikator/"))
        assert "Ubah klasifikasi" not in person.text


def test_every_class_is_explained() -> None:
    assert set(READERS) == set(Classification)
