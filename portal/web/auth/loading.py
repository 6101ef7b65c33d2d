"""Finds the person behind the token in the signed cookie, on every request anew."""

from __future__ import annotations

from flask import request

from portal.services.sessions import find_session
from portal.web.clock import utc_now
from portal.web.extensions import login_manager
from portal.web.identity import SignedIn


def remote_address() -> str:
    """The address of the browser, as far as the configured proxies may be believed."""
    return request.remote_addr or "-"


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login ships no types
def load_signed_in(token: str) -> SignedIn | None:
    found = find_session(token=token, address=remote_address(), now=utc_now())
    if found is None:
        return None
    return SignedIn(
        session_token=token,
        name=found.name,
        email=found.email,
        unit_name=found.unit_name,
        actor=found.actor,
        timezone=found.timezone,
    )
