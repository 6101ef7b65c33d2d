"""Masuk by the office's identity provider: a real one lets people in; whatever an attacker changes lets nobody in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal import create_app
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.models import LinkedIdentity, LoginSession, LogLeaf
from portal.services.log_reader import read_entry
from portal.services.unit_of_work import transaction
from portal.services.units import add_unit
from portal.services.users import deactivate_user
from portal.web.auth.provider import NOT_OURS, TURNED_AWAY
from tests.fixtures.databases import settings_for
from tests.servers.oidc import CLIENT_ID, CLIENT_SECRET, LyingProvider, RealProvider, lying_provider, real_provider
from tests.servers.process import free_port
from tests.web.stories.people import Person, add_account, set_up_phone

EMAIL = "siti@contoh.go.id"
BACK = "http://localhost/masuk/penyedia/kembali"


@pytest.fixture(scope="module")
def provider() -> Iterator[RealProvider]:
    with real_provider() as running:
        yield running


@pytest.fixture
def liar() -> Iterator[LyingProvider]:
    with lying_provider() as running:
        yield running


def open_office(database_url: str, folder: Path, issuer: str) -> Flask:
    """A unit with one uploader, and a portal that knows the provider."""
    settings = replace(
        settings_for(database_url, folder),
        oidc_issuer=issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_label="akun KPU",
    )
    app = create_app(settings)
    app.testing = True
    with app.app_context():
        now = datetime.now(UTC)
        add_unit(actor=Actor.system("test"), code="KPU-1502", name="KPU Merangin", under=None, now=now)
    add_account(app, EMAIL, Role.UPLOADER)
    return app


@pytest.fixture
def office(database_url: str, tmp_path: Path, provider: RealProvider) -> Iterator[Flask]:
    app = open_office(database_url, tmp_path, provider.issuer)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def deceived(sqlite_database_url: str, tmp_path: Path, liar: LyingProvider) -> Iterator[Flask]:
    """The same before the provider that lies."""
    app = open_office(sqlite_database_url, tmp_path, liar.issuer)
    yield app
    with app.app_context():
        db.engine.dispose()


def stranger(app: Flask) -> Person:
    client = app.test_client()
    return Person(client, client.get("/masuk"))


def sent_off(person: Person, wanted: str = "") -> str:
    """Where the button on Masuk sends the browser."""
    answer = person.client.get("/masuk/penyedia", query_string={"lanjut": wanted} if wanted else {})
    assert answer.status_code == 302
    return answer.headers["Location"]


def come_back(person: Person, address: str) -> str:
    """Follow the provider's answer; the whole text of the page that follows."""
    assert address.startswith(BACK)
    return person.open(address.removeprefix("http://localhost"))


def by_provider(app: Flask, provider: RealProvider, subject: str, wanted: str = "") -> Person:
    person = stranger(app)
    come_back(person, provider.sign_in(sent_off(person, wanted), subject))
    return person


def told(app: Flask) -> list[EventName]:
    with app.app_context(), transaction(write=False) as session:
        return [read_entry(leaf).name for leaf in session.execute(select(LogLeaf).order_by(LogLeaf.seq)).scalars()]


def sessions_of(app: Flask) -> int:
    with app.app_context(), transaction(write=False) as session:
        return len(session.execute(select(LoginSession.id)).all())


def test_who_has_an_account_is_let_in_and_known_by_the_subject_from_then_on(
    office: Flask, provider: RealProvider
) -> None:
    assert "Masuk dengan akun KPU" in stranger(office).text
    provider.know("pegawai-7", email="SITI@contoh.go.id", email_verified=True, roles=["admin"])
    siti = by_provider(office, provider, "pegawai-7", "/indikator?area=II")
    assert siti.page.request.full_path == "/indikator?area=II"
    assert "Pengguna</a>" not in siti.text, "no role comes from the provider"
    assert told(office)[-3:] == [EventName.IDENTITY_LINKED, EventName.PROVIDER_ACCEPTED, EventName.LOGIN_SUCCEEDED]
    provider.know("pegawai-7", email="nama.lain@contoh.go.id", email_verified=False)
    assert "Tugas saya" in by_provider(office, provider, "pegawai-7").text
    assert told(office).count(EventName.IDENTITY_LINKED) == 1


def test_the_second_factor_is_asked_for_as_after_a_password(office: Flask, provider: RealProvider) -> None:
    set_up_phone(office, EMAIL)
    provider.know("pegawai-7", email=EMAIL, email_verified=True, amr=["mfa"], acr="high")
    siti = by_provider(office, provider, "pegawai-7")
    assert siti.page.request.path == "/masuk/kode"
    assert siti.client.get("/tugas").status_code == 303
    siti.send("/masuk/kode", {"code": office.extensions[f"recovery codes of {EMAIL}"].pop()})
    assert "Tugas saya" in siti.text


