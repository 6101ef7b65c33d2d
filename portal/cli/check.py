"""`portal check`: everything that would keep the portal from starting, told without starting it."""

from __future__ import annotations

import click

from portal.cli.application import CannotRun, portal_application
from portal.services.start_checks import find_start_problems


@click.command("check")
def check_command() -> None:
    """Periksa apakah portal dapat dijalankan. Selesai 2 dan menyebut setiap halangan bila belum."""
    with portal_application():
        if problems := find_start_problems():
            raise CannotRun("\n".join(problems))
    click.echo("Portal siap dijalankan.")
