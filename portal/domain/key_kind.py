"""The kinds of public key by which signatures of the portal are verified."""

from __future__ import annotations

from enum import StrEnum


class KeyKind(StrEnum):
    """What a key signs: checkpoints of the log, or bags for one tool or the other."""

    CHECKPOINT = "checkpoint"
    SSH = "ssh"
    ECDSA = "ecdsa"
