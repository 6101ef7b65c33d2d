"""`portal sbom`: what this installation is made of, for whoever has to answer for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from portal.services.bill_of_materials import bill_of_materials, list_components


@click.command("sbom")
@click.option("--licences", "only_licences", is_flag=True, help="Hanya nama, versi, dan lisensi, sebagai tabel.")
def sbom_command(*, only_licences: bool) -> None:
    """Tulis daftar komponen perangkat lunak (SBOM) sebagai CycloneDX 1.5."""
    if not only_licences:
        click.echo(json.dumps(bill_of_materials(now=datetime.now(UTC)), indent=2))
        return
    for each in list_components():
        click.echo(f"{each.name:<24} {each.version:<12} {each.licence}")
