"""What every answer of every address carries, whoever asks and however: the walk finds the addresses by itself."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal import create_app
from portal.adapters.content import ACCEPTED
from portal.config import Settings
from portal.db import db
from portal.domain.file_name import clean_file_name
from portal.web.assets import ENDPOINT as ASSETS
from portal.web.evidence.downloading import attachment
from tests.fixtures.databases import settings_for, sqlite_url
from tests.web.stories.people import Person, sign_in, stranger_at
from tests.web.walk.addresses import by_rule, reached
from tests.web.walk.office import PEOPLE, email_of, invitation_of, open_busy_office
from tests.web.walk.pages import BYTES, pages_of

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FILE_POLICY = "sandbox; default-src 'none'"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TELLING = {"Server", "X-Powered-By", "Access-Control-Allow-Origin"}
OTHERS_CALL = {
    "auth.code": "after the password of whoever has a second factor",
    "auth.forgotten_password": "by strangers",
    "auth.from_provider": "by the identity provider, where the installation names one",
    "auth.invitation": "by whoever has the link",
    "auth.to_provider": "where the installation names an identity provider",
    "contact.security_txt": "by programs, where the installation names a contact",
    "evidence.back_to_draft": "leads on at once",
    "evidence.copies": "by whom the originals are closed to, and here nobody is of another area",
    "evidence.start": "leads on at once",
    "home.index": "leads on at once",
    "review.next_review": "leads on at once",
    ASSETS: "by the pages themselves",
}
"""Endpoints that no link of a page opens, with who does."""


CACHES = {"Cache-Control", "Vary"}


def faults(answer: TestResponse, *, is_asset: bool) -> Iterator[tuple[str, object]]:
    """The headers that an answer lacks, or has otherwise."""
    expected = ALWAYS | ({} if is_asset else {"Cache-Control": "no-store"})
    for name, value in expected.items():
        if answer.headers.get_all(name) != [value]:
            yield name, answer.headers.get_all(name)
    if answer.headers.get_all("Content-Security-Policy") not in ([PAGE_POLICY], [FILE_POLICY]):
        yield "Content-Security-Policy", answer.headers.get_all("Content-Security-Policy")
    if not is_asset and "Cookie" not in answer.headers.get("Vary", ""):
        yield "Vary", answer.headers.get("Vary")
    for name in TELLING & {name for name, _ in answer.headers}:
        yield name, answer.headers[name]


def file_faults(answer: TestResponse) -> Iterator[str]:
    """What keeps a file of somebody from acting in the reader's browser (an error page instead of it is a page)."""
    if answer.status_code not in {200, 206, 304}:
        return
    if answer.headers["Content-Security-Policy"] != FILE_POLICY:
        yield "its policy"
    if answer.status_code == 304:
        return
    if not answer.headers.get("Content-Disposition", "").startswith("attachment;"):
        yield "Content-Disposition"
    own = {*(media_type for media_type, _ in ACCEPTED.values()), "application/zip", "application/octet-stream"}
    if answer.mimetype not in own:
        yield f"its type {answer.mimetype}"


class Inspection:
    """An office, its people, and what their answers lacked."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.further = open_busy_office(app)
        self.people: dict[str, Person] = {name: sign_in(app, email_of(name)) for name in PEOPLE}
        self.people["a stranger"] = stranger_at(app)
        self.known = [
            each
            for name, person in self.people.items()
            for each in reached(app, name, pages_of(app, person, self.further))
        ]
        self.complaints: list[tuple[str, str]] = []
        self.statuses: set[int] = set()

    def ask(self, client: FlaskClient, address: str, method: str = "GET", **headers: str) -> None:
        """One request, whose answer is looked at."""
        answer = client.open(address, method=method, headers=headers)
        self.statuses.add(answer.status_code)
        is_asset = address.startswith("/static/") and answer.status_code == 200
        place = f"{method} {address} {headers} ({answer.status})"
        self.complaints += [(name, f"{place}: {name}: {value}") for name, value in faults(answer, is_asset=is_asset)]
        answer.close()

    def ask_all(self) -> None:
        """Each address that a page leads to, each that a rule makes, and some that are none."""
        stranger = self.app.test_client()
        for each in self.known:
            client = self.people[each.who].client
            for method in ("GET", "HEAD", "OPTIONS"):
                self.ask(client, each.address, method)
            self.ask(client, each.address, Range="bytes=1-5")
            self.ask(client, each.address, Range="bytes=999999999-")
            self.ask(stranger, each.address)
        for _, method, address in by_rule(self.app):
            for client in (stranger, self.people["rina"].client):
                self.ask(client, address, method)
        for address in ("/masuk", "/tidak-ada", invitation_of(self.app), "//", "/%00"):
            self.ask(stranger, address)
            self.ask(stranger, address, Host="jahat.invalid")
            self.ask(stranger, address, "PROPFIND")


@pytest.fixture(scope="module")
def settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """HTTP is the same on every database."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    return settings_for(sqlite_url(folder / "portal.sqlite3"), folder)


