"""`portal check`: everything that would keep the portal from starting, told without starting it."""

from __future__ import annotations

import sys

import click

from portal.cli.application import CannotRun, portal_application
from portal.services.start_checks import find_start_problems

PATCHED = {(3, 11): 14, (3, 12): 12, (3, 13): 10, (3, 14): 1}
"""The first patch level of each Python without the known faults of `zipfile`: CVE-2024-0450 and CVE-2025-8291."""


@click.command("check")
def check_command() -> None:
    """Periksa apakah portal dapat dijalankan. Selesai 2 dan menyebut setiap halangan bila belum."""
    with portal_application():
        if problems := find_start_problems():
            raise CannotRun("\n".join(problems))
    if warning := warn_of_python(*sys.version_info[:3]):
        click.echo(warning, err=True)
    click.echo("Portal siap dijalankan.")


def warn_of_python(major: int, minor: int, patch: int) -> str:
    """What to do about a Python with known faults; empty for one without. It is no reason not to start."""
    wanted = PATCHED.get((major, minor), 0)
    if patch >= wanted:
        return ""
    return (
        f"Peringatan: Python {major}.{minor}.{patch} memiliki kelemahan yang sudah diketahui saat membaca arsip. "
        f"Pasang {major}.{minor}.{wanted} atau yang lebih baru."
    )
