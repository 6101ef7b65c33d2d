"""One moment of the whole database: however long the reading takes, every query sees the same.

And whatever lies in a column can be read: SQLite knows neither types nor encodings, so there may be anything.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.services.unit_of_work import transaction


@contextmanager
def snapshot() -> Iterator[Session]:
    """A reading transaction on one snapshot. SQLite's are always so; on PostgreSQL it must be asked for, else a change
    in between would look like a row that no event explains.
    """
    with transaction(write=False) as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        with any_text_read(session):
            yield session


@contextmanager
def any_text_read(session: Session) -> Iterator[None]:
    """Let text that is no UTF-8 be read with replacements, which no hash agrees with, instead of stopping the check."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, sqlite3.Connection):
        yield
        return
    usual, connection.text_factory = connection.text_factory, read_text
    try:
        yield
    finally:
        connection.text_factory = usual


def read_text(value: object) -> str:
    """The text in a column that ought to hold one."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
