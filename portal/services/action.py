"""The vocabulary between `workflow.perform` and the effects of its actions: what was asked, what it was found to be,
what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.actor import Actor, Grant
from portal.domain.events import RevisionEvent
from portal.domain.review import ReturnReason
from portal.domain.workflow import Action, Position, State
from portal.services.case import Case

NOTE_MAX = 4000
"""Characters of a note, whoever writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request to act. `seen_state` and `seen_digest` are what the person was shown when deciding to act."""

    action: Action
    revision_id: UUID
    seen_state: State
    seen_digest: str | None = None
    note: str = ""
    reason: ReturnReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A permitted action on a locked case; `target` is where the transition table leads."""

    case: Case
    command: Command
    actor: Actor
    grant: Grant
    now: datetime
    target: State

    @property
    def unmoved(self) -> Position:
        """The target state in the tier where the revision stands."""
        return Position(self.target, self.case.revision.tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Where the revision goes, and the event that says so."""

    position: Position
    event: RevisionEvent
