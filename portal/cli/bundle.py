"""`portal bundle`: sealing and writing a bundle as an auditor would get it, from the server's console."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from portal.cli.application import CannotRun, portal_application
from portal.domain.errors import DomainError, InvalidInput, NotFound
from portal.services.bundle_contents import BundleScope
from portal.services.bundle_delivery import ByteRange, Delivery, open_bundle
from portal.services.bundle_sealing import seal_bundle
from portal.services.people import get_actor_by_email
from portal.services.visible_plans import get_plan_id


@click.group("bundle")
def bundle_group() -> None:
    """Paket bukti."""


@bundle_group.command("seal")
@click.option("--unit", "unit_code", required=True, metavar="KODE", help="Kode unit pemilik rencana.")
@click.option("--year", required=True, type=click.IntRange(2000, 2100), help="Tahun rencana.")
@click.option("--area", "area_code", metavar="KODE", help="Hanya area ini, misalnya II.")
@click.option("--indicator", "indicator_code", metavar="KODE", help="Hanya indikator ini, misalnya II.1.3.")
@click.option("--as", "email", required=True, metavar="EMAIL", help="Auditor atau Ketua TPI yang menyegel.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Berkas ZIP yang ditulis.")
@click.option("--json", "as_json", is_flag=True, help="Jawab dengan satu objek JSON.")
def seal_command(
    unit_code: str,
    year: int,
    area_code: str | None,
    indicator_code: str | None,
    email: str,
    out: Path,
    *,
    as_json: bool,
) -> None:
    """Segel paket dan tulis ke berkas OUT."""
    if out.exists():
        raise CannotRun(f"--out: {out} sudah ada. Pilih nama lain; tidak ada yang disegel.")
    with portal_application():
        try:
            delivery = _seal(unit_code, year, area_code, indicator_code, email)
        except InvalidInput as refused:
            raise CannotRun(f"{refused.field}: {refused.message} Tidak ada yang disegel.") from refused
        except NotFound as refused:
            raise CannotRun(
                "Rencana, area, atau indikator itu tidak ada dalam cakupan orang tersebut. Tidak ada yang disegel."
            ) from refused
        _write(delivery, out)
    answer = {"bundle": str(out), "bytes": delivery.size, "name": delivery.name}
    click.echo(json.dumps(answer) if as_json else f"Paket {delivery.name} ditulis ke {out} ({delivery.size} bita).")


def _seal(unit_code: str, year: int, area_code: str | None, indicator_code: str | None, email: str) -> Delivery:
    now = datetime.now(UTC)
    actor = get_actor_by_email(email=email, now=now)
    store = current_app.extensions["portal.store"]
    plan_id = get_plan_id(actor=actor, unit_code=unit_code, year=year, now=now)
    scope = BundleScope(plan_id=plan_id, area_code=area_code, indicator_code=indicator_code)
    bundle_id = seal_bundle(actor=actor, scope=scope, store=store, now=now)
    return open_bundle(actor=actor, bundle_id=bundle_id, wanted=ByteRange(), store=store, now=datetime.now(UTC))


def _write(delivery: Delivery, out: Path) -> None:
    """A file that is whole or not there."""
    partial = out.with_name(f"{out.name}.part")
    try:
        with partial.open("xb") as target:
            target.writelines(delivery.chunks)
        partial.rename(out)
    except (OSError, DomainError) as error:
        partial.unlink(missing_ok=True)
        raise CannotRun(f"Paket tidak selesai ditulis: {error}. Berkas yang belum utuh sudah dihapus.") from error
