"""`portal signer`: the keys of the signer, and the signer itself. These commands read no settings and no database: run
them as the signer's own user.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from portal.adapters.signer import PublicKeys
from portal.cli.application import CannotRun
from portal.domain.errors import InvalidInput, SignerRefused, SignerUnavailable
from portal.signer.desk import SigningDesk

MAX_NOTE_BYTES = 16 * 1024

NOTE = click.Path(exists=True, dir_okay=False, path_type=Path)
DIRECTORY = click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
ORIGIN = click.option(
    "--origin", required=True, metavar="NAMA", help="Nama log, misalnya bukti-zi.kpu-1502/log1; ada di tiap checkpoint."
)


@click.group("signer")
def signer_group() -> None:
    """Kunci dan proses penanda tangan."""


@signer_group.command("init")
@DIRECTORY
@ORIGIN
def init_command(directory: Path, origin: str) -> None:
    """Buat direktori kunci DIR dengan kunci baru."""
    with _refusals():
        desk = SigningDesk.create(directory, origin=origin)
        click.echo(_introduction(directory, desk.keys()))


@signer_group.command("new-log")
@DIRECTORY
@ORIGIN
@click.option("--after", required=True, type=NOTE, help="Checkpoint terakhir yang dipercaya dari log lama.")
def new_log_command(directory: Path, origin: str, after: Path) -> None:
    """Buat kunci baru di DIR untuk melanjutkan log yang kuncinya hilang atau bocor, dengan nama baru."""
    with _refusals():
        desk = SigningDesk.create(directory, origin=origin, after=_read_note(after, "--after"))
        click.echo(_introduction(directory, desk.keys()))


@signer_group.command("serve")
@DIRECTORY
@click.option("--socket", required=True, type=click.Path(path_type=Path), help="Soket yang didengarkan.")
def serve_command(directory: Path, socket: Path) -> None:
    """Layani permintaan tanda tangan lewat soket, dengan kunci di DIR."""
    if sys.platform == "win32":
        raise CannotRun("Windows tidak mengenal soket ini. Isi PORTAL_SIGNER dengan direktori kunci.")
    from portal.signer.server import serve

    with _refusals():
        desk = SigningDesk(directory)
        desk.last_signed()  # keys and memory are fit, or nothing listens
        words = f"Penanda tangan mendengarkan di {click.format_filename(socket)}."
        serve(desk, socket, on_listening=lambda: click.echo(words, err=True))


@signer_group.command("rotate")
@DIRECTORY
def rotate_command(directory: Path) -> None:
    """Ganti semua kunci di DIR; checkpoint berikutnya ditandatangani kunci lama dan baru."""
    with _refusals():
        click.echo(_introduction(directory, SigningDesk(directory).rotate()))


@signer_group.command("keys")
@DIRECTORY
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder baru untuk kunci publik.")
def keys_command(directory: Path, out: Path) -> None:
    """Tulis kunci publik ke folder OUT, untuk diberikan kepada auditor."""
    with _refusals():
        files = SigningDesk(directory).keys().files()
        try:
            out.mkdir()
            for name, content in files.items():
                (out / name).write_text(content, encoding="utf-8", newline="\n")
        except (OSError, ValueError) as error:
            raise CannotRun(f"--out: {error}. Sebut folder yang belum ada.") from error
    click.echo(f"Ditulis ke {click.format_filename(out)}: {', '.join(files)}")


@signer_group.command("remember")
@DIRECTORY
@click.option("--note", required=True, type=NOTE, help="Checkpoint terbaru dari kunci ini.")
def remember_command(directory: Path, note: Path) -> None:
    """Beri tahu penanda tangan yang dipulihkan dari salinan apa yang terakhir ditandatanganinya."""
    with _refusals():
        checkpoint = SigningDesk(directory).remember(_read_note(note, "--note"))
    click.echo(f"Diingat: {checkpoint.printed}")


@contextmanager
def _refusals() -> Iterator[None]:
    """Every refusal as a sentence and exit 2."""
    try:
        yield
    except InvalidInput as refused:
        raise CannotRun(f"{refused.field}: {refused.message}") from refused
    except (SignerRefused, SignerUnavailable) as refused:
        raise CannotRun(str(refused)) from refused


def _read_note(path: Path, option: str) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_NOTE_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"{option}: {error}") from error


def _introduction(directory: Path, keys: PublicKeys) -> str:
    return (
        f"Kunci di {click.format_filename(directory)} siap. Kunci publik checkpoint:\n{keys.checkpoint}\n"
        "Simpan salinan direktori ini, terenkripsi, pada pejabat lain."
    )
