"""An application of this process behind a port, for browsers."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@contextmanager
def served(app: Flask) -> Iterator[tuple[str, list[str]]]:
    """Its address, and the methods of the requests that it gets."""
    methods: list[str] = []
    at_work = threading.Lock()

    def noting(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with at_work:
            methods.append(environ["REQUEST_METHOD"])
            return app(environ, start_response)

    server = make_server("127.0.0.1", 0, noting, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.port}", methods
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        # Its threads are not joined: a browser's last request must not hold a connection that the fixture disposes of.
        at_work.acquire()
