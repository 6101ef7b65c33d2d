"""Akun saya in a browser: who one is, where one is signed in, leaving everywhere, another password."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.services.units import add_unit
from portal.web.auth.devices import device_words
from tests.web.stories.people import PASSWORD, Person, add_account, sign_in

EMAIL = "siti@contoh.go.id"
NEW = "gajah duduk di pohon"


@pytest.fixture
def office(app: Flask) -> Flask:
    with app.app_context():
        add_unit(actor=Actor.system("test"), code="KPU-1502", name="KPU Merangin", under=None, now=datetime.now(UTC))
    add_account(app, EMAIL, Role.UPLOADER, area="II")
    add_account(app, "rina@contoh.go.id", Role.ADMIN)
    return app


@pytest.fixture
def siti(office: Flask) -> Person:
    """Siti on her account's page, signed in on a phone besides."""
    sign_in(office, EMAIL)
    siti = sign_in(office, EMAIL)
    siti.open(siti.link("/akun"))
    return siti


def is_in(person: Person) -> bool:
    return person.client.get("/tugas").status_code == 200


def test_the_page_tells_who_one_is_and_where_one_is_signed_in(siti: Person) -> None:
    assert "Akun saya" in siti.text
    assert EMAIL in siti.text
    assert re.search(r"Pengunggah · KPU Merangin\s*· area II", siti.text)
    assert siti.text.count("terakhir dipakai") == 2
    assert siti.text.count("perangkat ini") == 1


def test_one_device_is_ended_from_another(office: Flask, siti: Person) -> None:
    phone = sign_in(office, EMAIL)
    siti.open("/akun")
    for _ in range(2):
        siti.send("/akhiri")
        assert "Sesi di perangkat itu diakhiri." in siti.text
    assert not is_in(phone)
    assert is_in(siti)
    assert siti.text.count("terakhir dipakai") == 1


def test_req_44_leaving_all_devices_signs_out_everywhere(office: Flask, siti: Person) -> None:
    phone = sign_in(office, EMAIL)
    siti.send("/akun/keluar-semua")
    assert "keluar dari semua perangkat" in siti.text
    assert not is_in(phone)
    assert not is_in(siti)


def test_ones_own_password_is_changed_and_others_have_to_sign_in(office: Flask, siti: Person) -> None:
    phone = sign_in(office, EMAIL)
    siti.open("/akun/kata-sandi")
    fields: dict[str, object] = {"old_password": "salah salah", "password": NEW, "again": NEW}
    siti.send("/kata-sandi", fields, expect=422)
    assert "Kata sandi tidak cocok" in siti.text
    assert NEW not in siti.text
    siti.send("/kata-sandi", {**fields, "old_password": PASSWORD})
    assert "Kata sandi diganti." in siti.text
    assert is_in(siti)
    assert not is_in(phone)


def test_an_admin_signs_somebody_out_everywhere(office: Flask, siti: Person) -> None:
    rina = sign_in(office, "rina@contoh.go.id")
    rina.open("/pengguna")
    rina.open(re.findall(r'href="(/pengguna/[^"]+)"[^>]*>\s*Siti', rina.text)[0])
    rina.send("/akhiri-sesi")
    assert "Semua sesinya diakhiri" in rina.text
    assert not is_in(siti)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130 Safari/537.36",
            "Chrome di Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge di Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox di Linux"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome di Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari di iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/17.5 Safari/605.1.15", "Safari di Mac"),
        ("curl/8.9", "Peramban lain"),
        ("", "Peramban lain"),
    ],
)
def test_a_device_is_called_what_its_owner_calls_it(user_agent: str, words: str) -> None:
    assert device_words(user_agent) == words
