"""The database schema: bringing it to the newest revision, and refusing to serve on another."""

from __future__ import annotations

import click
from flask_migrate import upgrade

from portal.cli.application import CannotRun, portal_application
from portal.db import db
from portal.models.schema_revision import find_revision
from portal.services.start_checks import schema_problems


@click.command("migrate")
def migrate_command() -> None:
    """Siapkan basis data: naikkan skemanya ke versi terbaru."""
    with portal_application():
        before = _current_revision()
        upgrade()
        after = _current_revision()
    click.echo("Skema basis data sudah terbaru." if before == after else f"Skema basis data naik ke {after}.")


def require_newest_schema() -> None:
    """Raise CannotRun unless the database is just at the revision that this code needs."""
    with db.engine.connect() as connection:
        if problems := list(schema_problems(connection)):
            raise CannotRun("\n".join(problems))


def _current_revision() -> str | None:
    with db.engine.connect() as connection:
        return find_revision(connection)
