"""How long a client may keep the portal waiting. Only the time that is spent waiting for the client counts.

A thread serves one request at a time, so who sends a byte a minute, or stops reading, would otherwise take it for ever.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

KIB = 1024


class TooSlow(ConnectionResetError):
    """The client kept the portal waiting for too long. A reset to gunicorn, which then closes without a traceback."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the client is too slow")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `seconds` of waiting; where `least_bytes` is given, anew each time that many bytes have passed, and at
    most `whole_seconds` altogether.
    """

    seconds: float
    least_bytes: int | None = None
    whole_seconds: float = float("inf")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is borne from one client, generous enough for a phone at the edge of its network (1 KiB/s)."""

    head: Limit = Limit(10)
    small_body: Limit = Limit(30)
    large_body: Limit = Limit(60, least_bytes=60 * KIB, whole_seconds=2 * 60 * 60)
    answer: Limit = Limit(60, least_bytes=60 * KIB)


class Pace:
    """The waiting that is left of one limit."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._waited = self._waited_in_all = 0.0
        self._bytes = 0

    @property
    def seconds_left(self) -> float:
        return min(self._limit.seconds - self._waited, self._limit.whole_seconds - self._waited_in_all)

    def note(self, *, waited: float, passed: int) -> None:
        """Count a wait of `waited` seconds, after which `passed` bytes had come or gone."""
        self._waited += waited
        self._waited_in_all += waited
        self._bytes += passed
        if self._limit.least_bytes is not None and self._bytes >= self._limit.least_bytes:
            self._waited, self._bytes = 0.0, 0