@pytest.fixture(scope="module")
def inspection(settings: Settings) -> Iterator[Inspection]:
    app = create_app(settings)
    yield Inspection(app)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def asked(inspection: Inspection) -> Inspection:
    inspection.ask_all()
    return inspection


def test_every_address_is_asked_and_answers_of_every_kind_are_seen(asked: Inspection) -> None:
    assert {200, 206, 302, 303, 400, 403, 404, 405, 416} <= asked.statuses, asked.statuses
    opened = {each.endpoint for each in asked.known} | OTHERS_CALL.keys()
    readable = {rule.endpoint for rule in asked.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert not readable - opened, f"no page leads to {readable - opened}, so their answers were not looked at"


def test_req_56_every_answer_has_its_headers(asked: Inspection) -> None:
    found = [told for name, told in asked.complaints if name not in CACHES]
    assert not found, "\n".join(found[:20])


def test_req_36_no_answer_but_an_asset_is_kept_by_a_cache(asked: Inspection) -> None:
    found = [told for name, told in asked.complaints if name in CACHES]
    assert not found, "\n".join(found[:20])


def test_req_34_files_leave_as_attachments_of_our_own_type(inspection: Inspection) -> None:
    files = [each for each in inspection.known if each.endpoint in BYTES - {ASSETS}]
    assert {each.endpoint for each in files} >= {"evidence.download", "bundles.download"}
    for each in files:
        client = inspection.people[each.who].client
        whole = client.get(each.address)
        tag = whole.headers.get("ETag", "")
        for headers in ({}, {"Range": "bytes=0-3"}, {"If-None-Match": tag}, {"Accept": "text/html"}):
            answer = client.get(each.address, headers=headers)
            assert not [*file_faults(answer)], f"{each.endpoint} {headers}: {answer.status} {[*file_faults(answer)]}"
            answer.close()
        whole.close()


def test_req_36_a_cookie_is_set_only_where_one_is_needed(inspection: Inspection) -> None:
    stranger = inspection.app.test_client()
    for address in ("/tidak-ada", "/tugas", "/verifikasi", "/.well-known/security.txt", "/static/tidak-ada.css"):
        assert "Set-Cookie" not in stranger.get(address).headers, address
    for each in inspection.known:
        client = inspection.people[each.who].client
        client.get(each.address).close()
        again = client.get(each.address)  # the first may have shown a message that was waiting in the cookie
        assert "Set-Cookie" not in again.headers, f"{each.who}: {each.address}"
        again.close()


def test_req_56_https_is_demanded_for_a_year_wherever_the_portal_is_behind_tls(settings: Settings) -> None:
    app = create_app(replace(settings, public_url="https://localhost"))
    client = app.test_client()
    for address in ("/masuk", "/tidak-ada", "/tugas"):
        answer = client.get(address)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", address
    with app.app_context():
        db.engine.dispose()


FORM = re.compile(
    r'attachment; filename=("?)(?P<plain>[\w .()-]+)\1; filename\*=UTF-8\'\'(?P<encoded>[\w.~%-]+)', re.ASCII
)


@given(st.text(max_size=300))
def test_req_35_any_name_leaves_in_a_header_that_nothing_breaks(raw: str) -> None:
    name = clean_file_name(raw)
    header = attachment(name)
    assert re.fullmatch(r"[\x20-\x7e]+", header), header
    found = FORM.fullmatch(header)
    assert found, header
    assert len(found["plain"]) == len(name)
    assert unquote(found["encoded"]) == name
