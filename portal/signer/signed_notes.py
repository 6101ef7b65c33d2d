"""What the signer remembers: every note it signed, a numbered file each; the one with the highest number is its state.

A file is put in its place whole and only where none is, so two signers on one directory cannot both succeed one note,
and copying an old backup over the directory takes nothing back. Whoever restores into an empty one must say what was
signed last (`SigningDesk.remember`).
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.adapters.sync_folder import sync_folder
from portal.domain.errors import SignerRefused, SignerUnavailable

if TYPE_CHECKING:
    from pathlib import Path

MAX_NOTE_BYTES = 16 * 1024
CONTINUED = 0
"""Number of the note of another log that this one continues; own notes count from 1."""


@dataclass(frozen=True, slots=True)
class SignedNotes:
    """The folder of the notes in a key directory; whoever reads one from it checks its signature."""

    folder: Path

    def last(self) -> tuple[int, str] | None:
        """Number and text of the newest note; raises SignerUnavailable."""
        try:
            newest = max(self.folder.glob("*.note"), key=lambda path: path.name, default=None)
            return (int(newest.stem), _read(newest)) if newest else None
        except (OSError, ValueError) as error:
            raise SignerUnavailable(f"Catatan penanda tangan di {self.folder} tidak dapat dibaca: {error}.") from error

    def add(self, number: int, note: str) -> None:
        """Keep the note, on the disk when this returns; raises SignerRefused when another took the number meanwhile."""
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            draft = self.folder / f"{secrets.token_hex(8)}.part"
            with draft.open("xb") as file:
                file.write(note.encode())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, self.folder / f"{number:08d}.note")
            finally:
                draft.unlink()
            for folder in (self.folder, self.folder.parent):
                sync_folder(folder)
        except FileExistsError as error:
            raise SignerRefused("Checkpoint lain baru saja ditandatangani. Ulangi permintaan ini.") from error
        except OSError as error:
            raise SignerUnavailable(f"Catatan penanda tangan tidak dapat ditulis: {error}.") from error


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_NOTE_BYTES).decode()
