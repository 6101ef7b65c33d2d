"""Finds the person behind the token in the signed cookie, on every request anew."""

from __future__ import annotations

from flask import current_app, request, session
from flask_login import login_user

from portal.services.sessions import find_session
from portal.web.clock import utc_now
from portal.web.extensions import login_manager
from portal.web.identity import SignedIn


def remote_address() -> str:
    """The address of the browser, as far as the configured proxies may be believed."""
    return request.remote_addr or "-"


def device() -> str:
    """What the browser says it is: shown to the person, and decides nothing."""
    return request.headers.get("User-Agent", "")


def sign_in(token: str) -> None:
    """Put a new session into the cookie, with nothing of an earlier visitor, and no token that somebody planted."""
    session.clear()
    login_user(load_signed_in(token))


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login ships no types
def load_signed_in(token: str) -> SignedIn | None:
    settings = current_app.extensions["portal.settings"]
    found = find_session(
        token=token, address=remote_address(), requires_factor=settings.requires_second_factor, now=utc_now()
    )
    if found is None:
        return None
    return SignedIn(
        session_token=token,
        name=found.name,
        email=found.email,
        unit_name=found.unit_name,
        actor=found.actor,
        timezone=found.timezone,
        must_enrol=found.must_enrol,
    )
