"""Markup in whatever people write stays text, on every page that shows it to anybody."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from flask import Flask
from sqlalchemy import make_url

from portal import create_app
from portal.config import Settings
from portal.db import db
from tests.web.stories.people import Person, sign_in
from tests.web.walk.forms import Field, honest
from tests.web.walk.office import PEOPLE, email_of, open_busy_office
from tests.web.walk.pages import forms_of, pages_of

MARKUP = "<img src=x onerror=alert(1)>{{'zi'*3}}"
ESCAPED = "&lt;img src=x"
FREE = {"textarea", "text", "url"}
COLUMNS = (
    "user.name", "unit.name", "plan.title", "area.name", "component.name", "indicator.text", "requirement.text",
    "stored_file.name", "revision_link.note",
)  # fmt: skip
"""What is shown and comes through no form of a page, or through one that refuses such a value."""


def write(app: Flask, person: Person, further: list[str]) -> None:
    """Send each form of the person's pages with the markup in every free text; those that refuse it show it again."""
    for (endpoint, *_), form in forms_of(app, pages_of(app, person, further)).items():
        free = [field for field in form.fields if field.kind in FREE]
        if form.method == "post" and free and endpoint != "auth.logout":
            sent = honest(form)
            for field in free:
                sent = sent.with_value(field.name, value_for(field).encode())
            answer = person.client.post(
                form.action, data=sent.encoded(), content_type="application/x-www-form-urlencoded"
            )
            assert "<img src=x" not in answer.text, endpoint


def value_for(field: Field) -> str:
    return f"https://contoh.go.id/?{MARKUP}".replace(" ", "%20") if field.kind == "url" else MARKUP


def overwrite(settings: Settings) -> None:
    """Put the markup where no form would let it in, as somebody with the database file in his hands."""
    file = make_url(settings.database_url).database
    assert file
    with closing(sqlite3.connect(file)) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        for table, column in (name.split(".") for name in COLUMNS):
            connection.execute(f'UPDATE "{table}" SET {column} = ?', (MARKUP,))  # noqa: S608  # of the names above
        connection.commit()


def test_req_57_what_people_write_is_shown_as_text_on_every_page(small_installation: Settings) -> None:
    app = create_app(small_installation)
    further = open_busy_office(app)
    for name in PEOPLE:
        write(app, sign_in(app, email_of(name)), further)
    with app.app_context():
        db.engine.dispose()
    overwrite(small_installation)
    broken, shown = [], 0
    for name in PEOPLE:
        person = sign_in(app, email_of(name))
        for address, _ in pages_of(app, person, further):
            shown += ESCAPED in person.text
            if "<img src=x" in person.text or "zizizi" in person.text:
                broken.append(f"{name}: {address}")
    with app.app_context():
        db.engine.dispose()
    assert not broken, "\n".join(broken)
    assert shown > 30, f"the markup was met on {shown} pages only"
