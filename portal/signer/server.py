"""The signer as a service on a unix socket: one question a connection, each answered or dropped within a bound.

Whoever may write to the socket may ask; that is decided by the mode and the group of the file, and the desk trusts
nobody for it.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from stat import S_ISSOCK
from typing import TYPE_CHECKING

from portal.adapters.signer_wire import MAX_QUESTION_BYTES, answer
from portal.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from portal.adapters.signer import Signer

PATIENCE_SECONDS = 10.0
MAX_CONNECTIONS = 32
NOT_FOR_OTHERS = 0o117
"""The umask under which the socket appears: user and group may ask."""


@dataclass(slots=True)
class _Attendant:
    """Answers connections on behalf of the desk, and counts them."""

    desk: Signer
    patience: float
    open: int = 0

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One question, one answer. Who is slow, sends too much or goes away is dropped without one."""
        self.open += 1
        try:
            if self.open <= MAX_CONNECTIONS:
                with suppress(TimeoutError, ValueError, OSError):  # ValueError: no end of line within the limit
                    async with asyncio.timeout(self.patience):
                        writer.write(answer(self.desk, await reader.readline()))
                        await writer.drain()
        finally:
            self.open -= 1
            writer.close()


def serve(desk: Signer, path: Path, *, on_listening: Callable[[], None]) -> None:
    """Answer on the socket until the process is stopped; raises InvalidInput when nothing can listen there."""

    async def run() -> None:
        async with await open_server(desk, path) as server:
            on_listening()
            await server.serve_forever()

    asyncio.run(run())


async def open_server(desk: Signer, path: Path, *, patience: float = PATIENCE_SECONDS) -> asyncio.Server:
    """A server that listens; a connection is held for `patience` seconds at most. Raises InvalidInput."""
    umask = os.umask(NOT_FOR_OTHERS)
    try:
        _clear(path)
        attendant = _Attendant(desk, patience)
        return await asyncio.start_unix_server(attendant.attend, path, limit=MAX_QUESTION_BYTES)
    except (OSError, ValueError) as error:
        raise InvalidInput("socket", f"{path} tidak dapat dipakai sebagai soket: {error}.") from error
    finally:
        os.umask(umask)


def _clear(path: Path) -> None:
    """Remove the socket of a signer that has ended; raises OSError when one still listens or it is something else."""
    if not path.exists():
        return
    if not S_ISSOCK(path.stat().st_mode):
        raise FileExistsError("di situ ada berkas lain")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(str(path)) == 0:
            raise FileExistsError("penanda tangan lain masih mendengarkan di situ")
    path.unlink()
