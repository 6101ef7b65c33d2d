"""The database schema: bringing it to the newest revision, and refusing to serve on another."""

from __future__ import annotations

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade

from portal.cli.application import CannotRun, portal_application
from portal.db import db


@click.command("migrate")
def migrate_command() -> None:
    """Siapkan basis data: naikkan skemanya ke versi terbaru."""
    with portal_application():
        before = current_revision()
        upgrade()
        after = current_revision()
    click.echo("Skema basis data sudah terbaru." if before == after else f"Skema basis data naik ke {after}.")


def require_newest_schema() -> None:
    """Raise CannotRun unless the database is just at the revision that this code needs."""
    found, needed = current_revision(), newest_revision()
    if found != needed:
        raise CannotRun(
            f"Skema basis data {found or 'belum ada'}, yang diperlukan {needed}. Jalankan `portal migrate` dulu."
        )


def current_revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    return ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
