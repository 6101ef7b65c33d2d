"""`portal unit`: the tree of units."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from portal.cli.application import CannotRun, portal_application
from portal.cli.given import GIVEN
from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput
from portal.services.units import add_unit


@click.group("unit")
def unit_group() -> None:
    """Unit kerja."""


@unit_group.command("add")
@click.argument("code", metavar="KODE")
@click.option("--name", required=True, help="Nama lengkap unit.")
@click.option("--under", type=GIVEN, metavar="KODE", help="Kode unit di atasnya.")
@click.option("--timezone", type=GIVEN, metavar="ZONA", help="Misalnya Asia/Jakarta; tanpa ini zona unit di atasnya.")
def add_unit_command(code: str, name: str, under: str | None, timezone: str | None) -> None:
    """Tambahkan unit kerja KODE."""
    with portal_application():
        try:
            unit = add_unit(
                actor=Actor.system("cli"), code=code, name=name, under=under, timezone=timezone, now=datetime.now(UTC)
            )
        except InvalidInput as refused:
            raise CannotRun(f"{refused.field}: {refused.message} Tidak ada yang disimpan.") from refused
    click.echo(f"Unit {unit.code} ditambahkan: {unit.path}")
