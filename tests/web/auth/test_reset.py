"""Lupa sandi over HTTP: the same answer for everybody, a link to the configured host, and a new password at its end."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.config import ConfigInvalid
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.services.units import add_unit
from portal.web import background
from tests.fixtures.databases import settings_for
from tests.servers import mail
from tests.servers.mail import MailServer
from tests.web.stories.people import PASSWORD, Person, add_account

EMAIL, NEW = "siti@contoh.go.id", "gajah duduk di pohon"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail.running() as server:
        yield server


@pytest.fixture
def office(database_url: str, tmp_path: Path, server: MailServer) -> Iterator[Flask]:
    """An office whose portal can send mail and is reached by two names."""
    settings = replace(settings_for(database_url, tmp_path), mail_url=server.url, mail_from="portal@contoh.go.id")
    app = create_app(replace(settings, trusted_hosts="localhost,lain.localhost"))
    app.testing = True
    with app.app_context():
        add_unit(actor=Actor.system("test"), code="KPU-1502", name="KPU Merangin", under=None, now=datetime.now(UTC))
    add_account(app, EMAIL, Role.UPLOADER)
    yield app
    wait(app)
    with app.app_context():
        db.engine.dispose()


def wait(app: Flask) -> None:
    """Until the work is done that requests have left behind."""
    done = app.extensions["portal.background"].run(lambda: None)
    assert done is not None
    done.result(timeout=30)


def ask(app: Flask, email: str, *, expect: int = 200, host: str = "localhost") -> Person:
    client = app.test_client()
    stranger = Person(client, client.get("/masuk", base_url=f"http://{host}"))
    stranger.page = client.get("/lupa-sandi", base_url=f"http://{host}")
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', stranger.text)
    assert token is not None
    data = {"csrf_token": token[1], "email": email}
    stranger.page = client.post("/lupa-sandi", data=data, base_url=f"http://{host}")
    assert stranger.page.status_code == expect
    return stranger


def links(app: Flask, server: MailServer) -> list[str]:
    wait(app)
    bodies = [str(message_from_bytes(raw, policy=policy.default).get_content()) for _, raw in server.received]
    return re.findall(r"https?://\S+", "\n".join(bodies))


def test_who_forgot_the_password_makes_a_new_one_by_mail(office: Flask, server: MailServer) -> None:
    client = office.test_client()
    siti = Person(client, client.get("/masuk"))
    siti.open(siti.link("/lupa-sandi"))
    siti.send("/lupa-sandi", {"email": EMAIL})
    assert "Periksa surel Anda" in siti.text
    (link,) = links(office, server)
    siti.open(link.removeprefix("http://localhost"))
    siti.send("/undangan/", {"password": NEW, "again": NEW})
    siti.send("/masuk", {"email": EMAIL, "password": PASSWORD}, expect=422)
    siti.open("/masuk")
    siti.send("/masuk", {"email": EMAIL, "password": NEW})
    assert "Tugas saya" in siti.text


def test_req_49_the_answer_is_the_same_whether_there_is_an_account_or_not(office: Flask, server: MailServer) -> None:
    """And is given while nothing has been looked up yet: the only thread for it is still busy."""
    busy = threading.Event()
    office.extensions["portal.background"].run(lambda: bool(busy.wait(30)) and None)
    answers = [ask(office, email).text.replace(email, "*") for email in (EMAIL, "tidak-ada@contoh.go.id")]
    assert answers[0] == answers[1]
    assert server.received == []
    busy.set()
    assert len(links(office, server)) == 1


def test_req_50_the_link_names_the_configured_host_whatever_the_request_says(office: Flask, server: MailServer) -> None:
    ask(office, EMAIL, host="lain.localhost")
    (link,) = links(office, server)
    assert link.startswith("http://localhost/undangan/")


def test_req_48_a_mailbox_is_not_flooded(office: Flask, server: MailServer) -> None:
    for _ in range(3):
        ask(office, EMAIL)
    assert "Tunggu" in ask(office, EMAIL, expect=429).text
    assert len(links(office, server)) == 3


def test_a_mail_server_that_is_down_changes_no_answer(
    office: Flask, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.refused.add(EMAIL)
    ask(office, EMAIL)
    assert links(office, server) == []
    assert "background work failed" in caplog.text


def test_more_than_can_wait_is_dropped_with_the_same_answer(
    office: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "MOST_WAITING", 1)
    background.init_background(office)
    busy = threading.Event()
    held = office.extensions["portal.background"].run(lambda: bool(busy.wait(30)) and None)
    assert "Periksa surel Anda" in ask(office, EMAIL).text
    assert "was dropped" in caplog.text
    busy.set()
    held.result(timeout=30)


def test_without_mail_the_page_sends_one_to_the_admin(app: Flask) -> None:
    client = app.test_client()
    stranger = Person(client, client.get("/masuk"))
    assert "Minta admin unit kerja Anda membuat tautan undangan baru" in stranger.open("/lupa-sandi")
    assert 'name="email"' not in stranger.text


def test_a_mail_server_that_cannot_be_stops_the_start(sqlite_database_url: str, tmp_path: Path) -> None:
    settings = settings_for(sqlite_database_url, tmp_path)
    settings = replace(settings, mail_url="smtp://user:rahasia@host", mail_from="portal@contoh.go.id")
    with pytest.raises(ConfigInvalid, match="PORTAL_MAIL_URL") as refusal:
        create_app(settings)
    assert "rahasia" not in str(refusal.value)
