"""`security.txt` (RFC 9116), there when the installation names a contact."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app
from flask.typing import ResponseReturnValue

from portal.web.clock import utc_now
from portal.web.guards import public

blueprint = Blueprint("contact", __name__)

GOOD_FOR = timedelta(days=90)
"""RFC 9116 §2.5.5 wants less than a year; it is said anew at each request."""


@blueprint.get("/.well-known/security.txt")
@public("whoever finds a fault has no account")
def security_txt() -> ResponseReturnValue:
    contact = current_app.extensions["portal.settings"].security_contact
    if not contact:
        abort(404)
    expires = (utc_now() + GOOD_FOR).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Response(
        f"Contact: {contact}\nExpires: {expires}\nPreferred-Languages: id, en\n",
        content_type="text/plain; charset=utf-8",
    )