@pytest.mark.parametrize(
    "claims",
    [
        {"email": EMAIL, "email_verified": False},
        {"email": EMAIL},
        {"email": EMAIL, "email_verified": "true"},
        {"email": "tidak-ada@contoh.go.id", "email_verified": True},
        {"email_verified": True},
        {"email": ["siti@contoh.go.id"], "email_verified": True},
    ],
    ids=str,
)
def test_nobody_is_linked_by_an_address_that_is_not_proved_and_nobody_is_made(
    office: Flask, provider: RealProvider, claims: dict[str, object]
) -> None:
    provider.know("orang-lain", **claims)
    before = told(office)
    person = by_provider(office, provider, "orang-lain")
    assert (person.page.status_code, "tidak ada akun portal yang aktif" in person.text) == (403, True)
    assert (told(office), sessions_of(office)) == (before, 0)


def test_another_person_of_the_provider_does_not_get_an_account_that_is_linked(
    office: Flask, provider: RealProvider
) -> None:
    for subject in ("pegawai-7", "pegawai-8"):
        provider.know(subject, email=EMAIL, email_verified=True)
    by_provider(office, provider, "pegawai-7")
    assert by_provider(office, provider, "pegawai-8").page.status_code == 403
    with office.app_context(), transaction(write=False) as session:
        assert session.execute(select(LinkedIdentity.subject)).scalars().all() == ["pegawai-7"]


@pytest.mark.parametrize("is_linked", [True, False])
def test_who_was_deactivated_stays_out(office: Flask, provider: RealProvider, is_linked: bool) -> None:  # a case
    gone = add_account(office, "pensiun@contoh.go.id", Role.UPLOADER)
    provider.know("pensiunan", email="pensiun@contoh.go.id", email_verified=True)
    if is_linked:
        by_provider(office, provider, "pensiunan")
    with office.app_context():
        deactivate_user(actor=Actor.system("test"), user_id=gone, now=datetime.now(UTC))
    person = by_provider(office, provider, "pensiunan")
    assert (person.page.status_code, "tidak ada akun portal yang aktif" in person.text) == (403, True)


def test_an_answer_is_taken_once_and_only_by_the_browser_that_asked(office: Flask, provider: RealProvider) -> None:
    provider.know("pegawai-7", email=EMAIL, email_verified=True)
    siti, thief = stranger(office), stranger(office)
    address = provider.sign_in(sent_off(siti), "pegawai-7")
    assert NOT_OURS in come_back(thief, address), "another browser"
    sent_off(thief)
    assert NOT_OURS in come_back(thief, address), "another browser in the middle of its own login"
    waiting = siti.client.get_cookie("portal")
    assert waiting is not None
    assert "Tugas saya" in come_back(siti, address)
    siti.send("/keluar")
    assert NOT_OURS in come_back(siti, address), "the same answer again"
    thief.client.set_cookie("portal", waiting.value)
    assert "tidak dapat dipercaya" in come_back(thief, address), "the code again, with the cookie of before"
    assert sessions_of(office) == 1


@pytest.mark.parametrize("query", ["", "state=&code=x", "state=lain&code=x", "state=%00&code=x", "code=x"])
def test_an_answer_without_the_state_of_the_browser_is_refused(office: Flask, query: str) -> None:
    person = stranger(office)
    sent_off(person)
    assert NOT_OURS in come_back(person, f"{BACK}?{query}")
    assert NOT_OURS in come_back(stranger(office), f"{BACK}?{query}")


def test_who_breaks_off_at_the_provider_or_comes_from_another_one_is_told(office: Flask) -> None:
    for rest, sentence in (("error=access_denied", TURNED_AWAY), ("code=x&iss=https://lain.example", NOT_OURS)):
        person = stranger(office)
        state = parse_qs(urlsplit(sent_off(person)).query)["state"][0]
        assert sentence in come_back(person, f"{BACK}?state={state}&{rest}")


def answer_of(app: Flask, liar: LyingProvider, **claims: object) -> Person:
    """Somebody who comes back from the liar, whose token says so and else the truth."""
    person = stranger(app)
    asked = parse_qs(urlsplit(sent_off(person)).query)
    liar.claims = {"nonce": asked["nonce"][0], "email": EMAIL, "email_verified": True, **claims}
    come_back(person, f"{BACK}?state={asked['state'][0]}&code=c")
    return person


