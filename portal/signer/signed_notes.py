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

from portal.domain.errors import SignerRefused, SignerUnavailable

if TYPE_CHECKING:
    from pathlib import Path

MAX_NOTE_BYTES = 16 * 1024
CONTINUED = 0
"""Number of the note of another log that this one continues; own notes count from 1."""


@dataclass(frozen=True, slots=True)
class SignedNotes:
    """The folder `signed` of a key directory; whoever reads a note from it checks its signature."""

    folder: Path

    def last(self) -> tuple[int, str] | None:
        """Number and text of the newest note; raises SignerUnavailable."""
        try:
            names = [path.name for path in self.folder.glob("*.note")] if self.folder.exists() else []
            if not names:
                return None
            newest = max(names)
            return int(newest.removesuffix(".note")), self._read(newest)
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
            self._sync()
        except FileExistsError as error:
            raise SignerRefused("Checkpoint lain baru saja ditandatangani. Ulangi permintaan ini.") from error
        except OSError as error:
            raise SignerUnavailable(f"Catatan penanda tangan tidak dapat ditulis: {error}.") from error

    def _read(self, name: str) -> str:
        with (self.folder / name).open("rb") as file:
            return file.read(MAX_NOTE_BYTES).decode()

    def _sync(self) -> None:
        """Windows has no way to flush a folder, and needs none: NTFS logs such changes."""
        if os.name == "nt":
            return
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
