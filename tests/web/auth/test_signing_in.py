"""Masuk, Keluar and the one-time link over HTTP: what the cookie holds, what strangers learn, what ends a session."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal import create_app
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.models import LoginSession
from portal.services.memberships import NewMembership
from portal.services.unit_of_work import transaction
from portal.services.units import add_unit
from portal.services.users import Invited, deactivate_user, invite_user
from tests.fixtures.databases import settings_for
from tests.web.stories.people import PASSWORD, Person, add_account, sign_in

SYSTEM = Actor.system("test")
EMAIL = "siti@contoh.go.id"


@pytest.fixture
def office(app: Flask) -> Flask:
    """A unit with one uploader."""
    with app.app_context():
        add_unit(actor=SYSTEM, code="KPU-1502", name="KPU Merangin", under=None, now=datetime.now(UTC))
    add_account(app, EMAIL, Role.UPLOADER)
    return app


def invited(app: Flask, email: str) -> Invited:
    with app.app_context():
        wanted = NewMembership(role=Role.UPLOADER, unit_code="KPU-1502")
        return invite_user(actor=SYSTEM, email=email, name="Budi", membership=wanted, now=datetime.now(UTC))


def send_login(client: FlaskClient, email: str, password: str, wanted: str | None = None) -> TestResponse:
    """The answer to the login form, redirects not followed."""
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/masuk").get_data(as_text=True))
    assert token is not None
    data = {"csrf_token": token.group(1), "email": email, "password": password}
    return client.post("/masuk", query_string={"lanjut": wanted} if wanted else {}, data=data)


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("portal")
    assert cookie is not None
    return cookie.value


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/tugas").status_code == 200


def test_a_link_leads_to_a_password_and_a_session_and_stays_out_of_the_log(
    office: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = invited(office, "budi@contoh.go.id").invitation.token
    budi = Person(office.test_client(), office.test_client().get("/masuk"))
    budi.open(f"/undangan/{token}")
    budi.send(f"/undangan/{token}", {"password": PASSWORD, "again": PASSWORD + "x"}, expect=422)
    assert "Kedua kata sandi tidak sama." in budi.text
    budi.send(f"/undangan/{token}", {"password": "123456789012", "again": "123456789012"}, expect=422)
    assert "mudah ditebak" in budi.text
    budi.send(f"/undangan/{token}", {"password": PASSWORD, "again": PASSWORD})
    assert "Kata sandi disimpan" in budi.text
    assert PASSWORD not in budi.text
    assert budi.client.get(f"/undangan/{token}").status_code == 404
    sign_in(office, "budi@contoh.go.id")
    assert token not in caplog.text
    assert PASSWORD not in caplog.text


def test_a_dead_link_looks_like_one_that_never_was(office: Flask) -> None:
    client = office.test_client()
    used = invited(office, "budi@contoh.go.id").invitation.token
    with office.app_context():
        deactivate_user(actor=SYSTEM, user_id=invited(office, "ani@contoh.go.id").user_id, now=datetime.now(UTC))
    budi = Person(client, client.get("/masuk"))
    budi.open(f"/undangan/{used}")
    budi.send(f"/undangan/{used}", {"password": PASSWORD, "again": PASSWORD})
    answers = [client.get(f"/undangan/{token}") for token in (used, "tidak-pernah-ada-tautan-seperti-ini-di-sini-x")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data


def test_the_cookie_holds_a_random_token_and_nothing_about_the_person(office: Flask) -> None:
    client = sign_in(office, EMAIL).client
    with client.session_transaction() as session:
        assert set(session) <= {"_user_id", "_id", "_fresh", "csrf_token", "_flashes"}
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", session["_user_id"])
        assert EMAIL not in str(dict(session))


def test_every_login_has_a_token_of_its_own_and_drops_what_was_there_before(office: Flask) -> None:
    planted = office.test_client()
    with planted.session_transaction() as session:
        session["_user_id"] = session["csrf_token"] = "dipilih-orang-lain"
    siti = Person(planted, planted.get("/masuk"))
    siti.send("/masuk", {"email": EMAIL, "password": PASSWORD})
    tokens = set()
    for client in (planted, sign_in(office, EMAIL).client):
        with client.session_transaction() as session:
            tokens.add(session["_user_id"])
            assert session["csrf_token"] != "dipilih-orang-lain", "who planted it could forge forms"
    assert len(tokens) == 2
    assert "dipilih-orang-lain" not in tokens


def test_req_49_strangers_learn_nothing_from_the_answer(office: Flask) -> None:
    invited(office, "belum@contoh.go.id")
    pages = [
        re.sub(
            r'value="[^"]*"', "", send_login(office.test_client(), email, "salah salah salah").get_data(as_text=True)
        )
        for email in (EMAIL, "belum@contoh.go.id", "tidak-ada@contoh.go.id")
    ]
    assert "tidak cocok" in pages[0]
    assert pages[0] == pages[1] == pages[2]


def test_a_refused_login_keeps_the_address_and_never_the_password(office: Flask) -> None:
    answer = send_login(office.test_client(), "keliru@contoh.go.id", "rahasia sekali ini")
    assert answer.status_code == 422
    assert 'value="keliru@contoh.go.id"' in answer.get_data(as_text=True)
    assert "rahasia sekali ini" not in answer.get_data(as_text=True)


def test_guessing_is_answered_with_how_long_to_wait(office: Flask) -> None:
    client = office.test_client()
    statuses = [send_login(client, EMAIL, f"tebakan nomor {number}").status_code for number in range(9)]
    assert statuses == [422] * 8 + [429]
    answer = send_login(client, EMAIL, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60


def test_leaving_ends_the_session_even_for_a_copy_of_the_cookie(office: Flask) -> None:
    siti = sign_in(office, EMAIL)
    thief = office.test_client()
    thief.set_cookie("portal", cookie_of(siti.client))
    assert is_signed_in(thief)
    assert siti.client.get("/keluar").status_code == 405
    siti.send("/keluar")
    assert "Anda sudah keluar." in siti.text
    assert not is_signed_in(thief)


def test_a_deactivated_account_is_out_with_its_next_request(office: Flask) -> None:
    user_id = add_account(office, "budi@contoh.go.id", Role.UPLOADER)
    budi = sign_in(office, "budi@contoh.go.id").client
    with office.app_context():
        deactivate_user(actor=SYSTEM, user_id=user_id, now=datetime.now(UTC))
    answer = budi.get("/indikator?area=II")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/masuk?lanjut=/indikator?area%3DII")


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/indikator?area=II", "/indikator?area=II"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/%09/evil.example", "/%09/evil.example"),
    ],
)
def test_signing_in_leads_to_a_page_of_the_portal(office: Flask, wanted: str, location: str) -> None:
    client = office.test_client()
    assert send_login(client, EMAIL, PASSWORD, wanted).headers["Location"] == location
    signed_in_already = client.get("/masuk", query_string={"lanjut": wanted})
    assert signed_in_already.headers["Location"] == location


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [("https://portal.kpu.example", "__Host-portal", True), ("http://localhost", "portal", False)],
)
def test_req_45_the_cookie_is_kept_from_scripts_and_other_sites(
    sqlite_database_url: str, tmp_path: Path, public_url: str, name: str, secure: bool
) -> None:
    app = create_app(replace(settings_for(sqlite_database_url, tmp_path), public_url=public_url))
    answer = app.test_client().get("/masuk", base_url=public_url)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    flags = {part.strip() for part in cookie.split(";")[1:]}
    assert cookie.startswith(f"{name}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= flags
    assert ("Secure" in flags) is secure
    assert not any(flag.startswith(("Domain", "Expires", "Max-Age")) for flag in flags)


def test_req_45_a_cookie_of_this_name_from_a_neighbouring_site_is_none_of_ours(office: Flask) -> None:
    """Under TLS the prefix `__Host-` keeps other hosts from setting it (RFC 6265bis §4.1.3.2); a name without it, which
    they can set, opens nothing.
    """
    app = create_app(replace(office.extensions["portal.settings"], public_url="https://localhost"))
    client = app.test_client()
    client.set_cookie("portal", cookie_of(sign_in(office, EMAIL).client), domain="localhost")
    assert client.get("/tugas", base_url="https://localhost").status_code == 303
    with app.app_context():
        db.engine.dispose()


def test_req_47_nobody_is_remembered_beyond_the_session(office: Flask) -> None:
    client = office.test_client()
    answer = send_login(client, EMAIL, PASSWORD)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("portal=")
    assert not re.search(r"expires|max-age", cookie, re.IGNORECASE)
    with client.session_transaction() as session:
        token = session["_user_id"]
    stranger = office.test_client()
    for name in ("remember_token", "remember"):
        stranger.set_cookie(name, token)
    assert not is_signed_in(stranger)
    with office.app_context(), transaction() as db_session:
        db_session.execute(update(LoginSession).values(ended_at=datetime.now(UTC)))
    assert not is_signed_in(client)
