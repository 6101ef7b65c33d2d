"""What a database holds, digested, to see whether anything has changed; and SQLite's, set back to an earlier state."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from portal.db import db

PASSING = frozenset({"login_session", "login_throttle", "pending_login"})
"""Tables that remember requests themselves; of sessions their number counts."""


def contents_of(app: Flask) -> dict[str, str]:
    """A digest of all rows of each table, the trail's head among them; sessions and throttles are left out."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sha256("\n".join(sorted(map(repr, connection.execute(select(table))))).encode()).hexdigest()
            for table in db.metadata.sorted_tables
            if table.name not in PASSING
        }


def hiding(app: Flask) -> list[str]:
    """Tables with a text that holds a control, an invisible or a direction character."""
    with app.app_context(), db.engine.connect() as connection:
        return [
            table.name
            for table in db.metadata.sorted_tables
            if any(_hides(value) for row in connection.execute(select(table)) for value in row)
        ]


def _hides(value: object) -> bool:
    return isinstance(value, str) and any(unicodedata.category(c)[0] == "C" and c not in "\n\t" for c in value)


@contextmanager
def restored(app: Flask) -> Iterator[None]:
    """Set the application's SQLite database back to what it was before the block, and its signer's memory with it."""
    signer = Path(app.extensions["portal.settings"].signer)
    memory = signer.with_name("signer.copy")
    shutil.copytree(signer, memory, dirs_exist_ok=True)
    with app.app_context():
        file = Path(db.engine.url.database or "")
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = file.with_suffix(".copy")
        shutil.copyfile(file, copy)
    try:
        yield
    finally:
        with app.app_context():
            db.engine.dispose()
            for suffix in ("-wal", "-shm"):
                Path(f"{file}{suffix}").unlink(missing_ok=True)
            shutil.copyfile(copy, file)
        shutil.rmtree(signer)
        memory.rename(signer)
