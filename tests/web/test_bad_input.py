"""Bad input anywhere: no answer is a failure of ours, none shows a trace, and nothing in the database changes.

Every address of the portal and every form field that its pages show are tried by people of every role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.db import db
from portal.domain.roles import Role
from portal.services.unit_of_work import transaction
from tests.web.stories.office import approved_evidence, open_office
from tests.web.stories.people import add_account, sign_in

NASTY = {
    "nothing": "",
    "long": "x" * 5000,
    "nul": "a\x00b",
    "bidi": "siti\u202egnp.exe",
    "path": "../../../etc/passwd",
    "formula": "=HYPERLINK(1)",
    "markup": "<script>alert(1)</script>",
    "number": "99999999999999999999999999",
    "minus": "-1",
    "id": str(uuid4()),
    "date": "9999-12-31",
    "emoji": "\U0001f4a3" * 40,
    "json": "[" * 2000,
    "percent": "%00%ff%2e%2e",
    "url": "javascript:alert(1)",
}
DESTRUCTIVE = ("/keluar", "/akhiri", "/nonaktifkan", "/setujui", "/tarik", "/buang", "/undang-lagi", "/versi-baru")
"""Buttons that work without any input: sent as they are they do their job, so here they go without a token."""

QUERIES = ("halaman", "rencana", "area", "indikator", "keadaan", "tenggat", "unit", "kebutuhan", "lanjut", "versi")
RAW = ("/%00", "/indikator/%ff", "/..%2f..%2fetc/passwd", "/bukti/%E2%80%AE", "//evil", "/masuk?lanjut=//x")
LEFT_OUT = frozenset({"login_throttle", "login_session", "log_leaf", "log_head", "log_opening", "scope_head"})
"""Signing in for the test writes these; the trail is compared by its size after everybody has signed in."""


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page with all their named fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get")))
        elif tag in {"input", "select", "textarea", "button"} and self.forms and values.get("name"):
            self.forms[-1].fields.setdefault(values["name"], values.get("value", ""))
        elif tag == "a" and values.get("href", "").startswith("/"):
            self.links.add(values["href"].split("#")[0])


@pytest.fixture
def office(app: Flask) -> Flask:
    """The Merangin plan, evidence in several states, and people of every role."""
    app.testing = False  # a failure becomes a page, as it would for its users
    app.config["PROPAGATE_EXCEPTIONS"] = False
    open_office(app)
    approved_evidence(app, "I.1.1", name="SK Tim.pdf")
    approved_evidence(app, "I.2.1", name="Rencana.pdf")
    for role in (Role.AUDITOR, Role.ADMIN):
        add_account(app, f"{role.value}@contoh.go.id", role)
    return app


EMAILS = ("siti@contoh.go.id", "hendra@contoh.go.id", "dewi@contoh.go.id", "auditor@contoh.go.id", "admin@contoh.go.id")


def fingerprint(app: Flask) -> dict[str, object]:
    """How many rows each table has, and a hash-like sum of the log's head."""
    with app.app_context(), transaction(write=False) as session:
        counts = {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in db.metadata.sorted_tables
            if table.name not in LEFT_OUT
        }
        return counts | {"log": session.execute(select(db.metadata.tables["log_head"].c.size)).scalar_one()}


def pages_in_reach(client: FlaskClient, *, most: int = 40) -> Iterator[tuple[str, Forms]]:
    """Pages that links lead to from the home page, one of each kind of address."""
    queue, seen = ["/tugas"], set[str]()
    while queue and len(seen) < most:
        path = queue.pop(0)
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", path.split("?")[0])
        if kind in seen or "/unduh" in kind or "/berkas/" in kind:
            continue
        seen.add(kind)
        answer = client.get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = Forms()
            page.feed(answer.get_data(as_text=True))
            queue += sorted(page.links)
            yield path, page


