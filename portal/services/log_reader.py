"""Reads the trail for everybody else: leaves of a scope in order, and the openings behind their commitments.

It verifies nothing and decides nothing; whether a person may see an opening is the caller's question to the policy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.domain.canonical_json import JsonValue
from portal.domain.events import READS, EventName
from portal.domain.log.leaf import decode
from portal.domain.moment import read_moment
from portal.domain.roles import Role
from portal.models import LogHead, LogLeaf, LogOpening

BATCH = 2000
ORIGIN_FIELDS = frozenset({"ip", "sid"})
"""Openings that tell where a request came from, which is nobody's business outside the portal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One leaf, read. `data` holds the event's own fields as the leaf spells them; `obj` is what the event is about."""

    seq: int
    iseq: int
    scope: str
    leaf_hash: bytes
    name: EventName
    actor: str
    role: Role | None
    obj: UUID
    rev: int | None
    at: datetime
    data: Mapping[str, JsonValue]

    @property
    def person(self) -> UUID | None:
        """The user id of a human actor."""
        return UUID(self.actor.removeprefix("u:")) if self.actor.startswith("u:") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Size and root (32 bytes) of the whole tree."""

    size: int
    root: bytes


def get_head(session: Session) -> Head:
    row = session.execute(select(LogHead.size, LogHead.root).where(LogHead.id == 1)).one()
    return Head(size=row.size, root=row.root)


def list_entries(session: Session, scope: str, *, without: Iterable[EventName] = ()) -> list[LogEntry]:
    """All entries of one scope but those `without`, oldest first."""
    query = select(LogLeaf).where(LogLeaf.scope == scope, *(~is_named(name) for name in without))
    return [read_entry(leaf) for leaf in session.execute(query.order_by(LogLeaf.iseq)).scalars()]


def list_newest(session: Session, scope: str, *, most: int) -> list[LogEntry]:
    """The last `most` entries of one scope, newest first."""
    query = select(LogLeaf).where(LogLeaf.scope == scope).order_by(LogLeaf.iseq.desc()).limit(most)
    return [read_entry(leaf) for leaf in session.execute(query).scalars()]


def count_entries(session: Session, scope: str) -> int:
    """How many entries the scope has."""
    return session.execute(select(func.count()).select_from(LogLeaf).where(LogLeaf.scope == scope)).scalar_one()


def is_named(name: EventName) -> ColumnElement[bool]:
    """Condition on leaves, without reading them: quotes within any value of a body are escaped."""
    return LogLeaf.body.contains(f'"type":"{name.value}"', autoescape=True)


def iter_leaves(session: Session, *, size: int, scopes: Collection[str] | None = None) -> Iterator[LogLeaf]:
    """Of the first `size` leaves of the tree all, or those of `scopes`, in order, a batch at a time."""
    query = select(LogLeaf).where(LogLeaf.seq < size).order_by(LogLeaf.seq)
    if scopes is not None:
        query = query.where(LogLeaf.scope.in_(scopes))
    yield from session.execute(query.execution_options(yield_per=BATCH)).scalars()


def has_changes(session: Session, scopes: Collection[str], *, start: int) -> bool:
    """Whether leaf `start` or a later one of these scopes tells of more than that somebody read."""
    changed = (LogLeaf.scope.in_(scopes), LogLeaf.seq >= start, *(~is_named(name) for name in READS))
    return session.execute(select(LogLeaf.seq).where(*changed).limit(1)).first() is not None


def find_entry(session: Session, name: EventName, *, scope: str, obj: UUID, start: int) -> LogEntry | None:
    """The first entry of this name about `obj` in a scope, looked for from leaf `start` on."""
    named = LogLeaf.body.contains(str(obj))
    query = select(LogLeaf).where(LogLeaf.scope == scope, LogLeaf.seq >= start, named).order_by(LogLeaf.seq)
    entries = [read_entry(leaf) for leaf in session.execute(query).scalars()]
    return next((entry for entry in entries if (entry.name, entry.obj) == (name, obj)), None)


def iter_openings(session: Session, seqs: Collection[int]) -> Iterator[LogOpening]:
    """What stands behind the commitments of the leaves `seqs`, by leaf and field."""
    for batch in _batches(sorted(seqs)):
        query = select(LogOpening).where(LogOpening.seq.in_(batch)).order_by(LogOpening.seq, LogOpening.field)
        yield from session.execute(query).scalars()


def read_openings(session: Session, seqs: Collection[int]) -> dict[int, dict[str, str]]:
    """Field → text behind each commitment of the leaves `seqs`."""
    found: dict[int, dict[str, str]] = {}
    for opening in iter_openings(session, seqs):
        found.setdefault(opening.seq, {})[opening.field] = opening.value
    return found


def read_entry(leaf: LogLeaf) -> LogEntry:
    """The entry behind a leaf; raises InvalidLeaf or ValueError when its body is not what we write."""
    match decode(leaf.body.encode()):
        case {"ev": {"type": str(name), "actor": str(actor), "obj": str(obj), "ts": str(ts), "data": dict(data), **ev}}:
            role, rev = ev.get("role"), ev.get("rev")
            return LogEntry(
                seq=leaf.seq,
                iseq=leaf.iseq,
                scope=leaf.scope,
                leaf_hash=leaf.leaf_hash,
                name=EventName(name),
                actor=actor,
                role=Role(role) if isinstance(role, str) else None,
                obj=UUID(obj),
                rev=rev if isinstance(rev, int) else None,
                at=read_moment(ts),
                data=data,
            )
    raise ValueError(f"leaf {leaf.seq} is not an event")


def _batches(seqs: list[int]) -> Iterable[list[int]]:
    return (seqs[start : start + BATCH] for start in range(0, len(seqs), BATCH))
