"""A client's socket that gives up on a client who is too slow, whether he sends or reads."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from portal.cli.server.pace import Limits, Pace, TooSlow

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

Done = TypeVar("Done")

MOST_OF_A_HEAD = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"
LINGER_SECONDS = 1.0
LINGER_BYTES = 64 * 1024


class PacedSocket(socket.socket):
    """Waits no longer than `limits` allow; `begin` starts a request, and the server says what it is waiting for."""

    limits: Limits
    use_no_more: Callable[[], None]
    """Have the answer say that the connection ends with it; the server sets this for each request."""

    _receiving: Pace
    _sending: Pace
    _ahead = b""
    _has_lingered = False

    @classmethod
    def of(cls, plain: socket.socket, limits: Limits) -> PacedSocket:
        """The same connection; `plain` is empty from here on."""
        paced = cls(plain.family, plain.type, plain.proto, fileno=plain.detach())
        paced.setblocking(False)  # as gunicorn left it, which the new object does not know
        paced.limits = limits
        paced.begin()
        return paced

    def begin(self) -> None:
        """A request begins: first its head."""
        self._receiving, self._sending = Pace(self.limits.head), Pace(self.limits.answer)

    def expect_small_body(self) -> None:
        self._receiving = Pace(self.limits.small_body)

    def expect_large_body(self) -> None:
        self._receiving = Pace(self.limits.large_body)

    def has_head(self) -> bool:
        """Take what has come, without waiting, and say whether a thread can begin: the head is complete, too large, or
        will never be.
        """
        try:
            data = socket.socket.recv(self, MOST_OF_A_HEAD)
        except BlockingIOError:
            return False
        except OSError:
            return True
        self._ahead += data
        return not data or END_OF_HEAD in self._ahead or len(self._ahead) >= MOST_OF_A_HEAD

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        if self._ahead:
            data, self._ahead = self._ahead[:bufsize], self._ahead[bufsize:]
            return data
        return self._paced(self._receiving, lambda: socket.socket.recv(self, bufsize, flags), len)

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        rest = memoryview(data).cast("B")
        try:
            self._send_all(rest, flags)
        except TooSlow:
            self._forget_the_rest()
            raise

    def _send_all(self, rest: memoryview, flags: int) -> None:
        while rest:
            rest = rest[self._paced(self._sending, lambda: socket.socket.send(self, rest, flags), int) :]  # noqa: B023  # called at once

    def linger(self) -> None:
        """Say that no more will come, and wait a moment for the client to see it (RFC 9112 §9.6)."""
        if self._has_lingered:
            return
        deadline, drained = time.monotonic() + LINGER_SECONDS, 0
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_WR)
            while drained < LINGER_BYTES and (left := deadline - time.monotonic()) > 0:
                self.settimeout(left)
                got = len(socket.socket.recv(self, 4096))
                if not got:
                    break
                drained += got
        self._has_lingered = True

    def _forget_the_rest(self) -> None:
        """Let the system not keep, for a reader who has stopped, what he has not taken."""
        self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._has_lingered = True

    def shutdown(self, how: int) -> None:
        if self._has_lingered:
            raise OSError("already said")  # gunicorn closes at once then, and does not linger in its main thread
        super().shutdown(how)

    def _paced(self, pace: Pace, move: Callable[[], Done], count: Callable[[Done], int]) -> Done:
        """Send or receive what can be, within the pace and whatever timeout gunicorn has set."""
        given, left = self.gettimeout(), pace.seconds_left
        if left <= 0:
            raise TooSlow
        if given is None or given > left:
            self.settimeout(left)
        began, passed = time.monotonic(), 0
        try:
            done = move()
            passed = count(done)
        except TimeoutError:
            if given is None or given > left:
                raise TooSlow from None
            raise
        finally:
            pace.note(waited=time.monotonic() - began, passed=passed)
            self.settimeout(given)
        return done
