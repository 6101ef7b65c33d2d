"""Requests written byte by byte to a real server, and what it answers."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

SECONDS = 20.0
"""When a test gives up; no assertion depends on it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def is_from_the_portal(self) -> bool:
        """Whether the application made it, and not the server in front of it."""
        return "Content-Security-Policy" in self.headers


class Wire:
    """One connection."""

    def __init__(self, port: int, *, receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(SECONDS)
        self.socket.connect(("127.0.0.1", port))
        self.received = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def push(self, data: bytes, times: int) -> int:
        """Send `data` again and again until the server closes; the number of bytes that could be sent."""
        sent = 0
        with contextlib.suppress(ConnectionError, TimeoutError):
            for _ in range(times):
                self.socket.sendall(data)
                sent += len(data)
        return sent

    def hang_up(self) -> None:
        """Say that no more will come, and listen on."""
        self.socket.shutdown(socket.SHUT_WR)

    def answers(self) -> list[Answer]:
        """Every answer until the server closes the connection."""
        with contextlib.suppress(ConnectionResetError):
            while data := self.socket.recv(65536):
                self.received += data
        found, rest = [], self.received
        while rest:
            answer, rest = _first_answer(rest)
            found.append(answer)
        return found

    def answer(self) -> Answer:
        """The only answer; the server closes after it."""
        (answer,) = self.answers()
        return answer

    def close(self) -> None:
        self.socket.close()


@contextlib.contextmanager
def wire(port: int, *, receive_buffer: int = 0) -> Iterator[Wire]:
    """A connection that is closed in the end."""
    connection = Wire(port, receive_buffer=receive_buffer)
    try:
        yield connection
    finally:
        connection.close()


def ask(port: int, request: bytes) -> Answer:
    """The only answer to a request after which the server closes."""
    with wire(port) as connection:
        connection.send(request)
        return connection.answer()


def _first_answer(data: bytes) -> tuple[Answer, bytes]:
    head, _, rest = data.partition(b"\r\n\r\n")
    line, _, fields = head.partition(b"\r\n")
    headers = http.client.parse_headers(BytesIO(fields + b"\r\n\r\n"))
    length = int(headers.get("Content-Length", len(rest) if line.split()[1] != b"100" else 0))
    return Answer(int(line.split()[1]), headers, rest[:length]), rest[length:]
