"""Where a checkpoint is kept out of the reach of whoever runs the database: the closed list of anchors.

Owns names only; how each is made is `services/anchors/`.
"""

from __future__ import annotations

from enum import StrEnum


class AnchorKind(StrEnum):
    """What holds the checkpoint: paper, the auditors' mailboxes, a locked object, a timestamp by a third party."""

    PAPER = "paper"
    MAIL = "mail"
    STORE = "store"
    TIMESTAMP = "timestamp"


SENT_KINDS = frozenset({AnchorKind.MAIL, AnchorKind.STORE, AnchorKind.TIMESTAMP})
"""Those that the portal makes by itself; paper needs a person."""


class AnchorOutcome(StrEnum):
    """How one try ended."""

    ANCHORED = "anchored"
    FAILED = "failed"
