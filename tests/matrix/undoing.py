"""Sets a database back to what it was before a request that was allowed, so that each is tried on the same office."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol

from flask import Flask

from portal.db import db


class Undoing(Protocol):
    """A way to try something and take it back."""

    def undone(self) -> AbstractContextManager[None]:
        """Take back what happens in the block."""


class UndoingSqlite:
    """Keeps the office in memory and writes it back over whatever a request has made of the file."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self._file = db.engine.url.database or ""
        self._signer = Path(app.extensions["portal.settings"].signer)
        self._kept = sqlite3.connect(":memory:")

    def keep(self) -> None:
        """What is there now is what will be there again."""
        with closing(sqlite3.connect(self._file)) as live:
            live.backup(self._kept)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Take back what happens in the block, in the database and in the signer's memory."""
        memory = self._signer.with_name("signer.kept")
        shutil.copytree(self._signer, memory, dirs_exist_ok=True)
        try:
            yield
        finally:
            with closing(sqlite3.connect(self._file)) as live:
                live.execute("PRAGMA synchronous=OFF")
                self._kept.backup(live)
            shutil.rmtree(self._signer)
            memory.rename(self._signer)

    def close(self) -> None:
        self._kept.close()
