"""What a place must offer to take a checkpoint, and what it hands back. Places open no transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal.domain.anchor import AnchorKind
from portal.domain.log.note import SignedNote
from portal.services.checkpoints import CheckpointView


class AnchorFailed(Exception):
    """The place did not take the checkpoint. The message is for the operator, in Indonesian."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What to remember of a checkpoint that was taken; see `models.anchor.LogAnchor`."""

    detail: str = ""
    object_key: str | None = None
    version_id: str | None = None
    token: bytes | None = None


class Place(Protocol):
    """Somewhere out of reach; `target` tells places of one kind apart."""

    @property
    def kind(self) -> AnchorKind: ...

    @property
    def target(self) -> str: ...

    def keep(self, checkpoint: CheckpointView, *, auditors: tuple[str, ...], now: datetime) -> Kept:
        """Take the checkpoint; `auditors` are the mail addresses of those in office. Raises AnchorFailed."""
        ...


def signed_text(checkpoint: CheckpointView) -> bytes:
    """The three lines that the signature covers: what a timestamp is made over."""
    return SignedNote.parse(checkpoint.note).text.encode()
