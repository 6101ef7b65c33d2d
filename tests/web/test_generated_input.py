"""Input that hypothesis makes up, for every field, question, address, header and body: no answer is a failure of ours,
what is refused changes nothing, and what is taken holds no hidden sign.

Few in the suite; `make fuzz` tries many and prints how many requests it made.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote_from_bytes
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal import create_app
from portal.db import db
from portal.domain.events import EventName
from tests.builders.hostile import PATHS, PLACES, bounded, hostile
from tests.fixtures.databases import settings_for, sqlite_url
from tests.web.stories.people import sign_in, stranger_at
from tests.web.test_bad_input import FORM
from tests.web.walk.addresses import NOBODYS, Reached, reached
from tests.web.walk.contents import contents_of, hiding
from tests.web.walk.forms import Field, Form, honest
from tests.web.walk.office import PEOPLE, email_of, invitation_of, open_busy_office
from tests.web.walk.pages import forms_of, pages_of
from tests.web.walk.reading import fields_of, forms_of_the_portal, is_question, read_of_requests
from tests.web.walk.snapshot import Snapshot

STRANGER = "a stranger"
INSIDE = re.compile(r"Traceback|sqlite3\.|sqlalchemy\.|psycopg\.|werkzeug\.|jinja2\.|site-packages")
"""Words of the inside, which no answer says."""

SESSIONS_LAST = 20 * 60.0
ENDS_THE_SESSION = frozenset({"auth.logout"})
CONFIRMED = frozenset({"accounts.invite", "bundles.seal"})
"""Forms that may be sent once more with the password."""

READINGS = frozenset({EventName.FILE_READ, EventName.PAGE_READ, EventName.BUNDLE_DOWNLOADED})
REFUSALS = frozenset({EventName.LOGIN_THROTTLED})
"""Events that tell of a request which changed nothing: one that read, and one that was refused."""

READ = {
    "args": "questions, below", "form": "fields, below", "headers": "headers, below", "environ": "set by the server",
    "referrer": "Referer", "host": "Host", "remote_addr": "X-Forwarded-For", "is_secure": "X-Forwarded-Proto",
    "range": "Range", "accept_encodings": "Accept-Encoding", "mimetype": "Content-Type", "method": "the method",
    "full_path": "the address", "endpoint": "the address", "blueprint": "the address",
    "max_content_length": "is set, not read",
}  # fmt: skip
"""Attributes of a request that views use, with the part of the request that they come from."""

HEADERS = (
    "Host", "Referer", "Origin", "Cookie", "User-Agent", "Range", "If-Range", "If-None-Match", "If-Match",
    "If-Modified-Since", "Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "Content-Encoding",
    "Authorization", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port",
    "X-Forwarded-Prefix", "X-Real-IP", "X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL",
    "X-CSRFToken", "X-Requested-With",
)  # fmt: skip
BODIES = (
    FORM, "multipart/form-data; boundary=batas", "multipart/form-data", "application/json", "text/xml", "text/plain",
    "", "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded; charset=utf-16",
    "multipart/form-data; boundary=" + "b" * 300, 'multipart/form-data; boundary="\xe4"',
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


class Fuzz:
    """The office, everything that can be sent to it, and how the answers are judged."""

    def __init__(self, app: Flask) -> None:
        self.app, self.requests, self.written = app, 0, 0
        self._further = open_busy_office(app)
        self._invitation = invitation_of(app)
        self.questions = sorted(questions())
        self.rules = sorted({rule.rule for rule in app.url_map.iter_rules()})
        self.look_around()

    def look_around(self) -> None:
        """Sign everybody in and see what there is; again after a while, for sessions end."""
        self._until = time.monotonic() + SESSIONS_LAST
        self.forms: list[tuple[str, str, Form]] = []
        self.pages: list[Reached] = []
        self.clients: dict[str, FlaskClient] = {}
        people = {STRANGER: stranger_at(self.app)} | {name: sign_in(self.app, email_of(name)) for name in PEOPLE}
        for name, person in people.items():
            further = [self._invitation] if name == STRANGER else self._further
            pages = [*pages_of(self.app, person, further)]
            self.clients[name] = person.client
            self.pages += reached(self.app, name, pages)
            self.forms += [(name, endpoint, form) for (endpoint, *_), form in forms_of(self.app, pages).items()]
        self.forms = [each for each in self.forms if each[1] not in ENDS_THE_SESSION]
        self.forms += [
            (who, endpoint, with_password(form)) for who, endpoint, form in self.forms if endpoint in CONFIRMED
        ]
        self.ids = sorted({part for each in self.pages for part in each.address.split("/") if _is_id(part)})
        self.snapshot = Snapshot(self.app)
        self.before = contents_of(self.app)

    def send(self, who: str, path: str, *, method: str, **how: object) -> TestResponse:
        """One request as this person, which must not end in a failure of ours, and changes nothing if it is refused."""
        if time.monotonic() > self._until:
            self.look_around()
        self.requests += 1
        answer = self.clients[who].open(path, method=method, **how)  # type: ignore[arg-type]  # werkzeug's own names
        text = answer.get_data().decode("utf-8", "replace")
        answer.close()
        place = f"{who}: {method} {path[:200]} {str(how)[:500]}: {answer.status}"
        assert answer.status_code < 500, place
        assert not INSIDE.search(text), place
        assert answer.status_code != 422 or "error-summary" in text, f"{place}: no word about what is wrong"
        events = self.snapshot.events()
        if events or (method == "POST" and answer.status_code < 400):  # a draft is saved without an event
            self._judge({*events} - READINGS, answer, place)
        return answer

    def look(self, who: str, path: str, *, method: str, **how: object) -> TestResponse:
        """One request that may not change anything, whatever is answered."""
        written = self.written
        answer = self.send(who, path, method=method, **how)
        assert self.written == written, f"{who}: {method} {path[:200]} {str(how)[:500]} changed something"
        return answer

    def _judge(self, events: set[str], answer: TestResponse, place: str) -> None:
        self.written += bool(events)
        hidden = hiding(self.app) if answer.status_code < 400 else []
        self.snapshot.go_back()
        assert not events - REFUSALS or answer.status_code < 400, f"{place}: refused, and yet {events}"
        assert not hidden, f"{place}: hidden signs in {hidden}"


def with_password(form: Form) -> Form:
    """The form as the page sends it that asks for a fresh password."""
    return replace(form, fields=(*form.fields, Field("confirm_password", "password")))


def _is_id(part: str) -> bool:
    try:
        return bool(UUID(part))
    except ValueError:
        return False


def questions() -> set[str]:
    """The names that views ask an address for: by hand, and by the forms that are read from it."""
    of_forms = {name for form in forms_of_the_portal().values() if is_question(form) for name in fields_of(form)}
    return read_of_requests().names.get("args", set()) | of_forms


@pytest.fixture(scope="module")
def fuzz(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Fuzz]:
    """One office for all examples; what an example changes is set back."""
    folder = tmp_path_factory.mktemp("fuzz")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    app = create_app(settings_for(sqlite_url(folder / "portal.sqlite3"), folder))
    found = Fuzz(app)
    yield found
    assert contents_of(app) == found.before, "something changed, and not by a request that was taken"
    with app.app_context():
        db.engine.dispose()
    if terminal := request.config.pluginmanager.get_plugin("terminalreporter"):
        terminal.write_line(f" {found.requests} requests made up")


def test_everything_that_views_read_is_known(fuzz: Fuzz) -> None:
    """What is read by another way, or under a name that only the running program knows, has to be added here."""
    reading = read_of_requests()
    assert reading.attributes <= READ.keys(), "a new part of the request is read"
    assert not reading.unclear, "a name is asked for that the source does not tell"
    asked = reading.names.get("headers", set()) | {READ[each] for each in reading.attributes if READ[each][0].isupper()}
    assert asked <= set(HEADERS)
    assert len(fuzz.questions) >= 8, fuzz.questions


def test_every_field_of_every_form_is_met(fuzz: Fuzz) -> None:
    met = {field.name for _, _, form in fuzz.forms for field in form.fields}
    missed = {
        name: fields - met
        for name, form in forms_of_the_portal().items()
        if not is_question(form) and (fields := fields_of(form)) - met
    }
    assert not missed, "forms whose fields the walk did not see"


@bounded()
@given(data=st.data())
def test_generated_fields(fuzz: Fuzz, data: st.DataObject) -> None:
    who, endpoint, form = data.draw(st.sampled_from(fuzz.forms), label="form")
    name = data.draw(st.sampled_from([field.name for field in form.fields] or ["csrf_token"]), label="field")
    values = data.draw(st.lists(hostile(fuzz.ids), min_size=1, max_size=2), label="values")
    sent = honest(form).without(name)
    for value in values:
        sent = sent.doubled(name, value)[1]
    extra = data.draw(st.sampled_from(("", "&_method=DELETE", "&role=admin&is_admin=1&user_id=1")), label="extra")
    if form.method == "get":
        fuzz.send(who, form.action, method="GET", query_string=sent.encoded())
        return
    written = fuzz.written
    answer = fuzz.send(who, form.action, method="POST", data=sent.encoded() + extra, content_type=FORM)
    if name == "csrf_token":
        assert answer.status_code in {400, 413}, f"{endpoint} took a made-up token"
    assert answer.status_code != 200 or fuzz.written > written, f"{endpoint}, {name}: neither done nor refused"


@bounded()
@given(data=st.data())
def test_generated_questions(fuzz: Fuzz, data: st.DataObject) -> None:
    page = data.draw(st.sampled_from(fuzz.pages), label="page")
    names = data.draw(st.lists(st.sampled_from(fuzz.questions), min_size=1, max_size=4), label="names")
    pairs = [(name, data.draw(hostile(fuzz.ids), label=name)) for name in names]
    query = "&".join(f"{name}={quote_from_bytes(value[:3000])}" for name, value in pairs)
    who = data.draw(st.sampled_from((page.who, STRANGER)), label="who")
    fuzz.look(who, page.address.split("?")[0], method="GET", query_string=query)


@bounded()
@given(data=st.data())
def test_generated_addresses(fuzz: Fuzz, data: st.DataObject) -> None:
    parts = data.draw(st.sampled_from(fuzz.rules), label="rule").split("/")
    for index, part in enumerate(parts):
        if part.startswith("<"):
            drawn = data.draw(st.one_of(st.sampled_from([str(NOBODYS), *fuzz.ids]).map(str.encode), hostile(fuzz.ids)))
            parts[index] = quote_from_bytes(drawn[:3000], safe="")
    trick = data.draw(st.sampled_from(("", "/", "//", "/.", "%2f", "%00", ";a=b", "%3f", *PATHS)), label="trick")
    at = data.draw(st.integers(0, len(parts)), label="at")
    path = "/".join((*parts[:at], *([trick] if trick else []), *parts[at:]))
    who, method = data.draw(st.sampled_from(sorted(fuzz.clients))), data.draw(st.sampled_from(METHODS))
    fuzz.look(who, "/" + path.lstrip("/").replace("?", "%3f"), method=method)


@bounded()
@given(data=st.data())
def test_generated_headers(fuzz: Fuzz, data: st.DataObject) -> None:
    page = data.draw(st.sampled_from(fuzz.pages), label="page")
    names = data.draw(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=3, unique=True), label="names")
    values = st.one_of(hostile(fuzz.ids), st.sampled_from(PLACES).map(str.encode))
    environ = {_variable(name): data.draw(values, label=name)[:8000].decode("latin-1") for name in names}
    method = data.draw(st.sampled_from(("GET", "POST", "HEAD")), label="method")
    who = data.draw(st.sampled_from((page.who, STRANGER)), label="who")
    answer = fuzz.look(who, page.address, method=method, environ_overrides=environ)
    assert "jahat.invalid" not in answer.headers.get("Location", "").split("?")[0]


def _variable(name: str) -> str:
    """The name under which a server hands a header to the application (PEP 3333)."""
    plain = name.upper().replace("-", "_")
    return plain if plain == "CONTENT_TYPE" else f"HTTP_{plain}"


@pytest.mark.filterwarnings("ignore:Exception ignored in.*SpooledTemporaryFile")  # of a form that breaks off in a file
@bounded()
@given(data=st.data())
def test_generated_bodies(fuzz: Fuzz, data: st.DataObject) -> None:
    who, _, form = data.draw(st.sampled_from([each for each in fuzz.forms if each[2].method != "get"]), label="form")
    kind = data.draw(st.sampled_from(BODIES), label="kind")
    value = data.draw(hostile(fuzz.ids), label="value")
    part = b'--batas\r\nContent-Disposition: form-data; name="csrf_token"; filename="' + value[:300] + b'"\r\n\r\n'
    body = data.draw(st.sampled_from((value, part, part + value + b"\r\n--batas--", b"a=" + value)), label="body")
    fuzz.look(who, form.action, method="POST", data=body, content_type=kind)
