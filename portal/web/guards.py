"""Deny by default: every endpoint says who may call it, and one without such a mark is refused.

A guard looks at roles only; whether this person may do it to this object is checked by the service, which is the
authority.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.domain.policy import may_ever
from portal.web.identity import find_signed_in

View = TypeVar("View", bound=Callable[..., object])

LOGIN_ENDPOINT = "auth.login"
ENROLMENT_ENDPOINT = "auth.enrol_phone"
_ATTRIBUTE = "portal_access"
_MAX_PATH = 2000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call an endpoint: everybody, everybody signed in, or whoever may ever hold `permission`.

    `before_enrolment` opens it to who has to set up a second factor first, as everything public is.
    """

    public: bool = False
    permission: Permission | None = None
    reason: str = ""
    before_enrolment: bool = False


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view for signed-in people of whom a role could give `permission`."""
    return _mark(Access(permission=permission))


def signed_in(reason: str, *, before_enrolment: bool = False) -> Callable[[View], View]:
    """Mark a view for everybody with a session, whatever the roles; `reason` tells reviewers why."""
    return _mark(Access(reason=reason, before_enrolment=before_enrolment))


def public(reason: str) -> Callable[[View], View]:
    """Mark a view for everybody; `reason` tells reviewers why."""
    return _mark(Access(public=True, reason=reason))


def find_access(app: Flask, endpoint: str) -> Access | None:
    """The mark of an endpoint, or None: then nobody may call it."""
    return getattr(app.view_functions[endpoint], _ATTRIBUTE, None)


def init_guards(app: Flask) -> None:
    """Check every request before anything else looks at it."""
    app.before_request(check_access)


def check_access() -> ResponseReturnValue | None:
    """Let the request through (None), send an anonymous visitor to the login page and who has to set up a second factor
    there, or refuse with 403.
    """
    if request.endpoint is None:
        return None  # no such address or method: Flask answers 404 or 405
    access = find_access(current_app, request.endpoint)
    if access is None:
        log.error("endpoint %s declares no access and was refused", request.endpoint)
        abort(403)
    if access.public:
        return None
    person = find_signed_in()
    if person is None:
        return redirect(url_for(LOGIN_ENDPOINT, lanjut=return_path()), 303)
    if person.must_enrol and not access.before_enrolment:
        return redirect(url_for(ENROLMENT_ENDPOINT), 303)
    if access.permission is not None and not may_ever(person.actor, access.permission):
        abort(403)
    return None


def local_path(candidate: str | None, default: str = "/") -> str:
    """`candidate` if it is a path on this portal, with or without a query; else `default`.

    Refuses whatever some browser reads as another host: schemes, doubled slashes, backslashes, and control characters,
    which browsers drop before they look.
    """
    if not candidate or len(candidate) > _MAX_PATH or not candidate.startswith("/"):
        return default
    if "\\" in candidate or any(ord(character) <= 0x20 or ord(character) == 0x7F for character in candidate):
        return default
    return default if "//" in candidate.split("?", 1)[0] else candidate


def return_path() -> str:
    """Where to come back after signing in: this page, or for a form that was sent, the page it was on."""
    if request.method in {"GET", "HEAD"}:
        return local_path(request.full_path.removesuffix("?"))
    try:
        referrer = urlsplit(request.referrer or "")
    except ValueError:  # a header that no browser sends, such as an unclosed [
        return "/"
    if referrer.netloc != request.host:
        return "/"
    return local_path(f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path)


def _mark(access: Access) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        setattr(view, _ATTRIBUTE, access)
        return view

    return decorate
