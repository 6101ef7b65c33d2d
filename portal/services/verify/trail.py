"""One chain of the trail to reconcile with: its entries in order, with the texts behind their commitments.

A field that an entry lacks or that holds something else is None: the replay has told of it, and the check goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.canonical_json import JsonValue
from portal.domain.log.leaf import InvalidLeaf
from portal.models import LogLeaf
from portal.services.log_reader import LogEntry, read_entry, read_openings
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.openings import BATCH
from portal.services.verify.snapshot import read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEntry:
    """An entry and its opened texts by field; a text that is gone is not among them."""

    entry: LogEntry
    texts: Mapping[str, str]

    def text(self, field: str) -> str | None:
        """An opened text or an open value that is a text."""
        value = self.entry.data.get(field)
        return value if isinstance(value, str) else self.texts.get(field)

    def number(self, field: str) -> int:
        value = self.entry.data.get(field)
        return value if isinstance(value, int) else -1

    def id(self, field: str) -> UUID | None:
        return _id(self.entry.data.get(field))

    def ids(self, field: str) -> list[UUID]:
        listed = self.entry.data.get(field)
        return [found for each in listed if (found := _id(each))] if isinstance(listed, list) else []

    def day(self, field: str) -> date | None:
        try:
            return date.fromisoformat(str(self.entry.data.get(field)))
        except ValueError:
            return None


def refuse_event(findings: Findings, told: TrailEntry, expected: str, found: object) -> None:
    """Tell of an event that the portal would not have written as things stood."""
    place = f"catatan {told.entry.seq} ({told.entry.scope}), {told.entry.name.value}"
    findings.add(FindingCode.EVENT_IMPOSSIBLE, place, expected=expected, found=found)


def iter_trail(session: Session, scope: str) -> Iterator[TrailEntry]:
    """The chain from its beginning. Leaves that are no events are left out: the replay has told of them."""
    query = select(LogLeaf.seq, LogLeaf.scope, LogLeaf.iseq, LogLeaf.body, LogLeaf.leaf_hash)
    ordered = query.where(LogLeaf.scope == scope).order_by(LogLeaf.iseq)
    for rows in session.execute(ordered.execution_options(yield_per=BATCH)).partitions():
        entries = [entry for row in rows if (entry := _find_entry(LogLeaf(**row._mapping)))]
        openings = read_openings(session, [entry.seq for entry in entries])
        for entry in entries:
            yield TrailEntry(entry=entry, texts=openings.get(entry.seq, {}))


def _id(value: JsonValue) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _find_entry(leaf: LogLeaf) -> LogEntry | None:
    leaf.body = read_text(leaf.body)
    try:
        return read_entry(leaf)
    except (InvalidLeaf, ValueError):
        return None
