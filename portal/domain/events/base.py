"""What every event has: a name and the object it is about; and the scopes whose chains events stand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NewType
from uuid import UUID

from portal.domain.events.names import EventName

Personal = NewType("Personal", str)
"""Free text, most of it about or by a person: never in the leaf itself, so that it can be erased without breaking the
tree (UU 27/2022).
"""


SYSTEM_SCOPE = "sys"


def indicator_scope(unit_code: str, year: int, indicator_code: str) -> str:
    """The scope of one indicator's chain, for instance `KPU-1502/2025/II.1.3`."""
    return f"{unit_code}/{year}/{indicator_code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of the catalogue; `obj` is the object the event is about."""

    type: ClassVar[EventName]
    obj: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionEvent(Event):
    """Base of events on one revision: `obj` is the evidence, `rev` the number of its revision, from 1."""

    rev: int