def test_the_request_has_pkce_and_the_configured_address_to_come_back_to(deceived: Flask, liar: LyingProvider) -> None:
    person = stranger(deceived)
    answer = person.client.get("/masuk/penyedia", headers={"X-Forwarded-Host": "evil.example"})
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (asked["redirect_uri"], asked["client_id"], asked["response_type"]) == ([BACK], [CLIENT_ID], ["code"])
    liar.claims = {"nonce": asked["nonce"][0], "email": EMAIL, "email_verified": True}
    come_back(person, f"{BACK}?state={asked['state'][0]}&code=c")
    assert "Tugas saya" in person.text
    (form,) = liar.asked
    assert (form["redirect_uri"], form["code"]) == ([BACK], ["c"])
    assert create_s256_code_challenge(form["code_verifier"][0]) == asked["code_challenge"][0]
    assert asked["code_challenge_method"] == ["S256"]


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "lain"},
        {"nonce": None},
        {"iss": "https://lain.example"},
        {"iss": None},
        {"aud": "portal-lain"},
        {"aud": ["portal", "lain"]},
        {"aud": None},
        {"azp": "lain"},
        {"exp": 1},
        {"exp": None},
        {"exp": "besok"},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "é"},
        {"sub": 7},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_login_lets_nobody_in(
    deceived: Flask, liar: LyingProvider, lie: dict[str, object]
) -> None:
    person = answer_of(deceived, liar, **lie)
    assert (person.page.status_code, "tidak dapat dipercaya" in person.text) == (403, True), person.text[-900:]
    assert sessions_of(deceived) == 0


def test_an_honest_token_of_the_same_provider_lets_in(deceived: Flask, liar: LyingProvider) -> None:
    """A provider that refused everything would pass the other tests."""
    assert "Tugas saya" in answer_of(deceived, liar).text


def test_a_token_by_another_key_or_without_one_lets_nobody_in(deceived: Flask, liar: LyingProvider) -> None:
    liar.published_key = RSAKey.generate_key(2048, {"kid": "one"})
    assert answer_of(deceived, liar).page.status_code == 403
    liar.published_key = None
    head, body, signature = liar.signed().split(".")
    for token in (
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body[:-2]}AA.{signature}",
        f"eyJhbGciOiJub25lIn0.{body}.",
        "x",
        "a.b.c",
    ):
        liar.token = token
        person = answer_of(deceived, liar)
        assert (person.page.status_code, "tidak dapat dipercaya" in person.text) == (403, True), token
    assert sessions_of(deceived) == 0


DOCUMENT = "/.well-known/openid-configuration"
BROKEN = {
    "failing": Response("", 500),
    "leading elsewhere": Response("", 302, {"Location": "https://lain.example/"}),
    "too deep": Response("[" * 100_000),
    "too long": Response(f'"{"x" * 300_000}"'),
    "no object": Response("[]"),
    "of another issuer": Response('{"issuer": "https://lain.example"}'),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_provider_that_does_not_answer_as_one_is_told_as_unavailable(
    deceived: Flask, liar: LyingProvider, kind: str
) -> None:
    liar.documents[DOCUMENT] = BROKEN[kind]
    person = stranger(deceived)
    page = person.open("/masuk/penyedia")
    assert (person.page.status_code, "Penyedia identitas tidak menjawab" in page) == (503, True)
    assert "kata sandi" in page


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", ["file:///etc/passwd", "", None, 7])
def test_no_address_is_opened_that_is_none_of_the_web(
    deceived: Flask, liar: LyingProvider, name: str, address: object
) -> None:
    person = stranger(deceived)
    asked = parse_qs(urlsplit(sent_off(person)).query)
    document = dict.fromkeys(("authorization_endpoint", "token_endpoint"), f"{liar.issuer}/x")
    document |= {"issuer": liar.issuer, "jwks_uri": f"{liar.issuer}/jwks"}
    liar.documents[DOCUMENT] = Response(json.dumps({**document, name: address}))
    liar.documents["/x"] = Response(json.dumps({"id_token": liar.signed()}))
    if name == "authorization_endpoint":
        person.open("/masuk/penyedia")
    else:
        come_back(person, f"{BACK}?state={asked['state'][0]}&code=c")
    assert person.page.status_code == 503


def test_a_provider_that_is_down_is_told_and_the_password_still_works(sqlite_database_url: str, tmp_path: Path) -> None:
    app = open_office(sqlite_database_url, tmp_path, f"http://127.0.0.1:{free_port()}")
    person = stranger(app)
    assert "Penyedia identitas tidak menjawab" in person.open("/masuk/penyedia")
    assert person.page.status_code == 503
    person.open("/masuk")
    person.send("/masuk", {"email": EMAIL, "password": "kuda hijau terbang pelan"})
    assert "Tugas saya" in person.text
    with app.app_context():
        db.engine.dispose()


def test_without_settings_nothing_of_it_is_shown(client: FlaskClient) -> None:
    assert "penyedia" not in client.get("/masuk").text
    for path in ("/masuk/penyedia", "/masuk/penyedia/kembali?code=x&state=y"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/masuk")
