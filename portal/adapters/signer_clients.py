"""The two ways to the signer: a unix socket on which it serves, or a process of its own for each question.

None of them reads a key. Both wait for a bounded time and read a bounded answer.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from portal.adapters.signer_wire import MAX_ANSWER_BYTES, WireSigner
from portal.config import PREFIX
from portal.domain.errors import SignerUnavailable

SECONDS = 20
"""An answer takes milliseconds, and a new process well under a second."""


class SocketSigner(WireSigner):
    """The signer that `portal signer serve` keeps running as another user."""

    def __init__(self, path: Path) -> None:
        super().__init__(self._over_socket)
        self._path = path

    def _over_socket(self, question: bytes) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(SECONDS)
                connection.connect(str(self._path))
                connection.sendall(question)
                with connection.makefile("rb") as answer:
                    return answer.readline(MAX_ANSWER_BYTES)
        except (OSError, AttributeError) as error:  # AttributeError: a Python without unix sockets, as on Windows
            raise SignerUnavailable(
                f"Penanda tangan tidak menjawab di {self._path} ({error}). Jalankan `portal signer serve`, "
                "atau periksa PORTAL_SIGNER dan hak atas soket itu."
            ) from error


class ProcessSigner(WireSigner):
    """The signer as a process that is started for one question: for one office PC, and for Windows."""

    def __init__(self, key_directory: Path) -> None:
        super().__init__(self._over_pipe)
        self._command = [sys.executable, "-P", "-m", "portal.signer", str(key_directory)]

    def _over_pipe(self, question: bytes) -> bytes:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        try:
            done = subprocess.run(  # noqa: S603  # a fixed command
                self._command, input=question, capture_output=True, timeout=SECONDS, env=environment, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SignerUnavailable(
                f"Proses penanda tangan gagal: {error}. Periksa direktori PORTAL_SIGNER."
            ) from error
        return done.stdout[:MAX_ANSWER_BYTES]
