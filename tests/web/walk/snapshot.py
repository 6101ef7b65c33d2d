"""The state of an office on SQLite, to which a test returns after something was changed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask
from sqlalchemy import make_url

from portal.db import db


class Snapshot:
    """Afterwards it is cheap to see what was written into the trail since, and possible to go back."""

    def __init__(self, app: Flask) -> None:
        settings = app.extensions["portal.settings"]
        self._app = app
        self._file = Path(make_url(settings.database_url).database or "")
        self._copy = self._file.with_suffix(".snapshot")
        self._signer = Path(settings.signer)
        self._memory = self._signer.with_name("signer.snapshot")
        with closing(sqlite3.connect(self._file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self._file, self._copy)
        shutil.copytree(self._signer, self._memory, dirs_exist_ok=True)
        self._size = self._size_of_the_trail()

    def events(self) -> list[str]:
        """The names of the events since; whatever changes is told by one."""
        with closing(sqlite3.connect(self._file)) as connection:
            rows = connection.execute("SELECT body FROM log_leaf WHERE seq >= ?", (self._size,)).fetchall()
        return [json.loads(body)["ev"]["type"] for (body,) in rows]

    def go_back(self) -> None:
        with self._app.app_context():
            db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self._copy, self._file)
        shutil.rmtree(self._signer)
        shutil.copytree(self._memory, self._signer)

    def _size_of_the_trail(self) -> int:
        with closing(sqlite3.connect(self._file)) as connection:
            return int(connection.execute("SELECT count(*) FROM log_leaf").fetchone()[0])
