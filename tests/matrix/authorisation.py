"""docs/authorisation.yml as data: who may do what, in the words of the file.

Reads and checks the file's own shape; what follows from it for somebody and something is `expected.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[2] / "docs" / "authorisation.yml"

Way = tuple[str, ...]
"""Conditions that must all hold, in the file's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A line of the table: for each role that has it, the ways to have it. `cells` are the file's own words."""

    name: str
    says: str
    cells: Mapping[str, str]

    def ways(self, role: str) -> tuple[Way, ...]:
        cell = self.cells.get(role)
        return tuple(tuple(word.strip() for word in way.split(",")) for way in cell.split(";")) if cell else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A membership. `unit` and `area` are the tests' names; `window` is how its days stand to today."""

    role: str
    unit: str
    area: str | None = None
    below: bool = False
    restricted: bool = False
    window: str = "open"

    @property
    def is_external(self) -> bool:
        """Whether it is the window of an external auditor."""
        return self.window in {"before", "inside", "after"}

    @property
    def is_in_force(self) -> bool:
        return self.window in {"open", "inside"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of person, with all memberships."""

    name: str
    account: str
    holds: tuple[Holding, ...]

    @property
    def may_sign_in(self) -> bool:
        """Whether a session lets the person in at all."""
        outside = any(holding.is_external for holding in self.holds) and not self.in_force
        return self.account == "active" and not outside

    @property
    def in_force(self) -> tuple[Holding, ...]:
        return tuple(holding for holding in self.holds if holding.is_in_force)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A method at an address, and which form is sent there where there are several.

    `states` is None where the object may stand anywhere, `known` None where a refusal never says more than that nothing
    is there; `idle` why a POST that is allowed may change nothing.
    """

    method: str
    path: str
    form: str
    of: str
    who: str | None = None
    guard: str | None = None
    known: Way | None = None
    allowed: Way = ()
    states: frozenset[str] | None = None
    leaves: tuple[str, ...] = ()
    idle: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}{f' ({self.form})' if self.form else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A kind of evidence: the states of its versions in order, and what its slot shows to who may see drafts."""

    versions: tuple[str, ...]
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """The whole file."""

    words: Mapping[str, str]
    rights: Mapping[str, Right]
    people: Mapping[str, Kind]
    evidence: Mapping[str, Standing]
    addresses: tuple[Address, ...]


@cache
def authorisation() -> Authorisation:
    """The file, read once."""
    data = yaml.safe_load(FILE.read_text())
    return Authorisation(
        words=data["words"],
        rights={name: _right(name, line) for name, line in data["rights"].items()},
        people={name: _kind(name, line) for name, line in data["people"].items()},
        evidence={
            name: Standing(versions=tuple(line["versions"]), slot=line["slot"])
            for name, line in data["evidence"].items()
        },
        addresses=tuple(_address(name, line) for name, line in data["addresses"].items()),
    )


def _right(name: str, line: dict[str, str]) -> Right:
    return Right(name=name, says=line["says"], cells={role: cell for role, cell in line.items() if role != "says"})


def _kind(name: str, line: dict[str, Any]) -> Kind:
    account = "none" if name == "anonymous" else line.get("account", "active")
    return Kind(name=name, account=account, holds=tuple(Holding(**held) for held in line.get("holds", ())))


def _address(name: str, line: dict[str, Any]) -> Address:
    method, rest = name.split(" ", 1)
    path, _, form = rest.removesuffix(")").partition(" (")
    given = dict(line)
    if "in" in given:
        given["states"] = frozenset(given.pop("in"))
    given |= {key: tuple(given[key]) for key in ("known", "allowed", "leaves") if key in given}
    return Address(method=method, path=path, form=form, **given)
