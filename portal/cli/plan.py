"""`portal import-plan`: hands a file to the import and tells what became of it, for people or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from portal.cli.application import portal_application
from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput
from portal.services.plan_differences import PlanDifference, PlanDiffers
from portal.services.plan_file import MAX_BYTES, PlanError, PlanFileInvalid, read_plan
from portal.services.plans import ImportOutcome, PlanImport, import_plan

_SENTENCES = {
    ImportOutcome.CREATED: "Rencana aksi {unit} tahun {year} diimpor.",
    ImportOutcome.WOULD_CREATE: "Uji coba: rencana aksi {unit} tahun {year} dapat diimpor. Belum ada yang disimpan.",
    ImportOutcome.UNCHANGED: "Rencana aksi {unit} tahun {year} sudah ada dan isinya sama. Tidak ada yang diubah.",
}

_HEADLINE_INVALID = "Rencana aksi ditolak; tidak ada yang disimpan. Perbaiki hal berikut, lalu impor lagi:"
_HEADLINE_DIFFERS = (
    "Unit ini sudah mempunyai rencana aksi lain untuk tahun itu; tidak ada yang diubah. "
    "Perubahan dilakukan di portal. Perbedaannya:"
)


@click.command("import-plan")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", "unit_code", required=True, metavar="KODE", help="Kode unit pemilik rencana.")
@click.option("--year", required=True, type=click.IntRange(2000, 2100), help="Tahun rencana.")
@click.option("--dry-run", is_flag=True, help="Periksa saja, jangan simpan.")
@click.option("--json", "as_json", is_flag=True, help="Jawab dengan satu objek JSON.")
def import_plan_command(file: Path, unit_code: str, year: int, *, dry_run: bool, as_json: bool) -> None:
    """Impor rencana aksi dari FILE (YAML), seluruhnya atau tidak sama sekali."""
    try:
        document = read_plan(_read(file))
        with portal_application():
            done = import_plan(
                actor=Actor.system("import-plan"),
                unit_code=unit_code,
                year=year,
                document=document,
                dry_run=dry_run,
                now=datetime.now(UTC),
            )
    except PlanFileInvalid as refused:
        _refuse("errors", _HEADLINE_INVALID, refused.errors, as_json=as_json)
    except InvalidInput as refused:
        _refuse("errors", _HEADLINE_INVALID, [PlanError(f"--{refused.field}", refused.message)], as_json=as_json)
    except PlanDiffers as refused:
        _refuse("differences", _HEADLINE_DIFFERS, refused.differences, as_json=as_json)
    click.echo(_as_json(done) if as_json else _as_text(done))


def _read(file: Path) -> bytes:
    """The file, or as much of it as shows that it is too large; raises PlanFileInvalid when it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"Berkas tidak dapat dibaca ({reason}). Periksa nama dan izinnya."
        raise PlanFileInvalid((PlanError(str(file), message),)) from error


def _refuse(kind: str, headline: str, complaints: Sequence[PlanError | PlanDifference], *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({kind: [asdict(complaint) for complaint in complaints]}))
    else:
        click.echo("\n".join([headline, *(f"- {complaint}" for complaint in complaints)]), err=True)
    raise click.exceptions.Exit(2)


def _as_json(done: PlanImport) -> str:
    return json.dumps(
        {
            "outcome": done.outcome.value,
            "unit": done.unit_code,
            "year": done.year,
            **asdict(done.totals),
            "warnings": [asdict(warning) for warning in done.warnings],
        }
    )


def _as_text(done: PlanImport) -> str:
    totals = done.totals
    return "\n".join(
        [
            _SENTENCES[done.outcome].format(unit=done.unit_code, year=done.year),
            f"{totals.areas} area, {totals.components} komponen, {totals.indicators} indikator, "
            f"{totals.requirements} bukti fisik, {totals.slots} slot waktu.",
            *(f"Perlu dicek, {warning.place}: {warning.message}" for warning in done.warnings),
        ]
    )
