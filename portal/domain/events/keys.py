"""Events of the keys that sign, and of the log as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.domain.events.base import Event
from portal.domain.events.names import EventName
from portal.domain.key_kind import KeyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIntroduced(Event):
    """A public key is used from here on, the first of its kind. `obj` is the key's id, `key` its usual spelling."""

    type = EventName.KEY_INTRODUCED
    kind: KeyKind
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotated(KeyIntroduced):
    """The same for a key that replaces the one of its kind with the id `replaces`."""

    type = EventName.KEY_ROTATED
    replaces: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LogContinued(Event):
    """The log goes on under another name, since the keys of the old one are lost or known to others. `obj` is the new
    checkpoint key; `size` and `root` (64 hex) are the last checkpoint of the old name that is trusted.
    """

    type = EventName.LOG_CONTINUED
    origin: str
    old_origin: str
    size: int
    root: str
