"""Checkpoints of the log (C2SP tlog-checkpoint): size and root as three lines that a key signs in a note.

Owns their text. Whether a checkpoint extends another is `merkle.verify_consistency`'s to say, who signed it
`note.py`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.domain.log.merkle import HASH_BYTES
from portal.domain.log.note import InvalidNote, SignedNote, VerifierKey, from_base64, require_name, to_base64

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class InvalidCheckpoint(InvalidNote):
    """Text that is no checkpoint of ours, or a note that the key did not sign."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log `origin` had `size` leaves with this root (32 bytes). Extension lines are not used.

    Raises InvalidCheckpoint for an origin that cannot name a key, a negative size, a root of another length.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        try:
            require_name(self.origin)
        except InvalidNote as error:
            raise InvalidCheckpoint(str(error)) from error
        if self.size < 0 or len(self.root) != HASH_BYTES:
            raise InvalidCheckpoint("a checkpoint has a size from 0 and a root of 32 bytes")

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    @property
    def printed(self) -> str:
        """`SIZE ROOT` with the root in hex: what stands on paper."""
        return f"{self.size} {self.root.hex()}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint in the text of a note; raises InvalidCheckpoint for any other spelling."""
        lines = text.split("\n")
        if len(lines) != 4 or not _SIZE.fullmatch(lines[1]):
            raise InvalidCheckpoint("a checkpoint is three lines: origin, size and root")
        try:
            parsed = cls(lines[0], int(lines[1]), from_base64(lines[2]))
        except InvalidNote as error:
            raise InvalidCheckpoint(str(error)) from error
        if parsed.text != text:
            raise InvalidCheckpoint("not the one spelling of a checkpoint")
        return parsed


def read_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """What the signed note says; raises InvalidCheckpoint unless it is a checkpoint of the key's own log, signed by
    that key.
    """
    try:
        parsed = SignedNote.parse(note)
    except InvalidNote as error:
        raise InvalidCheckpoint(str(error)) from error
    checkpoint = Checkpoint.parse(parsed.text)
    if checkpoint.origin != key.name or not parsed.is_signed_by(key):
        raise InvalidCheckpoint("the note is not signed by this key")
    return checkpoint
