"""Bad input anywhere: no answer is a failure of ours, none shows a traceback, and nothing in the database changes.

Every field of every form is spoiled in turn, with the rest of the form as somebody would honestly fill it in, by people
of every role; then every address and every question behind it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote_from_bytes
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.models import LoginThrottle, PendingLogin, SecondFactor, StoredFile
from portal.services.tokens import token_hash
from portal.services.unit_of_work import transaction
from portal.web.auth.views import PENDING
from tests.builders.bad_values import BAD_VALUES, OVERSIZED
from tests.builders.true_office import NoMail
from tests.web.stories.office import PDF
from tests.web.stories.people import Person, sign_in, upload
from tests.web.walk.contents import contents_of, hiding, restored
from tests.web.walk.forms import Field, Form, Page, honest
from tests.web.walk.office import PEOPLE, email_of, invitation_of, open_busy_office
from tests.web.walk.pages import forms_of, pages_of

TEXTS = {
    ("evidence.save", "note"): "what the sender has to say",
    ("evidence.link", "note"): "what is to be seen there",
    ("review.reasoned", "note"): "what the reviewer has to say",
    ("indicators.classify", "reason"): "why the class is changed",
    ("accounts.invite", "name"): "a name is what somebody is called",
}
"""Fields of free text, in which most values are nothing bad: endpoint and field, with the reason."""

NOT_READ = {
    ("evidence.save", "lanjut"): "a button: the draft is saved, whatever it is called",
    ("evidence.begin", "files"): "a file field that is sent as text brings no file",
    ("bundles.seal", "paket"): "the id of the bundle to make: any new one will do",
}
"""Fields whose value changes nothing in what the form does."""

GUESSED = {("auth.change_own_password", "old_password"): "so many wrong ones at once are guessing, which is recorded"}
"""Fields of which wrong values leave something behind on purpose."""

LEAVING = frozenset({"auth.logout", "auth.end_all_sessions", "auth.remove_phone"})
"""Ending one's session would end the walk."""

