"""`portal checkpoint`: the signed head of the trail, made and shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
from flask import current_app

from portal.cli.application import CannotRun, portal_application
from portal.domain.errors import SignerRefused, SignerUnavailable
from portal.domain.moment import spell_moment
from portal.services.checkpoints import CheckpointView, find_newest_checkpoint, sign_checkpoint
from portal.services.unit_of_work import transaction

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Jawab dengan satu objek JSON.")


@click.group("checkpoint")
def checkpoint_group() -> None:
    """Ukuran dan akar jejak audit, ditandatangani."""


@checkpoint_group.command("sign")
@AS_JSON
def sign_command(*, as_json: bool) -> None:
    """Minta penanda tangan menandatangani jejak audit sampai kejadian terbaru."""
    with portal_application():
        try:
            checkpoint = sign_checkpoint(signer=current_app.extensions["portal.signer"], now=datetime.now(UTC))
        except (SignerRefused, SignerUnavailable) as error:
            raise CannotRun(str(error)) from error
    click.echo(_as_json(checkpoint) if as_json else _as_text(checkpoint))


@checkpoint_group.command("show")
@AS_JSON
def show_command(*, as_json: bool) -> None:
    """Tampilkan checkpoint terbaru, persis seperti ditandatangani."""
    with portal_application():
        with transaction(write=False) as session:
            checkpoint = find_newest_checkpoint(session)
        if checkpoint is None:
            raise CannotRun("Belum ada checkpoint. Buat dengan `portal checkpoint sign`.")
    click.echo(_as_json(checkpoint) if as_json else checkpoint.note, nl=as_json)


def _as_json(checkpoint: CheckpointView) -> str:
    return json.dumps(
        {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root,
            "signed_at": spell_moment(checkpoint.signed_at),
            "note": checkpoint.note,
        }
    )


def _as_text(checkpoint: CheckpointView) -> str:
    return f"Checkpoint log {checkpoint.origin}: {checkpoint.size} kejadian, akar {checkpoint.root}"
