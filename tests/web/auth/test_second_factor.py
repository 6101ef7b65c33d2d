"""The second step of signing in, and setting up a phone, over HTTP: where each step leads and what it reveals."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from pyotp import TOTP
from sqlalchemy import update

from portal import create_app
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.models import LoginSession
from portal.services.fresh_password import FRESH
from portal.services.unit_of_work import transaction
from portal.services.units import add_unit
from portal.web.auth.second_factor import OFFERED
from portal.web.auth.views import PENDING
from portal.web.guards import find_access
from tests.fixtures.databases import settings_for
from tests.web.stories.people import PASSWORD, Person, add_account, sign_in

SITI, RINA = "siti@contoh.go.id", "rina@contoh.go.id"
SYSTEM = Actor.system("test")


def open_unit(app: Flask) -> Flask:
    with app.app_context():
        add_unit(actor=SYSTEM, code="KPU-1502", name="KPU Merangin", under=None, now=datetime.now(UTC))
    add_account(app, SITI, Role.UPLOADER)
    add_account(app, RINA, Role.ADMIN)
    return app


@pytest.fixture
def office(app: Flask) -> Flask:
    """Where a second factor is optional."""
    return open_unit(app)


@pytest.fixture
def strict_office(sqlite_database_url: str, tmp_path: Path) -> Flask:
    """The same as an installation is by default."""
    app = create_app(replace(settings_for(sqlite_database_url, tmp_path), second_factor="required"))
    app.testing = True
    return open_unit(app)


def secret_on(page: str) -> str:
    """The secret as somebody would type it from the page."""
    (groups,) = re.findall(r'<code class="grouped-hash">(.*?)</code>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s", "", groups)


def enrol(person: Person) -> tuple[TOTP, list[str]]:
    """Set a phone up on the page; the phone and the recovery codes."""
    phone = TOTP(secret_on(person.open("/akun/dua-langkah/pasang")))
    page = person.send("/pasang", {"code": phone.now()})
    codes = re.findall(r"<li><code>([a-z2-7-]{19})</code>", page)
    assert len(codes) == 10, page
    return phone, codes


def give_password(app: Flask, email: str, wanted: str = "") -> Person:
    """The person on the page that asks for the code."""
    client = app.test_client()
    person = Person(client, client.get("/masuk", query_string={"lanjut": wanted} if wanted else {}))
    person.send("/masuk", {"email": email, "password": PASSWORD})
    assert person.page.request.path == "/masuk/kode", person.text
    return person


def next_code(phone: TOTP) -> str:
    """That of the step after the one of the enrolment; a phone may be one step ahead."""
    return phone.at(datetime.now(UTC) + timedelta(seconds=30))


def test_req_52_from_setting_up_to_signing_in_with_the_phone(office: Flask) -> None:
    siti = sign_in(office, SITI)
    before = siti.client.get_cookie("portal")
    phone, codes = enrol(siti)
    assert siti.client.get_cookie("portal") != before
    assert all(code not in siti.open("/akun/dua-langkah") for code in codes)
    assert "Tersisa 10 kode" in siti.text
    siti = give_password(office, SITI, "/indikator?area=II")
    with siti.client.session_transaction() as cookie:
        assert "_user_id" not in cookie
        assert set(cookie) <= {PENDING, "csrf_token"}
    for path in ("/tugas", "/akun/dua-langkah", "/indikator"):
        assert siti.client.get(path).status_code == 303, f"{path} without the code"
    siti.send("/masuk/kode", {"code": "000000"}, expect=422)
    assert "tidak cocok" in siti.text
    assert "Sisa percobaan: 4" in siti.text
    siti.send("/masuk/kode", {"code": next_code(phone)})
    assert siti.page.request.full_path == "/indikator?area=II"
    with siti.client.session_transaction() as cookie:
        assert PENDING not in cookie


def test_the_picture_and_the_typed_secret_are_the_same_and_stay_until_they_are_confirmed(office: Flask) -> None:
    siti = sign_in(office, SITI)
    secret = secret_on(siti.open("/akun/dua-langkah/pasang"))
    (picture,) = re.findall(r'<img class="qr-code" src="(data:image/svg[^"]+)"', siti.text)
    assert "<svg" in unquote(picture)
    siti.send("/pasang", {"code": "000000"}, expect=422)
    assert secret_on(siti.text) == secret == secret_on(siti.open("/akun/dua-langkah/pasang"))
    enrol(siti)
    with siti.client.session_transaction() as cookie:
        assert OFFERED not in cookie
    assert secret_on(siti.open("/akun/dua-langkah/pasang")) != secret


def test_a_recovery_code_lets_in_and_the_page_counts_what_is_left(office: Flask) -> None:
    _, codes = enrol(sign_in(office, SITI))
    siti = give_password(office, SITI)
    siti.send("/masuk/kode", {"code": codes[0]})
    assert "Tersisa 9 kode" in siti.open("/akun/dua-langkah")
    page = siti.send("/kode-pemulihan")
    assert "yang lama tidak berlaku lagi" in page
    assert codes[1] not in page
    siti = give_password(office, SITI)
    siti.send("/masuk/kode", {"code": codes[1]}, expect=422)


def test_without_a_right_password_there_is_no_page_for_the_code(office: Flask) -> None:
    stranger = Person(office.test_client(), office.test_client().get("/masuk"))
    assert "Masuk lagi dengan kata sandi" in stranger.open("/masuk/kode?lanjut=/indikator")
    assert stranger.page.request.full_path == "/masuk?lanjut=/indikator"


def test_codes_that_are_wrong_too_often_lead_back_to_the_password(office: Flask) -> None:
    enrol(sign_in(office, SITI))
    siti = give_password(office, SITI)
    for _ in range(5):
        siti.send("/masuk/kode", {"code": "000000"}, expect=422)
    assert "Sisa percobaan: 0" in siti.text
    siti.send("/masuk/kode", {"code": "000000"})
    assert siti.page.request.path == "/masuk"


def test_who_is_not_obliged_turns_it_off_and_on(office: Flask) -> None:
    siti = sign_in(office, SITI)
    assert "Belum dipasang" in siti.open("/akun/dua-langkah")
    enrol(siti)
    siti.open("/akun/dua-langkah")
    siti.send("/matikan")
    assert "Verifikasi dua langkah dimatikan" in siti.text
    sign_in(office, SITI)


def test_an_admin_takes_a_lost_phone_away(office: Flask) -> None:
    enrol(sign_in(office, SITI))
    rina = sign_in(office, RINA)
    rina.open("/pengguna")
    page = rina.open(next(link for link in re.findall(r'href="(/pengguna/[^"]+)"', rina.text) if is_of(rina, link)))
    assert "Verifikasi dua langkah terpasang" in page
    rina.send("/cabut-dua-langkah")
    assert "semua sesi orang ini berakhir" in rina.text
    assert "Cabut verifikasi dua langkah" not in rina.text
    sign_in(office, SITI)


def is_of(admin: Person, link: str) -> bool:
    return bool(re.fullmatch(r"/pengguna/[0-9a-f-]{36}", link)) and SITI in admin.open(link)


def test_req_52_who_must_set_up_is_led_there_and_can_do_nothing_else(strict_office: Flask) -> None:
    rina = Person(strict_office.test_client(), strict_office.test_client().get("/masuk"))
    rina.open("/masuk")
    rina.send("/masuk", {"email": RINA, "password": PASSWORD})
    assert rina.page.request.path == "/akun/dua-langkah/pasang"
    assert "Peran Anda memerlukan verifikasi dua langkah" in rina.text
    adapter = strict_office.url_map.bind("localhost")
    led_elsewhere = []
    for rule in strict_office.url_map.iter_rules():
        path = rule.rule if not rule.arguments else None
        access = find_access(strict_office, rule.endpoint)
        if path is None or access is None or access.public or access.before_enrolment:
            continue
        for method in rule.methods & {"GET", "POST"} if rule.methods else ():
            token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', rina.text)
            assert token is not None
            answer = rina.client.open(path, method=method, data={"csrf_token": token[1]} if method == "POST" else None)
            if answer.headers.get("Location") != adapter.build("auth.enrol_phone"):
                led_elsewhere.append(f"{method} {path}: {answer.status}")
    assert not led_elsewhere, "\n".join(led_elsewhere)
    assert "Tugas</a>" not in rina.text
    phone, _ = enrol(rina)
    assert "Tambah pengguna" in rina.open("/pengguna")
    assert "Matikan" not in rina.open("/akun/dua-langkah")
    rina = give_password(strict_office, RINA)
    rina.send("/masuk/kode", {"code": next_code(phone)})
    assert "Tambah pengguna" in rina.open("/pengguna")
    with strict_office.app_context():
        db.engine.dispose()


def test_who_need_not_set_up_goes_straight_to_work(strict_office: Flask) -> None:
    assert "Tugas saya" in sign_in(strict_office, SITI).text
    with strict_office.app_context():
        db.engine.dispose()


def test_a_password_of_before_is_asked_for_and_what_was_to_be_done_follows(office: Flask) -> None:
    siti = sign_in(office, SITI)
    enrol(siti)
    siti.open("/akun/dua-langkah")
    with office.app_context(), transaction() as session:
        stale = update(LoginSession).where(LoginSession.ended_at.is_(None))
        session.execute(stale.values(confirmed_at=datetime.now(UTC) - FRESH))
    siti.send("/matikan", expect=403)
    assert "Mematikan verifikasi dua langkah perlu kata sandi" in siti.text
    siti.send("/matikan", {"confirm_password": PASSWORD})
    assert "Verifikasi dua langkah dimatikan" in siti.text
