"""`portal sweep`: removes objects that no row knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
from flask import current_app

from portal.adapters.store import StoreError
from portal.cli.application import CannotRun, portal_application
from portal.domain.actor import Actor
from portal.services.sweeping import SweepReport, sweep


@click.command("sweep")
@click.option("--dry-run", is_flag=True, help="Sebutkan saja, jangan hapus.")
@click.option("--json", "as_json", is_flag=True, help="Jawab dengan satu objek JSON.")
def sweep_command(*, dry_run: bool, as_json: bool) -> None:
    """Hapus objek lebih dari sehari yang tidak dikenal basis data (sisa unggahan yang terputus)."""
    with portal_application():
        try:
            report = sweep(
                actor=Actor.system("sweep"),
                store=current_app.extensions["portal.store"],
                dry_run=dry_run,
                now=datetime.now(UTC),
            )
        except StoreError as error:
            raise CannotRun(f"Penyimpanan tidak dapat dibaca: {error}. Tidak ada yang dihapus lagi.") from error
    click.echo(_as_json(report, dry_run=dry_run) if as_json else _as_text(report, dry_run=dry_run))


def _as_json(report: SweepReport, *, dry_run: bool) -> str:
    return json.dumps(
        {
            "dry_run": dry_run,
            "known": report.known,
            "young": report.young,
            "swept": list(report.swept),
            "kept_by_store": list(report.kept_by_store),
            "throttle_windows": report.windows,
        }
    )


def _as_text(report: SweepReport, *, dry_run: bool) -> str:
    verb = "akan dihapus" if dry_run else "dihapus"
    lines = [f"{report.known} objek dikenal, {report.young} masih baru, {len(report.swept)} {verb}."]
    lines += [f"  {key}" for key in report.swept]
    lines += [f"  {key}: ditahan penyimpanan" for key in report.kept_by_store]
    lines.append(f"{report.windows} hitungan percobaan masuk yang sudah lewat {verb}.")
    return "\n".join(lines)
