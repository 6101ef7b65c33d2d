"""Bodies that a service produces while they are sent, long after the view has returned."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app


def in_app_context(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same chunks, each produced in an application context of its own, which a service needs to record a failure.

    Flask's stream_with_context keeps the request's context open between chunks, and leaves it behind when a download
    is never begun or breaks off.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # of the proxy that current_app is

    def produced() -> Iterator[bytes]:
        while True:
            with app.app_context():
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk

    return produced()
