"""Every refusal and failure as a page, in one place: which status, which words.

A page says what happened, that nothing is lost, and the next step. It never shows an exception's own text, except the
sentence that InvalidInput was made to show.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    RequestedRangeNotSatisfiable,
    SecurityError,
)

from portal.adapters.scanner import ScannerUnavailable
from portal.adapters.store import ObjectTooLarge, StoreError, StoreUnavailable
from portal.domain.errors import (
    ConstraintViolated,
    DatabaseUnavailable,
    Denial,
    DomainError,
    IntegrityMismatch,
    InvalidInput,
    InvalidTransition,
    NotFound,
    NotPermitted,
    PasswordNotFresh,
    ProviderRefused,
    ProviderUnavailable,
    SignerRefused,
    SignerUnavailable,
    Stale,
    Throttled,
)
from portal.services.bundles.sealing import BundleUnfinished
from portal.services.plan_differences import PlanDiffers
from portal.web.guards import return_path

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Status and template of one kind of error."""

    status: int
    template: str


FORBIDDEN = ErrorPage(403, "errors/403.html")
NOT_FOUND = ErrorPage(404, "errors/404.html")
CONFLICT = ErrorPage(409, "errors/409.html")
TOO_LARGE = ErrorPage(413, "errors/413.html")
TOO_MANY = ErrorPage(429, "errors/429.html")
FAILED = ErrorPage(500, "errors/500.html")
UNAVAILABLE = ErrorPage(503, "errors/503.html")

PAGES: Mapping[type[DomainError], ErrorPage] = {
    NotPermitted: FORBIDDEN,
    NotFound: NOT_FOUND,
    PasswordNotFresh: FORBIDDEN,  # the auth feature has a page of its own for it
    InvalidInput: ErrorPage(400, "errors/invalid_input.html"),
    InvalidTransition: CONFLICT,
    Stale: CONFLICT,
    ConstraintViolated: CONFLICT,
    PlanDiffers: CONFLICT,
    Throttled: TOO_MANY,
    ProviderRefused: ErrorPage(403, "errors/provider_refused.html"),
    ProviderUnavailable: ErrorPage(503, "errors/provider_unavailable.html"),
    IntegrityMismatch: ErrorPage(500, "errors/integrity.html"),
    ObjectTooLarge: TOO_LARGE,
    DatabaseUnavailable: UNAVAILABLE,
    BundleUnfinished: UNAVAILABLE,
    SignerRefused: FAILED,
    SignerUnavailable: UNAVAILABLE,
    StoreUnavailable: UNAVAILABLE,
    ScannerUnavailable: UNAVAILABLE,
    StoreError: FAILED,
}

HTTP_PAGES = {
    400: ErrorPage(400, "errors/400.html"),
    403: FORBIDDEN,
    404: NOT_FOUND,
    405: ErrorPage(405, "errors/405.html"),
    408: ErrorPage(408, "errors/408.html"),
    409: CONFLICT,
    413: TOO_LARGE,
    429: TOO_MANY,
    503: UNAVAILABLE,
}
RETRY_AFTER_SECONDS = 30


def init_error_handlers(app: Flask) -> None:
    """Map domain errors, HTTP errors and everything unforeseen."""
    app.register_error_handler(DomainError, show_domain_error)
    app.register_error_handler(CSRFError, show_expired_form)
    app.register_error_handler(SecurityError, show_wrong_host)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(InternalServerError, show_crash)
    app.log_exception = log_crash  # type: ignore[method-assign]  # Flask's own tells the address, which may hold a token


def page_for(error: DomainError) -> ErrorPage:
    """The page of the nearest known class; an error that nobody placed is a failure of ours."""
    if isinstance(error, NotPermitted) and error.denial is Denial.OUT_OF_SCOPE:
        return NOT_FOUND  # what lies outside one's scope is answered like what does not exist
    return next((PAGES[kind] for kind in type(error).__mro__ if kind in PAGES), FAILED)


def show_domain_error(error: DomainError) -> ResponseReturnValue:
    """The page of a refusal, with the sentence that may be shown."""
    page = page_for(error)
    if page.status >= 500:
        return show_failure(error, page)
    if isinstance(error, InvalidInput):
        return render_template(page.template, sentence=error.message), page.status
    if isinstance(error, ProviderRefused):
        return render_template(page.template, sentence=str(error)), page.status
    if isinstance(error, NotPermitted):
        return render_template(page.template, denial=error.denial), page.status
    if isinstance(error, Throttled):
        return (
            render_template(page.template, seconds=error.retry_after),
            page.status,
            {"Retry-After": str(error.retry_after)},
        )
    return render_template(page.template), page.status


def show_expired_form(error: CSRFError) -> ResponseReturnValue:
    """The form's token belongs to a session that has ended, or the form came from somewhere else."""
    log.info("form refused: %s", error.description)
    return render_template("errors/expired_form.html", back=return_path()), 400


def show_wrong_host(error: SecurityError) -> ResponseReturnValue:
    """The request names a host that is not ours. There is no router then, so the page has links to nowhere."""
    log.warning("%s Name it in PORTAL_TRUSTED_HOSTS if it is the portal's.", error.description)
    return render_template("errors/wrong_host.html"), 400


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """A page for every status from 400; redirects pass as they are."""
    if error.code is None or error.code < 400:
        return error
    page = HTTP_PAGES.get(error.code, HTTP_PAGES[400])
    if page is UNAVAILABLE:
        return show_failure(error, page)
    return render_template(page.template), error.code, _headers(error)


def _headers(error: HTTPException) -> dict[str, str]:
    """What the standard wants beside the status: RFC 9110 §15.5.6 and §15.5.17."""
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.valid_methods or ())}
    if isinstance(error, RequestedRangeNotSatisfiable):
        return {"Content-Range": f"bytes */{error.length}"}
    return {}


def log_crash(exc_info: Any) -> None:
    """An exception that nobody expected, with its traceback."""
    log.error("crash in %s", request.endpoint, exc_info=exc_info)


def show_crash(error: InternalServerError) -> ResponseReturnValue:
    """An exception that nobody expected; `log_crash` has logged it with its traceback."""
    return show_failure(error.original_exception or error, FAILED)


def show_failure(error: BaseException, page: ErrorPage) -> ResponseReturnValue:
    """A failure of ours: logged under a code that the page shows, so that a report finds its line in the log.

    The page asks neither database nor session: they may be what failed.
    """
    code = secrets.token_hex(4).upper()
    said = error if isinstance(error, DomainError) else "see the crash logged before"
    log.error("failure %s: %s: %s", code, type(error).__name__, said)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if page.status == UNAVAILABLE.status else {}
    return render_template(page.template, code=code), page.status, headers
