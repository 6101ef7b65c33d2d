"""gunicorn with settings given here and from nowhere else, and with threads that no slow client keeps."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterable, Mapping
from functools import partial
from selectors import EVENT_READ
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker
from werkzeug.exceptions import BadRequest, RequestTimeout

from portal import create_app
from portal.cli.server.pace import Limits, TooSlow
from portal.cli.server.paced_socket import PacedSocket
from portal.logs import SERVER_LOGGING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

WORKERS = 2
THREADS = 32
"""Few threads are taken by a few slow phones, and then the site stands still."""

TIMEOUT_SECONDS = 120
LARGE_BODY = "portal.expect_large_body"
"""Where the web finds what to call once it has let in a large body."""


def serve_with_gunicorn(address: str, *, limits: Limits | None = None) -> None:
    """Serve on `address`, written as `host:port`, until stopped."""
    Server(address, limits or Limits()).run()


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """The portal as gunicorn loads it, once a worker."""

    def __init__(self, address: str, limits: Limits) -> None:
        self.address, self.limits = address, limits
        super().__init__()

    def load_config(self) -> None:
        for name, value in gunicorn_settings(self.address).items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        return paced(create_app())

    def run(self) -> None:
        PatientArbiter(self).run()


def gunicorn_settings(address: str) -> Mapping[str, object]:
    """Access is not logged here: addresses are personal data, and the trail has what must be kept."""
    return {
        "bind": address,
        "worker_class": PacedWorker,
        "workers": WORKERS,
        "threads": THREADS,
        "timeout": TIMEOUT_SECONDS,
        "graceful_timeout": 30,
        "keepalive": 15,  # the time of a whole head, too
        "limit_request_line": 4094,
        "limit_request_fields": 64,
        "limit_request_field_size": 8190,
        "pre_request": let_the_view_ask_for_the_body,
        "accesslog": None,
        "forwarded_allow_ips": "",  # which proxies are believed is PORTAL_PROXY_HOPS' business alone
        "loglevel": "warning",
        "logconfig_dict": SERVER_LOGGING,
        "control_socket_disable": True,
    }


class PatientArbiter(Arbiter):  # type: ignore[misc]  # gunicorn ships no types
    """Lets no signal be lost on a worker that has just been forked and still has its parent's handlers: it would not
    stop, and be killed only at the end of the graceful timeout.
    """

    def spawn_worker(self) -> object:
        signal.pthread_sigmask(signal.SIG_BLOCK, self.SIGNALS)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self.SIGNALS)


class PacedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Threads that wait for a client only as long as the server's limits allow."""

    def init_signals(self) -> None:
        """What came since the fork is delivered now, to the worker's own handlers."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, Arbiter.SIGNALS)

    def enqueue_req(self, conn: TConn) -> None:
        """Let a new connection wait in the poller until it has said what it wants, and no thread with it."""
        if isinstance(conn.sock, PacedSocket):
            super().enqueue_req(conn)
            return
        conn.sock = PacedSocket.of(conn.sock, self.app.limits)
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: TConn, client: PacedSocket) -> None:
        if conn.sock.has_head():
            super().on_pending_socket_readable(conn, client)

    def on_client_socket_readable(self, conn: TConn, client: PacedSocket) -> None:
        if conn.sock.has_head():
            super().on_client_socket_readable(conn, client)

    def handle(self, conn: TConn) -> object:
        """One request. The farewell is waited for here: in the main thread, where gunicorn would do it, a client that
        keeps its end open would stop everybody else.
        """
        conn.sock.begin()
        goes_on = super().handle(conn)
        if goes_on is False:
            conn.sock.linger()
        return goes_on

    def handle_request(self, req: Any, conn: TConn) -> object:
        conn.sock.expect_small_body()
        conn.sock.use_no_more = req.force_close
        return super().handle_request(req, conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """A worker that is to stop waits no longer for those who have not said what they want, either."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)


def let_the_view_ask_for_the_body(worker: object, req: Any) -> None:  # noqa: ARG001  # the signature is gunicorn's
    """Do not answer `Expect: 100-continue` before somebody reads the body: what is refused need not be sent at all
    (RFC 9110 §10.1.1). The connection is not used again, for whether the body comes then is the client's choice.
    """
    if req._expected_100_continue:
        req._expected_100_continue = False
        req.force_close()


def paced(app: WSGIApplication) -> WSGIApplication:
    """The application, which can ask for patience with a large body and is told of a client that is too slow."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        client: PacedSocket = environ["gunicorn.socket"]
        environ[LARGE_BODY] = client.expect_large_body
        waits = environ.get("HTTP_EXPECT", "").lower() == "100-continue" and environ["SERVER_PROTOCOL"] != "HTTP/1.0"
        environ["wsgi.input"] = PacedBody(environ["wsgi.input"], client, waits=waits)
        return app(environ, start_response)

    return application


class PacedBody(io.RawIOBase):
    """A request's body: asked for at the first read if the client waits to be asked, and 408 if it comes too slowly."""

    def __init__(self, body: InputStream, client: PacedSocket, *, waits: bool) -> None:
        self._body, self._client, self._waits = body, client, waits

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self._waits:
            self._waits = False
            self._client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        room = memoryview(buffer)
        try:
            data = self._body.read(len(room))
        except (TooSlow, ParseException) as error:  # the latter is a broken chunk: no fault of ours
            self._client.use_no_more()
            raise (RequestTimeout if isinstance(error, TooSlow) else BadRequest) from error
        room[: len(data)] = data
        return len(data)
