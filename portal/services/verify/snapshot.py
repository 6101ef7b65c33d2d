"""One moment of the whole database: however long the reading takes, every query sees the same."""

from __future__ import annotations

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
        yield session
