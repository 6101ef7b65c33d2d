"""The one way into the database: a transaction that commits once when all went well and rolls back whenever anything
did not.

Events recorded on the way are appended to the trail last, inside the same transaction and under the log's lock;
callbacks run after the commit. Any other commit is refused, so that no change can slip past the trail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from portal.db import WRITE_OPTION, db
from portal.domain.errors import ConstraintViolated, DatabaseUnavailable, InvalidInput
from portal.services import audit
from portal.services.constraint_names import find_constraint

UNSTORABLE = "Ada tanda yang tidak dapat disimpan di dalam isian. Ketik ulang tanpa menyalin; tidak ada yang berubah."
"""For what no field check foresaw: a NUL, half a character, a number beyond its column."""

_COMMITTING = "portal.committing"
_AFTER_COMMIT = "portal.after_commit"


class TransactionOpen(RuntimeError):
    """A transaction is open already: the caller held on to one, and its reads would silently void the write lock."""


class CommitOutsideTransaction(RuntimeError):
    """Somebody called commit() on their own."""


class NoTransactionOpen(RuntimeError):
    """There is no commit ahead that a callback could wait for."""


@contextmanager
def transaction(*, write: bool = True) -> Iterator[Session]:
    """Open the session's only transaction; commit on success if `write`, else roll back.

    Raises TransactionOpen when nested, ConstraintViolated when the database refuses a row by a named rule,
    DatabaseUnavailable when it does not answer, InvalidInput for a value that it cannot hold; and, when all is kept
    already, an ExceptionGroup of what callbacks raised.
    """
    session = db.session()
    if session.in_transaction():
        raise TransactionOpen
    callbacks: list[Callable[[], None]] = []
    session.info[_AFTER_COMMIT] = callbacks
    try:
        session.connection(execution_options={WRITE_OPTION: write})
        yield session
        if write:
            _commit(session)
    except IntegrityError as error:
        raise ConstraintViolated(find_constraint(error)) from error
    except (OperationalError, PoolTimeout) as error:
        raise DatabaseUnavailable from error
    except (DataError, UnicodeEncodeError) as error:
        raise InvalidInput("text", UNSTORABLE) from error
    finally:
        _forget(session)
    _run_all(callbacks)


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Run `callback` once the change is durable; it is dropped if the transaction rolls back.

    Raises NoTransactionOpen outside of one.
    """
    callbacks: list[Callable[[], None]] | None = session.info.get(_AFTER_COMMIT)
    if callbacks is None:
        raise NoTransactionOpen
    callbacks.append(callback)


def _run_all(callbacks: list[Callable[[], None]]) -> None:
    """Each has its turn, whatever another one raises."""
    failures: list[Exception] = []
    for callback in callbacks:
        try:
            callback()
        except Exception as failure:  # noqa: BLE001  # all are raised below
            failures.append(failure)
    if failures:
        raise ExceptionGroup("after a commit", failures)


def _commit(session: Session) -> None:
    session.flush()
    audit.append_recorded(session)
    session.info[_COMMITTING] = True
    session.commit()


def _forget(session: Session) -> None:
    """Leave nothing behind: no open transaction, no recorded events, no loaded objects that could be read later."""
    session.info.pop(_COMMITTING, None)
    session.info.pop(_AFTER_COMMIT, None)
    audit.drop_recorded(session)
    session.rollback()
    session.expunge_all()
    session.close()


@event.listens_for(Session, "before_commit")
def _refuse_stray_commit(session: Session) -> None:
    if not session.info.get(_COMMITTING):
        raise CommitOutsideTransaction
