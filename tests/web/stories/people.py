"""People who sign in for real, each with a browser-like client: forms are read from the page before they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from io import BytesIO
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP
from werkzeug.test import TestResponse

from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.services.invitations import accept_invitation
from portal.services.memberships import NewMembership, grant_membership
from portal.services.people import get_actor_by_email
from portal.services.second_factor import enrol_factor
from portal.services.totp import new_secret
from portal.services.users import invite_user

PASSWORD = "kuda hijau terbang pelan"


def add_account(
    app: Flask,
    email: str,
    role: Role,
    *,
    unit: str = "KPU-1502",
    area: str | None = None,
    name: str | None = None,
    restricted: bool = False,
    further: tuple[Role, ...] = (),
) -> UUID:
    """An account with a password and its memberships, made as an admin and the person would."""
    now, system = datetime.now(UTC), Actor.system("test")

    def wanted(held: Role) -> NewMembership:
        return NewMembership(
            role=held, unit_code=unit, area_code=area, restricted=restricted, valid_from=date(2020, 1, 1)
        )

    with app.app_context():
        invited = invite_user(
            actor=system, email=email, name=name or email.split("@", 1)[0].title(), membership=wanted(role), now=now
        )
        accept_invitation(token=invited.invitation.token, password=PASSWORD, now=now)
        for held in further:
            grant_membership(actor=system, user_id=invited.user_id, wanted=wanted(held), now=now)
    return invited.user_id


@dataclass
class Person:
    """Somebody before a page: `page` is the last answer, redirects followed."""

    client: FlaskClient
    page: TestResponse

    @property
    def text(self) -> str:
        return self.page.get_data(as_text=True)

    def open(self, path: str) -> str:
        """Go to an address."""
        self.page = self.client.get(path, follow_redirects=True)
        return self.text

    def send(self, action: str, fields: dict[str, object] | None = None, *, expect: int = 200) -> str:
        """Send the form of the page whose action contains `action`, with its hidden fields and these values."""
        form = _forms(self.text).get_one(action, self.page.request.path)
        data: dict[str, object] = {**form.hidden, **(fields or {})}
        self.page = self.client.post(form.action, data=data, follow_redirects=True)
        assert self.page.status_code == expect, f"{form.action}: {self.page.status}\n{self.text[:3000]}"
        return self.text

    def link(self, part: str) -> str:
        """The first address on the page that contains `part`."""
        found = [href for href in _forms(self.text).links if part in href]
        assert found, f"no link with {part!r} on {self.page.request.path}"
        return found[0]


def set_up_phone(app: Flask, email: str) -> None:
    """Verifikasi dua langkah for somebody whom `sign_in` lets in from then on by the recovery codes."""
    now, secret = datetime.now(UTC), new_secret()
    with app.app_context():
        actor = get_actor_by_email(email=email, now=now)
        enrolled = enrol_factor(actor=actor, secret=secret, code=TOTP(secret).at(now), device="", now=now)
    app.extensions[f"recovery codes of {email}"] = list(enrolled.codes)


def stranger_at(app: Flask) -> Person:
    """Somebody without an account, before the page for signing in."""
    client = app.test_client()
    return Person(client, client.get("/masuk"))


def sign_in(app: Flask, email: str) -> Person:
    """The person on the home page after signing in."""
    client = app.test_client()
    person = Person(client, client.get("/masuk"))
    person.send("/masuk", {"email": email, "password": PASSWORD})
    if person.page.request.path == "/masuk/kode":
        person.send("/masuk/kode", {"code": app.extensions[f"recovery codes of {email}"].pop()})
    assert "Tugas saya" in person.text, person.text[:2000]
    return person


def upload(content: bytes, name: str) -> tuple[BytesIO, str]:
    """A file as a form sends it."""
    return BytesIO(content), name


@dataclass
class Form:
    action: str
    hidden: dict[str, str]


class _Page(HTMLParser):
    """Forms with their hidden fields, and links, in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method") == "post":
            self.forms.append(Form(values.get("action", ""), {}))
        elif tag == "input" and values.get("type") == "hidden" and self.forms:
            self.forms[-1].hidden[values["name"]] = values.get("value", "")
        elif tag == "a" and "href" in values:
            self.links.append(values["href"])

    def get_one(self, action: str, path: str) -> Form:
        named = [Form(form.action or path, form.hidden) for form in self.forms]
        for form in [f for f in named if f.action.endswith(action)] or [f for f in named if action in f.action]:
            return form
        raise AssertionError(f"no form for {action!r} on {path}: {[form.action for form in self.forms]}")


def _forms(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    return page
