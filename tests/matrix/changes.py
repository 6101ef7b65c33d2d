"""Whether a request changed anything: the statements that it committed, and the whole database digested.

The first names the request at once, the second believes nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import Connection, event

from portal.db import db
from tests.web.walk.contents import PASSING

_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)


class Changes:
    """Tables that were written to and committed since they were last taken."""

    def __init__(self) -> None:
        self._committed: set[str] = set()

    def take(self) -> set[str]:
        """The tables, but for those that remember requests themselves."""
        taken, self._committed = self._committed - PASSING, set()
        return taken

    def note(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        found = _WRITES.match(statement)
        if found:
            connection.info.setdefault("written", set()).add(found[1].lower())

    def keep(self, connection: Connection) -> None:
        self._committed |= connection.info.pop("written", set())

    def drop(self, connection: Connection) -> None:
        connection.info.pop("written", None)


@contextmanager
def watched(app: Flask) -> Iterator[Changes]:
    """Watch the application's database in the block."""
    changes = Changes()
    with app.app_context():
        engine = db.engine
    listeners = (("before_cursor_execute", changes.note), ("commit", changes.keep), ("rollback", changes.drop))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield changes
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)
