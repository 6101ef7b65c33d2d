"""`portal bundle`: sealing and writing a bundle as an auditor would get it, from the server's console."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click
from flask import current_app

from portal.adapters.signer import Signer
from portal.adapters.store import ObjectStore
from portal.cli.application import CannotRun, portal_application
from portal.cli.given import GIVEN, can_be_new
from portal.domain.actor import Actor
from portal.domain.errors import DomainError, InvalidInput, NotFound, Stale
from portal.services.bundles.delivery import open_bundle
from portal.services.bundles.page import BundleView, ReadyBundle, get_sealed
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.sealing import BundleUnfinished, seal_bundle
from portal.services.people import get_actor_by_email
from portal.services.sending import ByteRange
from portal.services.visible_plans import get_plan_id

UNFINISHED = (
    "Paket sudah disegel dalam catatan audit, tetapi penyimpanan atau penanda tangan checkpoint tidak menjawab, jadi "
    "berkasnya belum ada. Selesaikan dari halaman Paket bukti."
)


@click.group("bundle")
def bundle_group() -> None:
    """Paket bukti."""


@bundle_group.command("seal")
@click.option("--unit", "unit_code", required=True, metavar="KODE", help="Kode unit pemilik rencana.")
@click.option("--year", required=True, type=click.IntRange(2000, 2100), help="Tahun rencana.")
@click.option("--area", "area_code", type=GIVEN, metavar="KODE", help="Hanya area ini, misalnya II.")
@click.option("--indicator", "indicator_code", type=GIVEN, metavar="KODE", help="Hanya indikator ini, misalnya II.1.3.")
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
    for file in (out, _partial(out)):
        if not can_be_new(file):
            raise CannotRun(f"--out: {file} sudah ada, terlalu panjang, atau tanpa folder. Tidak ada yang disegel.")
    with portal_application():
        now = _now()
        try:
            actor = get_actor_by_email(email=email, now=now)
            plan_id = get_plan_id(actor=actor, unit_code=unit_code, year=year, now=now)
            scope = BundleScope(plan_id=plan_id, area_code=area_code, indicator_code=indicator_code)
            bundle_id = seal_bundle(actor=actor, scope=scope, store=_store(), signer=_signer(), now=now)
        except BundleUnfinished as unfinished:
            raise CannotRun(f"{UNFINISHED} ({unfinished.__cause__})") from unfinished
        except DomainError as refused:
            raise CannotRun(f"{_sentence(refused)} Tidak ada yang disegel.") from refused
        _write(actor, bundle_id, out)
        bundle = get_sealed(actor=actor, bundle_id=bundle_id, now=now)
    if bundle.ready:  # its bytes have just been written
        click.echo(json.dumps(_facts(bundle, bundle.ready, out)) if as_json else _story(bundle, bundle.ready, out))


def _partial(out: Path) -> Path:
    return Path(f"{out}.part")


def _store() -> ObjectStore:
    store: ObjectStore = current_app.extensions["portal.store"]
    return store


def _signer() -> Signer:
    signer: Signer = current_app.extensions["portal.signer"]
    return signer


def _sentence(refused: DomainError) -> str:
    if isinstance(refused, InvalidInput):
        return f"{refused.field}: {refused.message}"
    if isinstance(refused, NotFound):
        return "Rencana, area, atau indikator itu tidak ada dalam cakupan orang tersebut."
    if isinstance(refused, Stale):
        return "Bukti dalam cakupan ini terus berubah. Coba lagi sebentar lagi."
    return f"Basis data atau penyimpanan tidak dapat dipakai ({type(refused).__name__}: {refused})."


def _write(actor: Actor, bundle_id: UUID, out: Path) -> None:
    """A file that is whole or not there."""
    partial = _partial(out)
    try:
        delivery = open_bundle(
            actor=actor, bundle_id=bundle_id, wanted=ByteRange(), store=_store(), clock=_now, now=_now()
        )
        with partial.open("xb") as target:
            target.writelines(delivery.chunks)
        partial.rename(out)
    except (OSError, DomainError) as error:
        partial.unlink(missing_ok=True)
        raise CannotRun(
            f"Paket sudah disegel, tetapi tidak selesai ditulis: {error}. Berkas yang belum utuh sudah dihapus; "
            "unduh paketnya dari halaman Paket bukti."
        ) from error


def _facts(bundle: BundleView, ready: ReadyBundle, out: Path) -> dict[str, str | int]:
    return {
        "bundle": str(out),
        "id": str(bundle.bundle_id),
        "name": f"{bundle.name}.zip",
        "bytes": ready.size,
        "files": bundle.files,
        "left_out": bundle.left_out,
        "manifest_sha256": bundle.manifest_sha256,
        "log_size": bundle.log_size,
        "log_root": bundle.log_root,
        "checkpoint_size": ready.checkpoint_size,
        "checkpoint_root": ready.checkpoint_root,
    }


def _story(bundle: BundleView, ready: ReadyBundle, out: Path) -> str:
    return (
        f"Paket {bundle.name} ditulis ke {click.format_filename(out)}: "
        f"{bundle.files} berkas bukti, {ready.size} bita.\n"
        f"SHA-256 manifest-sha256.txt: {bundle.manifest_sha256}\n"
        f"Checkpoint: {ready.checkpoint_size} {ready.checkpoint_root}"
    )


def _now() -> datetime:
    return datetime.now(UTC)
