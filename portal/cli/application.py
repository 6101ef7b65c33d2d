"""The portal as a command works in it: settings checked, database reachable, or a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal import create_app
from portal.config import ConfigInvalid, Settings
from portal.db import db
from portal.domain.errors import DatabaseUnavailable


class CannotRun(click.ClickException):
    """Nothing was done; the message says why and what to do next."""

    exit_code = 2

    def show(self, file: object = None) -> None:  # noqa: ARG002  # click's interface
        click.echo(self.message, err=True)


@contextmanager
def portal_application(settings: Settings | None = None) -> Iterator[None]:
    """Push the context of the portal that the settings (by default the environment's) describe; raises CannotRun when
    it cannot start or has no usable database.
    """
    try:
        app = create_app(settings)
    except ConfigInvalid as error:
        raise CannotRun("\n".join(error.problems)) from error
    with app.app_context():
        try:
            yield
        except (DatabaseUnavailable, OperationalError, ProgrammingError) as error:
            raise CannotRun(_NOT_ALLOWED if _is_refusal(error) else _NO_DATABASE) from error
        finally:
            db.engine.dispose()


_NO_DATABASE = (
    "Basis data tidak terjangkau atau belum disiapkan; tidak ada yang diubah. "
    "Periksa PORTAL_DATABASE_URL dan jalankan `portal migrate`."
)
_NOT_ALLOWED = (
    "Peran basis data ini tidak berhak melakukannya; tidak ada yang diubah. `portal migrate` dan `portal database "
    "roles` memakai PORTAL_MIGRATION_DATABASE_URL, perintah lain PORTAL_DATABASE_URL dengan peran …_app."
)


def _is_refusal(error: Exception) -> bool:
    """Whether PostgreSQL answered insufficient_privilege."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == "42501"
