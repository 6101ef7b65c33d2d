"""A virus scanner: ClamAV's clamd, asked over its socket with INSTREAM (clamd(8)).

It is believed only after it has found two things that are sent before each file: the EICAR test file, which every
scanner with signatures knows, and an archive that is nested deeper than it may look, which it calls clean unless
`AlertExceedsMax` is on. Whatever else goes wrong is no answer, and no answer is not "clean".
"""

from __future__ import annotations

import socket
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from io import BytesIO
from typing import BinaryIO, Protocol

from portal.domain.errors import DomainError

CHUNK = 1 << 18
LONGEST_ANSWER = 4096
SECONDS = 60.0
NESTED = 120
"""Deeper than clamd can be told to look (`MaxRecursion` ends at 100)."""

_LENGTH = struct.Struct("!L")
_BEYOND_LIMITS = "Heuristics.Limits.Exceeded"
# In two halves, so that no scanner takes this file for the test file itself.
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class ScannerUnavailable(DomainError):
    """The scanner did not say what a file is; the message is for the operator."""


class Verdict(StrEnum):
    """What a scanner says of a file. Unscannable is what it could not look at whole."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNABLE = "unscannable"


class Scanner(Protocol):
    """Looks for viruses."""

    def scan(self, stream: BinaryIO) -> Verdict:
        """Read the stream from its beginning; raises ScannerUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Clamd:
    """clamd behind `address`: the path of its socket, or `host:port`."""

    address: str

    def scan(self, stream: BinaryIO) -> Verdict:
        """See `Scanner.scan`."""
        self.check()
        stream.seek(0)
        return self._ask(stream)

    def check(self) -> None:
        """Raise ScannerUnavailable unless clamd answers, has signatures, and tells what goes beyond its limits."""
        if self._ask(BytesIO(_EICAR)) is not Verdict.INFECTED:
            raise ScannerUnavailable("clamd does not know the EICAR test file: it has no signatures, run freshclam")
        if self._ask(BytesIO(_nested_archive())) is not Verdict.UNSCANNABLE:
            raise ScannerUnavailable("clamd calls clean what it did not look at: set AlertExceedsMax yes in clamd.conf")

    def _ask(self, stream: BinaryIO) -> Verdict:
        try:
            with self._connected() as clamd:
                clamd.sendall(b"zINSTREAM\0")
                while chunk := stream.read(CHUNK):
                    clamd.sendall(_LENGTH.pack(len(chunk)) + chunk)
                clamd.sendall(_LENGTH.pack(0))
                return _verdict(_answer(clamd))
        except OSError as error:
            raise ScannerUnavailable(f"clamd at {self.address}: {error}") from error

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        host, _, port = self.address.rpartition(":")
        if host and port.isdecimal():
            with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
                yield connection
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(SECONDS)
            connection.connect(self.address)
            yield connection


def _answer(clamd: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        received = clamd.recv(LONGEST_ANSWER)
        if not received:
            break
        said += received
    return said.rstrip(b"\0\n").decode("ascii", "replace")


def _verdict(said: str) -> Verdict:
    """Only the one sentence that means clean does so."""
    if said == "stream: OK":
        return Verdict.CLEAN
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return Verdict.UNSCANNABLE if _BEYOND_LIMITS in said else Verdict.INFECTED
    if said.startswith("INSTREAM size limit exceeded"):
        return Verdict.UNSCANNABLE
    raise ScannerUnavailable(f"clamd answered {said!r}")


@cache
def _nested_archive() -> bytes:
    content = b"innermost"
    for _ in range(NESTED):
        outer = BytesIO()
        with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.zip", content)
        content = outer.getvalue()
    return content
