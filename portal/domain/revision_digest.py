"""The digest of a revision: one hash over everything a reviewer is shown, so that a decision is about exactly that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from portal.domain.canonical_json import canonical_json

FORMAT = "bukti-zi/revision/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """One file as shown: the sender's name for it, and what its bytes are."""

    name: str
    sha256: str
    size: int
    media_type: str


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
                    "files": [
                        {"media_type": f.media_type, "name": f.name, "sha256": f.sha256, "size": f.size}
                        for f in self.files
                    ],
                    "format": FORMAT,
                    "links": [{"note": link.note, "url": link.url} for link in self.links],
                    "months": [month.isoformat() for month in sorted(self.months)],
                    "note": self.note,
                    "requirement": self.requirement,
                    "salt": self.salt,
                }
            )
        ).hexdigest()
