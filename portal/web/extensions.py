"""The Flask extensions of the web layer, unbound, so that features can import them without an application.

The login manager only keeps the id of a session row in Flask's signed cookie; the auth feature registers the
`user_loader` that finds the row. There is no remember cookie: a session ends on the server.
"""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf import CSRFProtect

from portal.web.identity import find_signed_in

LOCALE = "id"
DEFAULT_TIMEZONE = "Asia/Jakarta"


class SessionLoginManager(LoginManager):  # type: ignore[misc]  # Flask-Login ships no types
    """Flask-Login without its remember cookie, which would outlive the session row."""

    def init_app(self, app: Flask, add_context_processor: bool = False) -> None:  # noqa: ARG002  # theirs
        """Bind to the application.

        Leaves out the hook that looks for that cookie after every request, and `current_user` in templates, which
        would ask for the session even on the page that says that the database is down.
        """
        app.login_manager = self  # type: ignore[attr-defined]  # where Flask-Login looks for it


login_manager = SessionLoginManager()
# Its own protection compares address and browser with a hash in the cookie; the session row does this on the server.
login_manager.session_protection = None

csrf = CSRFProtect()
babel = Babel()


def init_extensions(app: Flask) -> None:
    """Bind the extensions. A form's CSRF token lives as long as the session: who writes slowly loses nothing."""
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    login_manager.init_app(app)
    csrf.init_app(app)
    babel.init_app(
        app,
        default_locale=LOCALE,
        default_timezone=DEFAULT_TIMEZONE,  # BABEL_DEFAULT_TIMEZONE goes before it
        locale_selector=lambda: LOCALE,
        timezone_selector=_timezone_of_unit,
    )


def _timezone_of_unit() -> tzinfo | None:
    """The zone of the signed-in person's unit; None takes the installation's."""
    person = find_signed_in()
    return ZoneInfo(person.timezone) if person else None
