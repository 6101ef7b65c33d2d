"""One seeded fault."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """In `file`, the one place that reads `before` reads `after` instead; one of `tests` (pytest's ids) has to fail."""

    name: str
    breaks: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
