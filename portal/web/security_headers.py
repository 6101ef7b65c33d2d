"""What every answer tells the browser about what it may load, keep and reveal.

A view that serves files of people sets its own, stricter Content-Security-Policy; it is left as it is.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from portal.web.assets import ENDPOINT as ASSET_ENDPOINT

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap draws its arrows and ticks as data: images
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    # Not no-referrer: on HTTPS the CSRF protection wants to see that a form came from this portal.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONE_YEAR_OF_HTTPS = "max-age=31536000"


def init_security_headers(app: Flask) -> None:
    app.after_request(add_security_headers)


def add_security_headers(response: Response) -> Response:
    """Add what the view did not set itself; nothing but assets may stay in any cache."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure or current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = ONE_YEAR_OF_HTTPS
    if request.endpoint != ASSET_ENDPOINT or response.status_code != 200:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response
