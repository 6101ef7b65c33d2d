"""What a server writes of itself in a day's work and when everything breaks: lines, and nobody's data in them."""

from __future__ import annotations

import json
import logging
import logging.config
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.adapters.local_store import LocalStore
from portal.config import Settings
from portal.db import db
from portal.logs import SERVER_LOGGING, JsonLines
from portal.web.auth import views as auth_views
from tests.web.stories.office import open_office
from tests.web.stories.people import PASSWORD, Person, sign_in, upload
from tests.web.stories.test_story import first_draft
from tests.web.walk.office import invitation_of

FORGED = '{"level": "INFO", "message": "forged"}'


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the server's own logging writes, whoever logs."""
    out, root, portal = StringIO(), logging.getLogger(), logging.getLogger("portal")
    levels = root.level, portal.level
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    root.setLevel(str(SERVER_LOGGING["root"]["level"]))  # type: ignore[index]  # dictConfig's own form
    portal.setLevel(logging.INFO)
    yield out
    root.removeHandler(handler)
    root.setLevel(levels[0])
    portal.setLevel(levels[1])


@pytest.fixture
def office(small_installation: Settings) -> Iterator[Flask]:
    app = create_app(replace(small_installation, public_url="http://localhost"))
    open_office(app)
    app.testing = False
    yield app
    with app.app_context():
        db.engine.dispose()


def work(app: Flask) -> Person:
    """A day: signing in, wrongly and rightly, an upload, a note, a link."""
    stranger = Person(app.test_client(), app.test_client().get("/masuk"))
    stranger.open("/masuk")
    stranger.send("/masuk", {"email": "siti@contoh.go.id", "password": "salah salah salah"}, expect=422)
    siti = sign_in(app, "siti@contoh.go.id")
    draft = first_draft(siti)
    siti.send(
        "/berkas", {"files": [upload(b"MZ", "gaji Budi.exe"), upload(b"hukuman", "hukuman Budi.txt")]}, expect=422
    )
    siti.send("/tautan", {"url": "https://contoh.go.id/?nik=1501", "note": "NIK 1501 milik Budi"})
    siti.open(draft)
    return siti


def breakdowns(app: Flask, siti: Person, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whatever makes the portal write something; returns a one-time link's token that was met on the way."""
    draft, link = siti.page.request.path, invitation_of(app)
    app.test_client().get(link, environ_overrides={"HTTP_HOST": f"jahat.invalid\r\n{FORGED}"})
    app.test_client().post(link, data={"password": PASSWORD})
    app.extensions["portal.store"] = LocalStore(Path("/dev/null/tidak-ada"))
    siti.open(draft)
    siti.send("/berkas", {"files": [upload(b"aduan", "aduan Budi.txt")]}, expect=500)

    def crash(**given: object) -> None:
        raise RuntimeError(f"Siti Rahmawati siti@contoh.go.id {given}\n{FORGED}")

    monkeypatch.setattr(auth_views, "get_invited", crash)
    assert app.test_client().get(link, environ_overrides={"REMOTE_ADDR": "203.0.113.7"}).status_code == 500
    return link.rsplit("/", 1)[-1]


def test_req_65_logs_are_lines_without_secrets_and_without_anybodys_data(
    office: Flask, written: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    siti = work(office)
    cookie = siti.client.get_cookie("portal")
    token = breakdowns(office, siti, monkeypatch)
    lines = written.getvalue().splitlines()
    assert cookie
    said = [json.loads(line) for line in lines]
    assert {"crash in auth.invitation"} <= {line["message"] for line in said}, said
    assert any("RuntimeError" in str(line.get("error")) for line in said)
    assert not [line for line in said if line["message"] == "forged"]
    private = (
        *("Siti", "Rahmawati", "siti@contoh.go.id", "Budi", "gaji", "hukuman", "aduan", "1501", "SK Tim Kerja"),
        *(PASSWORD, "salah salah salah", token, cookie.value, "203.0.113.7", "127.0.0.1"),
    )
    found = {word: line for word in private for line in lines if word in line}
    assert not found, "\n".join(f"{word!r} in {line}" for word, line in found.items())


def test_req_65_an_exception_is_told_by_type_and_place_with_what_was_behind_it() -> None:
    try:
        try:
            int("NIK 1501")
        except ValueError as error:
            raise KeyError("Budi") from error
    except KeyError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "a\r\nb", None, (type(error), error, error.__traceback__))
    line = JsonLines().format(record)
    assert "Budi" not in line
    assert "1501" not in line
    assert "\n" not in line
    told = json.loads(line)
    assert [each["type"] for each in told["error"]] == ["KeyError", "ValueError"]
    assert "test_logs.py" in told["error"][0]["lines"][0]


def test_the_servers_logging_is_one_that_python_takes() -> None:
    logging.config.DictConfigurator(SERVER_LOGGING)
