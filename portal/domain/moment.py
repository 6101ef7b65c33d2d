"""Moments as trail and bundle spell them: UTC with six digits of a second (RFC 3339 §5.6)."""

from __future__ import annotations

from datetime import UTC, datetime

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def spell_moment(at: datetime) -> str:
    """`at`, which is aware, for instance `2026-03-10T02:00:00.123456Z`."""
    return at.astimezone(UTC).strftime(_FORMAT)


def read_moment(text: str) -> datetime:
    """The aware moment that `spell_moment` wrote; raises ValueError for anything else."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)
