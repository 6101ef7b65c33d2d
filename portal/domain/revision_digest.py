"""The digest of a revision: one hash over everything a reviewer is shown, so that a decision is about exactly that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from portal.domain.canonical_json import JsonValue, canonical_json

FORMAT = "bukti-zi/revision/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """One file as shown: the sender's name for it, what its bytes are, and the SHA-256 of the file of which it is the
    redacted copy, if it is one.
    """

    name: str
    sha256: str
    size: int
    media_type: str
    redacts: str | None = None

    @property
    def entry(self) -> dict[str, JsonValue]:
        """As the digest covers it."""
        entry: dict[str, JsonValue] = {
            "media_type": self.media_type,
            "name": self.name,
            "sha256": self.sha256,
            "size": self.size,
        }
        return entry | {"redacts": self.redacts} if self.redacts else entry


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkContent:
    url: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionContent:
    """All that a revision consists of, in its order; `months` are the first days of its slots' months.

    `salt` (hex) keeps the digest, which stands in the trail, from being guessed where the content stays closed.
    """

    requirement: str
    note: str
    document_date: date | None
    files: tuple[FileContent, ...]
    links: tuple[LinkContent, ...]
    months: tuple[date, ...]
    salt: str

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the canonical JSON of the content."""
        return sha256(
            canonical_json(
                {
                    "document_date": self.document_date.isoformat() if self.document_date else None,
                    "files": [file.entry for file in self.files],
                    "format": FORMAT,
                    "links": [{"note": link.note, "url": link.url} for link in self.links],
                    "months": [month.isoformat() for month in sorted(self.months)],
                    "note": self.note,
                    "requirement": self.requirement,
                    "salt": self.salt,
                }
            )
        ).hexdigest()
