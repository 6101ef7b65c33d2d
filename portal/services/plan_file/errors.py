"""What can be wrong with a plan file: every error with its place, gathered before the file is refused whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class PlanError:
    """`place` is a path and a line, for instance `areas[4].components[3].indicators[3].due[0], baris 612`; `message`
    is Indonesian and says how to mend it.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class PlanFileInvalid(InvalidInput):
    """The file is refused whole; `errors` are all that was found, in the order of the file, and never empty."""

    def __init__(self, errors: tuple[PlanError, ...]) -> None:
        super().__init__("file", "; ".join(str(error) for error in errors))
        self.errors = errors


@dataclass(slots=True)
class Findings:
    """Errors gathered so far, so that one reading of a file names all of them."""

    _found: list[tuple[int, PlanError]] = field(default_factory=list)

    def add(self, *, path: str, line: int, message: str) -> None:
        """`line` counts from 1."""
        place = f"{path}, baris {line}" if path else f"baris {line}"
        self._found.append((line, PlanError(place, message)))

    def refuse(self) -> None:
        """Raise PlanFileInvalid if anything was found."""
        if self._found:
            raise PlanFileInvalid(tuple(error for _line, error in sorted(self._found, key=lambda found: found[0])))
