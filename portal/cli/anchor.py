"""`portal checkpoint anchor` and `print`: the newest signed checkpoint, to where nobody who runs the portal can change
it.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from portal.cli.application import CannotRun, portal_application
from portal.cli.given import can_be_new
from portal.config import ConfigInvalid, Settings
from portal.domain.actor import Actor
from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.domain.errors import InvalidInput, SignerRefused
from portal.services.anchors.anchoring import AnchorRound, AnchorView, anchor_checkpoint
from portal.services.anchors.open_places import open_places
from portal.services.anchors.printing import PrintedCheckpoint, print_checkpoint

WORDS = {
    AnchorKind.PAPER: "halaman tercetak",
    AnchorKind.MAIL: "surel",
    AnchorKind.STORE: "penyimpanan terkunci",
    AnchorKind.TIMESTAMP: "stempel waktu",
}
ACTOR = Actor.system("anchor")


@click.command("anchor")
@click.option("--json", "as_json", is_flag=True, help="Jawab dengan satu objek JSON.")
def anchor_command(*, as_json: bool) -> None:
    """Simpan checkpoint terbaru ke semua tempat di PORTAL_ANCHORS yang belum menyimpannya. Selesai 1 bila ada yang
    gagal; putaran berikut mencobanya lagi.
    """
    with portal_application():
        try:
            places = open_places(settings=_settings(), store=current_app.extensions["portal.store"])
            done = anchor_checkpoint(actor=ACTOR, places=places, now=datetime.now(UTC))
        except ConfigInvalid as error:
            raise CannotRun("\n".join(error.problems)) from error
        except InvalidInput as error:
            raise CannotRun(error.message) from error
    click.echo(_as_json(done) if as_json else _as_text(done))
    sys.exit(0 if done.is_complete else 1)


@click.command("print")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Berkas PDF yang ditulis.")
def print_command(*, out: Path) -> None:
    """Tulis checkpoint terbaru sebagai satu halaman PDF untuk dicetak dan disimpan auditor."""
    if not can_be_new(out):
        raise CannotRun(f"--out: {click.format_filename(out)} sudah ada, terlalu panjang, atau tanpa folder.")
    with portal_application():
        try:
            signer = current_app.extensions["portal.signer"]
            printed = print_checkpoint(actor=ACTOR, signer=signer, zone=_settings().timezone, now=datetime.now(UTC))
        except InvalidInput as error:
            raise CannotRun(error.message) from error
        except SignerRefused as error:
            raise CannotRun(str(error)) from error
    _write(printed, out)
    click.echo(f"Checkpoint {printed.checkpoint.printed}\nditulis ke {click.format_filename(out)}.")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["portal.settings"]
    return settings


def _write(printed: PrintedCheckpoint, out: Path) -> None:
    try:
        with out.open("xb") as target:
            target.write(printed.pdf)
    except OSError as error:
        raise CannotRun(f"--out: tidak dapat ditulis: {error.strerror}. Cetak sekali lagi ke tempat lain.") from error


def _as_json(done: AnchorRound) -> str:
    return json.dumps(
        {
            "size": done.checkpoint.size,
            "root": done.checkpoint.root,
            "complete": done.is_complete,
            "kept_before": done.kept_before,
            "tries": [
                {"kind": each.kind, "target": each.target, "outcome": each.outcome, "detail": each.detail}
                for each in done.tries
            ],
        }
    )


def _as_text(done: AnchorRound) -> str:
    lines = [f"Checkpoint {done.checkpoint.printed}"]
    lines += [_line(each) for each in done.tries]
    if not done.tries and done.kept_before:
        lines.append(f"Sudah tersimpan di semua {done.kept_before} tempat.")
    if not done.tries and not done.kept_before:
        lines.append("PORTAL_ANCHORS kosong: tidak ada tempat yang dinyalakan. Cetak dengan `portal checkpoint print`.")
    return "\n".join(lines)


def _line(each: AnchorView) -> str:
    outcome = "tersimpan" if each.outcome is AnchorOutcome.ANCHORED else "GAGAL"
    return f"  {WORDS[each.kind]} {each.target}: {outcome}, {each.detail}"
