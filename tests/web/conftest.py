"""The web ground alone: a bare Flask application with `init_web`, a login page of the test's and no database."""

from collections.abc import Callable

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from portal.web import init_web
from portal.web.extensions import login_manager
from portal.web.guards import public
from portal.web.identity import SignedIn

SignIn = Callable[[SignedIn], FlaskClient]


def _auth() -> Blueprint:
    auth = Blueprint("auth", __name__)
    auth.add_url_rule("/masuk", "login", public("a test's login page")(lambda: "masuk"))
    auth.add_url_rule("/akun", "account", public("a test's account")(lambda: "akun"))
    auth.add_url_rule("/keluar", "logout", public("a test's logout")(lambda: "keluar"), methods=["POST"])
    return auth


def _verification() -> Blueprint:
    """What the foot of every page leads to."""
    verification = Blueprint("verification", __name__)
    verification.add_url_rule("/verifikasi", "index", public("a test's page")(lambda: "verifikasi"))
    return verification


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> dict[str, SignedIn]:
    """Live sessions by their token; the login manager finds people here."""
    sessions: dict[str, SignedIn] = {}
    monkeypatch.setattr(login_manager, "_user_callback", sessions.get)
    return sessions


@pytest.fixture
def bare_app(monkeypatch: pytest.MonkeyPatch, people: dict[str, SignedIn]) -> Flask:  # noqa: ARG001  # sets the loader
    """An application with the web ground and no feature; errors become pages as in production."""
    monkeypatch.setattr("portal.web.BLUEPRINTS", ())
    app = Flask("portal", static_folder=None, template_folder=None)
    app.config.update(SECRET_KEY="a test's secret key of forty characters", MAX_CONTENT_LENGTH=1024)
    init_web(app)
    app.register_blueprint(_auth())
    app.register_blueprint(_verification())
    return app


@pytest.fixture
def whole_web() -> Flask:
    """An application with every feature registered, for rules over all of them; it has no database."""
    app = Flask("portal", static_folder=None, template_folder=None)
    init_web(app)
    return app


@pytest.fixture
def sign_in(bare_app: Flask, people: dict[str, SignedIn]) -> SignIn:
    """A client whose cookie holds the session of the given person."""

    def client_of(person: SignedIn) -> FlaskClient:
        people[person.session_token] = person
        client = bare_app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = person.session_token
        return client

    return client_of