ASKED = ("/tugas", "/indikator", "/antrean", "/paket", "/pengguna", "/bukti/baru", "/verifikasi/berkas")
QUESTIONS = ("halaman", "rencana", "area", "indikator", "keadaan", "tenggat", "unit", "kebutuhan", "lanjut", "sha256")
RAW_ADDRESSES = (
    "/%00", "/indikator/%ff", "/..%2f..%2fetc/passwd", "/static/..%2f..%2fconfig.py", "/bukti/%E2%80%AE", "//evil",
    "/masuk?lanjut=//x", "/masuk?%ff=%ff", "/indikator/" + "a" * 5000,
)  # fmt: skip
FORM = "application/x-www-form-urlencoded"
NO_FORMS = ("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "\xff/;", "")
"""What a body may say it is without being a form."""


class Walk:
    """Sends spoiled forms and notes what must not be."""

    def __init__(self, app: Flask, further: list[str]) -> None:
        self.app, self.further = app, further
        self.complaints: list[str] = []
        self.met: set[tuple[str, ...]] = set()
        self.texts: set[tuple[str, str]] = set()

    def spoil(self, person: Person, who: str) -> None:
        """Spoil each field of each form that nobody met before, but for texts; nothing may change."""
        forms = forms_of(self.app, pages_of(self.app, person, self.further))
        before = contents_of(self.app)  # now: to open a restricted page is recorded, once in a while
        for kind_of_form, form in forms.items():
            if kind_of_form in self.met:
                continue  # the same view reads the same fields, whoever sends them
            self.met.add(kind_of_form)
            endpoint = kind_of_form[0]
            for field in spoilable(endpoint, form):
                for kind, value in BAD_VALUES.items():
                    self.judge(send(person, form, field.name, value), f"{who}: {endpoint}, {field.name}: {kind}")
                after = contents_of(self.app)
                if after != before:
                    self.complaints.append(f"{who}: {endpoint}, {field.name} changed something")
                    before = after

    def write(self, person: Person, who: str) -> None:
        """Write every bad value into each text; only one that is too long may not be kept, and no invisible sign."""
        for (endpoint, *_), form in forms_of(self.app, pages_of(self.app, person, self.further)).items():
            for name in [field.name for field in form.fields if (endpoint, field.name) in TEXTS]:
                for kind, value in BAD_VALUES.items():
                    place, before = f"{who}: {endpoint}, {name}: {kind}", contents_of(self.app)
                    with restored(self.app):
                        self.judge(send(person, form, name, value), place)
                        if kind == OVERSIZED and contents_of(self.app) != before:
                            self.complaints.append(f"{place} was kept")
                        self.complaints += [f"{place}: hidden signs in {table}" for table in hiding(self.app)]
                    self.texts.add((endpoint, name))

    def misshape(self, person: Person, who: str) -> None:
        """Leave out and double each field of each form, and send the form as what it is not."""
        for kind_of_form, form in forms_of(self.app, pages_of(self.app, person, self.further)).items():
            if kind_of_form in self.met or form.method == "get" or kind_of_form[0] in LEAVING:
                continue
            self.met.add(kind_of_form)
            whole, place = honest(form), f"{who}: {kind_of_form[0]}"
            for name in [field.name for field in form.fields]:
                for sent in (whole.without(name), *whole.doubled(name, b"-1")):
                    with restored(self.app):
                        answer = person.client.post(form.action, data=sent.encoded(), content_type=FORM)
                        self.judge(answer, f"{place}, {name} left out or doubled")
            before = contents_of(self.app)
            for kind in NO_FORMS:
                answer = person.client.post(form.action, data=whole.encoded(), content_type=kind)
                self.judge(answer, f"{place} as {kind!r}")
                if answer.status_code < 400 or contents_of(self.app) != before:
                    self.complaints.append(f"{place} was taken as {kind!r}: {answer.status}")

    def judge(self, answer: TestResponse, place: str) -> None:
        """Note an answer that is a failure of ours."""
        text = answer.get_data().decode("utf-8", "replace")  # a PDF is an answer, too
        if answer.status_code >= 500 or "Traceback" in text:
            self.complaints.append(f"{place}: {answer.status}")


def spoilable(endpoint: str, form: Form) -> list[Field]:
    """The fields that can hold a bad value: not the switches, of which any value means yes."""
    if endpoint in LEAVING:
        return []
    return [
        field
        for field in form.fields
        if not field.is_switch and (endpoint, field.name) not in {*TEXTS, *NOT_READ, *GUESSED}
    ]


def send(person: Person, form: Form, name: str, value: bytes) -> TestResponse:
    """The form with one value replaced, as bytes on the wire."""
    body = honest(form).with_value(name, value).encoded()
    if form.method == "get":
        return person.client.get(form.action, query_string=body)
    return person.client.post(form.action, data=body, content_type=FORM)


@pytest.fixture
def walk(app: Flask) -> Walk:
    """On both databases; a failure becomes a page, as it would for people."""
    further = open_busy_office(app)
    app.testing = False
    return Walk(app, further)


def test_no_field_of_any_form_breaks_the_portal_or_changes_anything(walk: Walk) -> None:
    for name in PEOPLE:
        walk.spoil(sign_in(walk.app, email_of(name)), name)
    assert not walk.complaints, "\n".join(walk.complaints[:20])
    of_routes = {rule.endpoint for rule in walk.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    missed = of_routes - {endpoint for endpoint, *_ in walk.met}
    assert missed == {"auth.login", "auth.code", "auth.invitation", "auth.forgotten_password"}, (
        f"forms that the walk did not meet: {missed}"
    )


def test_texts_are_kept_as_text_and_without_hidden_signs(small_installation: Settings) -> None:
    app = create_app(small_installation)
    walk = Walk(app, open_busy_office(app))
    for name in ("siti", "hendra", "dewi", "rina"):
        walk.write(sign_in(app, email_of(name)), name)
    with app.app_context():
        db.engine.dispose()
    assert not walk.complaints, "\n".join(walk.complaints[:20])
    assert walk.texts == set(TEXTS)


def test_forms_of_the_wrong_shape_break_nothing(small_installation: Settings) -> None:
    app = create_app(small_installation)
    walk = Walk(app, open_busy_office(app))
    for name in PEOPLE:
        walk.misshape(sign_in(app, email_of(name)), name)
    with app.app_context():
        db.engine.dispose()
    assert not walk.complaints, "\n".join(walk.complaints[:20])
    assert len(walk.met) > 15, walk.met


def test_nobody_gets_in_or_breaks_anything_with_bad_values(walk: Walk) -> None:
    stranger = Person(walk.app.test_client(), walk.app.test_client().get("/masuk"))
    walk.app.extensions["portal.mailer"] = NoMail()
    invitation = invitation_of(walk.app)
    owe_code(walk.app, stranger)
    before = contents_of(walk.app)
    for address in ("/masuk", "/masuk/kode", "/lupa-sandi", invitation):
        (form,) = Page(stranger.open(address)).forms
        for field in form.fields:
            for kind, value in BAD_VALUES.items():
                forget_tries(walk.app)
                owe_code(walk.app, stranger)
                answer = send(stranger, replace(form, action=address), field.name, value)
                walk.judge(answer, f"{address}, {field.name}: {kind}")
                assert answer.status_code in {400, 422}, f"{address}, {field.name}: {kind}: {answer.status}"
    assert not walk.complaints, "\n".join(walk.complaints)
    assert contents_of(walk.app) == before


def owe_code(app: Flask, person: Person) -> None:
    """As if the person had given the password of somebody with a second factor."""
    with app.app_context(), transaction() as session:
        user_id = session.execute(select(SecondFactor.user_id)).scalars().first()
        assert user_id is not None
        row = PendingLogin(user_id=user_id, token_sha256=token_hash("lagi"), started_at=datetime.now(UTC), tries=0)
        session.execute(delete(PendingLogin))
        session.add(row)
    with person.client.session_transaction() as cookie:
        cookie[PENDING] = "lagi"


def forget_tries(app: Flask) -> None:
    """The limit of tries is tested elsewhere; here each value shall be read."""
    with app.app_context(), transaction() as session:
        session.execute(delete(LoginThrottle))


def test_a_bad_file_name_is_kept_as_a_name_and_nothing_else(walk: Walk) -> None:
    siti = sign_in(walk.app, email_of("siti"))
    draft = walk.further[0]
    for kind, value in BAD_VALUES.items():
        siti.open(draft)
        name = value.decode("utf-8", "replace").replace('"', "%22") + ".pdf"  # as browsers write a quote in a form
        content = PDF + kind.encode()  # the same bytes twice would be refused
        siti.send("/berkas", {"files": [upload(content, name), upload(b"MZ", name)]}, expect=422)
        assert "1 berkas tersimpan" in siti.text, kind
    assert not hiding(walk.app)
    with walk.app.app_context(), transaction(write=False) as session:
        names = list(session.execute(select(StoredFile.name)).scalars())
    assert len(names) > len(BAD_VALUES)
    assert not [name for name in names if "/" in name or "\\" in name or len(name.encode()) > 255]


def test_req_55_no_address_breaks_the_portal_or_changes_anything(walk: Walk) -> None:
    """Every route with ids that are none of ours, every question with every bad value, for everybody and strangers."""
    people = [walk.app.test_client(), *(sign_in(walk.app, email_of(name)).client for name in PEOPLE)]
    before = contents_of(walk.app)
    for client in people:
        for rule in walk.app.url_map.iter_rules():
            path = re.sub(r"<uuid:[^>]+>", str(uuid4()), rule.rule)
            path = re.sub(r"<[^>]+>", "x", path)
            for method in (rule.methods or set()) - {"OPTIONS"}:
                walk.judge(client.open(path, method=method), f"{method} {path}")
        for address in RAW_ADDRESSES:
            walk.judge(client.get(address), address)
    stranger, *known = people
    for path, client in [("/masuk", stranger), *((path, client) for path in ASKED for client in known)]:
        for kind, value in BAD_VALUES.items():
            query = "&".join(f"{name}={quote_from_bytes(value)}" for name in QUESTIONS)
            walk.judge(client.get(path, query_string=query), f"{path}: {kind}")
    assert not walk.complaints, "\n".join(walk.complaints[:20])
    assert contents_of(walk.app) == before