def assert_answered(answer: object, place: str) -> None:
    status, text = answer.status_code, answer.get_data(as_text=True)  # type: ignore[attr-defined]  # a test response
    assert status < 500, f"{place}: {status}\n{text[:1500]}"
    assert "Traceback" not in text, place


def spoiled(form: Form, token: str | None) -> Iterator[tuple[str, dict[str, str]]]:
    """The form's values with each field spoiled in turn, each field missing, and all spoiled at once."""
    plain = {name: value for name, value in form.fields.items() if name != "csrf_token"}
    kept = {"csrf_token": token} if token else {}
    for name in plain:
        for kind, nasty in NASTY.items():
            yield f"{name}={kind}", {**plain, **kept, name: nasty}
        yield f"{name} missing", {key: value for key, value in {**plain, **kept}.items() if key != name}
    yield "all long", {**dict.fromkeys(plain, NASTY["long"]), **kept}


def test_no_form_field_of_any_page_breaks_the_portal_or_changes_anything(office: Flask) -> None:
    clients = {email: sign_in(office, email).client for email in EMAILS}
    before = fingerprint(office)
    tried = 0
    for email, client in clients.items():
        for path, page in pages_in_reach(client):
            for form in page.forms:
                action = form.action or path
                harmless = form.method == "get" or action.endswith(DESTRUCTIVE)
                token = None if harmless else "tidak-berlaku"
                for what, data in spoiled(form, token):
                    tried += 1
                    place = f"{email} {form.method} {action} ({what})"
                    if form.method == "get":
                        assert_answered(client.get(f"{action}?{urlencode(data)}"), place)
                    else:
                        assert_answered(client.post(action, data=data), place)
    assert fingerprint(office) == before
    assert tried > 500


def test_no_field_breaks_a_form_that_is_really_sent(office: Flask) -> None:
    """The same with the right token: what is refused changes nothing, what is kept was a value that may be kept."""
    failures = []
    for email in ("siti@contoh.go.id", "hendra@contoh.go.id", "admin@contoh.go.id", "auditor@contoh.go.id"):
        client = sign_in(office, email).client
        for path, page in list(pages_in_reach(client)):
            for form in page.forms:
                action = form.action or path
                if form.method == "get" or action.endswith(DESTRUCTIVE) or "csrf_token" not in form.fields:
                    continue
                for what, data in spoiled(form, form.fields["csrf_token"]):
                    answer = client.post(action, data=data)
                    text = answer.get_data(as_text=True)
                    if answer.status_code >= 500 or "Traceback" in text:
                        failures.append(f"{email} {action} ({what}): {answer.status_code}")
    assert not failures, failures[:10]


def test_no_address_breaks_the_portal(office: Flask) -> None:
    """Every route with ids that are none of ours, every query parameter with every nasty value, for everybody."""
    clients = [office.test_client(), *(sign_in(office, email).client for email in EMAILS)]
    before = fingerprint(office)
    routes = [rule for rule in office.url_map.iter_rules() if "GET" in (rule.methods or ())]
    for client in clients:
        for rule in routes:
            values = {name: "x" if name in {"token", "filename", "name"} else str(uuid4()) for name in rule.arguments}
            path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", "{\\1}", rule.rule).format(**values)
            assert_answered(client.get(path), f"GET {path}")
            assert_answered(client.post(path, data={}), f"POST {path}")
        for path in ("/tugas", "/indikator", "/antrean", "/paket", "/pengguna", "/bukti/baru", "/masuk"):
            for query in QUERIES:
                for kind, nasty in NASTY.items():
                    assert_answered(client.get(f"{path}?{urlencode({query: nasty})}"), f"{path}?{query}={kind}")
        for raw in (
            "/%00",
            "/indikator/%ff",
            "/..%2f..%2fetc/passwd",
            "/bukti/%E2%80%AE",
            "//evil",
            "/masuk?lanjut=//x",
        ):
            assert_answered(client.get(raw), raw)
    assert fingerprint(office) == before
