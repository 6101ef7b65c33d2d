"""What is known of people and objects of the matrix without asking the portal: what the builder put there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from tests.matrix.authorisation import Holding

SUBMITTED_ONCE = frozenset({"submitted", "approved", "returned", "rejected", "reopened"})
"""States in which a version lies before people beyond the sender's area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands. `area` is None for what is of a whole unit."""

    unit: str
    area: str | None = None
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an evidence, whose kind is `name`.

    `seats` are the roles that decide now; `hands` and `deciders` name kinds of people. `text` is a word that stands in
    what was written about it, `files` are words in names and bytes of its files; a file that came along from the
    version before is named by the word of that one. `copies` are the words of those that are redacted copies, `copy_id`
    is one of them, and `file_ids` are all others.
    """

    id: UUID
    evidence_id: UUID
    name: str
    place: Place
    class_name: str
    state: str
    text: str
    files: frozenset[str]
    copies: frozenset[str]
    copy_id: UUID | None
    file_ids: tuple[UUID, ...]
    link_id: UUID | None
    sha256: str
    was_submitted: bool
    digest: str | None
    seats: frozenset[str] = frozenset()
    hands: frozenset[str] = frozenset()
    deciders: frozenset[str] = frozenset()

    @property
    def newest_file(self) -> str:
        """The word of the file that was added last, in this version itself."""
        return f"{self.text[:-1]}f"

    @property
    def words(self) -> frozenset[str]:
        """All words by which one knows the version."""
        return self.files | {self.text}

    def __str__(self) -> str:
        return f"version, {self.state} ({self.name}), {self.class_name}, {self.place.unit}/{self.place.area}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One evidence; `name` is its kind in the file, `slot_id` the one slot that it answers."""

    id: UUID
    name: str
    place: Place
    class_name: str
    requirement_id: UUID
    slot_id: UUID
    versions: tuple[Version, ...]

    @property
    def newest(self) -> Version:
        return self.versions[-1]

    @property
    def handed_in(self) -> Version | None:
        """The newest version that lies before people beyond the sender's area."""
        return next((version for version in reversed(self.versions) if version.state in SUBMITTED_ONCE), None)

    def __str__(self) -> str:
        return f"{self.name}, {self.class_name}, {self.place.unit}/{self.place.area}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something with an id and a place: requirement, slot, indicator, plan."""

    id: UUID
    place: Place
    name: str

    def __str__(self) -> str:
        return f"{self.name} {self.place.unit}/{self.place.area}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A bundle: whose, of what, and whether it was written to its end. `holds` is the approved evidence in it."""

    id: UUID
    owner: str
    place: Place
    is_complete: bool
    holds: frozenset[Version]

    def __str__(self) -> str:
        return f"bundle of {self.owner}{'' if self.is_complete else ', unfinished'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A session of somebody, on another device."""

    id: UUID
    owner: str

    def __str__(self) -> str:
        return f"session of {self.owner}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account of a kind of person; `memberships` by holding, in the file's order."""

    id: UUID
    kind: str
    is_active: bool
    memberships: Mapping[Holding, UUID] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"account of {self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A role that waits for a second admin: `kind` would get it, `owner` proposed it."""

    id: UUID
    kind: str
    owner: str
    place: Place

    def __str__(self) -> str:
        return f"proposal of {self.owner} for {self.kind} in {self.place.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One membership of somebody."""

    id: UUID
    kind: str
    place: Place

    def __str__(self) -> str:
        return f"membership of {self.kind} in {self.place.unit}"
