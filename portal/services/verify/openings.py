"""Compares the openings with the commitments of the leaves, a batch of leaves at a time.

A text that is gone is a finding too: the portal erases none today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.log.leaf import InvalidLeaf, commitment
from portal.models import LogOpening
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.snapshot import read_text

BATCH = 100
"""Openings at once: that of an imported plan is some hundred kilobytes long."""
_ORPHANS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What one leaf commits to: field → commitment (hex); None for a leaf that cannot be read."""

    seq: int
    scope: str
    commitments: Mapping[str, str] | None


def check_openings(
    session: Session, findings: Findings, *, first: int, stop: int, committed: Sequence[Committed]
) -> None:
    """Check all openings of the leaves from `first` up to, not including, `stop`."""
    query = select(LogOpening.seq, LogOpening.field, LogOpening.value, LogOpening.salt)
    rows = session.execute(
        query.where(LogOpening.seq >= first, LogOpening.seq < stop), execution_options={"yield_per": BATCH}
    )
    left = {(leaf.seq, name): value for leaf in committed for name, value in (leaf.commitments or {}).items()}
    unread = {leaf.seq for leaf in committed if leaf.commitments is None}
    for row in rows:
        place = _place(row.seq, row.field)
        expected = left.pop((row.seq, row.field), None)
        if expected is not None:
            findings.compare(
                FindingCode.OPENING_WRONG, place, expected=expected, found=_commitment(row.salt, row.value)
            )
        elif row.seq not in unread:
            findings.add(FindingCode.OPENING_ORPHANED, place, expected=None, found=row.value)
    for seq, name in sorted(left):
        findings.add(FindingCode.OPENING_MISSING, _place(seq, name), expected=left[seq, name], found=None)


def check_openings_beyond(session: Session, findings: Findings, *, stop: int) -> None:
    """Openings of leaves that the log does not have."""
    query = select(LogOpening.seq, LogOpening.field).where(LogOpening.seq >= stop).order_by(LogOpening.seq)
    for row in session.execute(query.limit(_ORPHANS)):
        findings.add(FindingCode.OPENING_ORPHANED, _place(row.seq, row.field), expected=None, found="teks tertutup")


def _place(seq: int, field: str) -> str:
    return f"catatan {seq}, isian {field}"


def _commitment(salt: bytes, value: str) -> str:
    try:
        return commitment(salt, read_text(value))
    except InvalidLeaf as error:
        return str(error)
