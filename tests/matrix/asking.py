"""One person before the portal: requests over HTTP, and answers with all that differs by chance taken out, so that two
of them can be compared sign for sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient

from portal.services.sessions import start_session
from portal.services.unit_of_work import transaction
from portal.web.auth.second_factor import OFFERED
from tests.matrix.addressed import OFFERED_SECRET, Form, form_of, path_of
from tests.matrix.authorisation import Address, Kind
from tests.matrix.expected import Object
from tests.matrix.office import Office

_CHANCE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # the id that the address named
    r"|[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}"  # the token of a form
)
_TOKEN = re.compile(r'name="csrf_token"(?: type="hidden")? value="([^"]+)"')
_UNLIKE = frozenset({"date", "set-cookie"})
"""Headers in which equal answers may differ."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `text` and `headers` are without ids and tokens."""

    status: int
    location: str
    text: str
    headers: tuple[tuple[str, str], ...]

    @property
    def is_login(self) -> bool:
        return self.status == 303 and self.location.startswith("/masuk?lanjut=")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A kind of person with a session, if he can have one, and the token of his forms."""

    kind: Kind
    client: FlaskClient
    cookie: str
    token: str

    def twin(self, app: Flask) -> Visitor:
        """The same person in the same session with a browser of its own, whose messages nobody else will see."""
        client = app.test_client()
        if self.cookie:
            client.set_cookie(app.config["SESSION_COOKIE_NAME"], self.cookie)
        return Visitor(self.kind, client, self.cookie, self.token)

    def ask(self, office: Office, address: Address, object_: Object) -> Answer:
        """Send the request of the address for the object, with the form that belongs there."""
        form = form_of(office, address, object_, self.kind) if address.method == "POST" else None
        return self.send(address.method, path_of(office, address, object_), form)

    def send(self, method: str, path: str, form: Form | None = None, *, keep_ids: bool = False) -> Answer:
        """Send any request; `keep_ids` leaves the text of the answer as it is."""
        data = {"csrf_token": self.token, **form} if form is not None else None
        response = self.client.open(path, method=method, data=data)
        with response:
            text = response.get_data().decode("utf-8", "replace")
            return Answer(
                status=response.status_code,
                location=_CHANCE.sub("", response.headers.get("Location", "")),
                text=text if keep_ids else _CHANCE.sub("", text),
                headers=tuple(
                    (name.lower(), _CHANCE.sub("", value))
                    for name, value in response.headers
                    if name.lower() not in _UNLIKE
                ),
            )


def visit(app: Flask, office: Office, kind: Kind) -> Visitor:
    """Somebody with a session of just now, as signing in makes one; a deactivated account keeps an old cookie."""
    client = app.test_client()
    if kind.account != "none":
        with app.app_context(), transaction() as session:
            new = start_session(
                session, user_id=office.accounts[kind.name].id, address="127.0.0.1", device="-", now=datetime.now(UTC)
            )
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie[OFFERED] = new.token, OFFERED_SECRET
    found = _TOKEN.search(client.get("/tugas", follow_redirects=True).text)
    assert found, f"no form with a token for {kind.name}"
    sent = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    return Visitor(kind, client, sent.value if sent else "", found[1])
