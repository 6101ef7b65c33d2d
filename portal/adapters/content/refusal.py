"""How a file is refused: its name, what is wrong, in one sentence for the person who sent it."""

from __future__ import annotations

from typing import NoReturn

from portal.domain.errors import InvalidInput


def refuse(name: str, problem: str) -> NoReturn:
    """Raise InvalidInput for the field `files`."""
    raise InvalidInput("files", f"{name}: {problem}")
