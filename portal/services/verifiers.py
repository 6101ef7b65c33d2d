"""The verifiers that the portal hands out: programs of one file that check a bundle without the portal.

They are data to us: read whole, never run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data" / "verifiers"
NAMES = ("verifikasi.html", "verifikasi.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """One program; `sha256` is what people compare before they trust a copy."""

    name: str
    sha256: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.content)


@cache
def list_verifiers() -> tuple[Verifier, ...]:
    """All verifiers, read once."""
    contents = {name: (FOLDER / name).read_bytes() for name in NAMES if (FOLDER / name).exists()}
    return tuple(Verifier(name=name, sha256=sha256(each).hexdigest(), content=each) for name, each in contents.items())
