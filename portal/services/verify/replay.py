"""Replays the log by itself: every leaf from the first to the last, chains, openings, heads and the tree over them.

Nothing of what is stored about the log is used on the way, only compared at the end. Memory holds one batch and one
entry for each scope and each full subtree of 256 leaves.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.domain.canonical_json import JsonValue
from portal.domain.events import EventName, leaf_fields
from portal.domain.log.leaf import ZERO_HASH, InvalidLeaf, Leaf, leaf_hash, parse_leaf
from portal.domain.log.merkle import Frontier
from portal.domain.log.tree_builder import TreeBuilder
from portal.models import LogHead, LogLeaf, LogSubtree, ScopeHead
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.openings import Committed, check_openings, check_openings_beyond
from portal.services.verify.snapshot import read_text

BATCH = 2_000

LeafRow: TypeAlias = Row[int, str, int, str, bytes]

_EVENT_KEYS = frozenset({"actor", "area", "data", "obj", "role", "scope", "ts", "type"})
_OPTIONAL_KEYS = frozenset({"rev", "ip_c", "sid_c"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedLog:
    """The log as its leaves say: its size and root, the roots at the sizes that were asked for, as far as it reaches,
    and the number of leaves of each scope.
    """

    size: int
    root: bytes
    roots: Mapping[int, bytes]
    scopes: Mapping[str, int]


@dataclass(slots=True)
class _Ends:
    """Where the replay stands: the last `seq`, and of each scope its size and last hash."""

    next_seq: int = 0
    scopes: dict[str, tuple[int, bytes]] = field(default_factory=dict)


def leaf_place(seq: int, scope: str | None = None) -> str:
    """How findings name a leaf."""
    return f"catatan {seq} ({scope})" if scope else f"catatan {seq}"


def replay_log(session: Session, findings: Findings, *, root_at: Collection[int] = ()) -> ReplayedLog:
    """Check every leaf, chain, opening and head; tells also the root at each size of `root_at`."""
    subtrees: dict[tuple[int, int], bytes] = {}
    builder, ends = TreeBuilder(lambda level, at, root: subtrees.update({(level, at): root})), _Ends()
    roots: dict[int, bytes] = {0: builder.frontier().root}
    marks = sorted(size for size in set(root_at) if size > 0)
    for batch in _batches(session):
        first = ends.next_seq
        hashes = [leaf_hash(read_text(row.body).encode()) for row in batch]
        committed = [_check_leaf(row, computed, ends, findings) for row, computed in zip(batch, hashes, strict=True)]
        check_openings(session, findings, first=first, stop=ends.next_seq, committed=committed)
        while marks and marks[0] <= builder.size + len(hashes):
            mark = marks.pop(0)
            cut = mark - builder.size
            builder.extend(hashes[:cut])
            del hashes[:cut]
            roots[mark] = builder.frontier().root
        builder.extend(hashes)
    check_openings_beyond(session, findings, stop=ends.next_seq)
    _check_heads(session, findings, builder.frontier(), ends)
    _check_subtrees(session, findings, subtrees)
    return ReplayedLog(
        size=builder.size,
        root=builder.frontier().root,
        roots=roots,
        scopes={scope: size for scope, (size, _) in ends.scopes.items()},
    )


def _batches(session: Session) -> Iterator[Sequence[LeafRow]]:
    query = select(LogLeaf.seq, LogLeaf.scope, LogLeaf.iseq, LogLeaf.body, LogLeaf.leaf_hash).order_by(LogLeaf.seq)
    yield from session.execute(query.execution_options(yield_per=BATCH)).partitions()


def _check_leaf(row: LeafRow, computed: bytes, ends: _Ends, findings: Findings) -> Committed:
    """Check one leaf, whose hash was `computed`, by itself and after those before it; returns its commitments."""
    place = leaf_place(row.seq, row.scope)
    if row.seq != ends.next_seq:
        missing = (
            leaf_place(ends.next_seq) if row.seq == ends.next_seq + 1 else f"catatan {ends.next_seq}…{row.seq - 1}"
        )
        findings.add(FindingCode.LEAF_MISSING, missing, expected=f"catatan {ends.next_seq}", found=place)
    ends.next_seq = row.seq + 1
    findings.compare(FindingCode.LEAF_HASH_WRONG, place, expected=row.leaf_hash, found=computed)
    try:
        body = _text(row.body)
        leaf = parse_leaf(body.encode())
        event = _event(body)
    except InvalidLeaf as error:
        findings.add(FindingCode.LEAF_UNREADABLE, place, expected="JSON baku (RFC 8785)", found=error)
        ends.scopes[row.scope] = (row.iseq + 1, computed)
        return Committed(seq=row.seq, scope=row.scope, commitments=None)
    findings.compare(
        FindingCode.LEAF_MISPLACED,
        place,
        expected=f"nomor {leaf.seq}, {leaf.scope} ke-{leaf.iseq}",
        found=f"nomor {row.seq}, {row.scope} ke-{row.iseq}",
    )
    _check_chain(leaf, ends, findings, place)
    _check_event(event, findings, place)
    return Committed(seq=row.seq, scope=row.scope, commitments=_commitments(event))


def _text(body: object) -> str:
    """SQLite would hold bytes in the column as well, which no other part of the portal could read."""
    if not isinstance(body, str):
        raise InvalidLeaf("the body is stored as bytes, not as text")
    return body


def _event(body: str) -> dict[str, JsonValue]:
    """The event in a body that is known to be canonical."""
    event: dict[str, JsonValue] = json.loads(body)["ev"]
    if not isinstance(event.get("data"), dict):
        raise InvalidLeaf("the leaf holds no event")
    return event


def _check_chain(leaf: Leaf, ends: _Ends, findings: Findings, place: str) -> None:
    iseq, iprev = ends.scopes.get(leaf.scope, (0, ZERO_HASH))
    findings.compare(
        FindingCode.CHAIN_BROKEN,
        place,
        expected=f"ke-{iseq} sesudah {iprev.hex()}",
        found=f"ke-{leaf.iseq} sesudah {leaf.iprev.hex()}",
    )
    ends.scopes[leaf.scope] = (leaf.iseq + 1, leaf.hash)


def _check_event(event: Mapping[str, JsonValue], findings: Findings, place: str) -> None:
    """The event is one of the catalogue, with just its fields."""
    try:
        name = EventName(str(event.get("type")))
    except ValueError:
        findings.add(FindingCode.EVENT_UNKNOWN, place, expected="nama peristiwa portal", found=event.get("type"))
        return
    data = event["data"]
    fields = frozenset(data) if isinstance(data, dict) else frozenset[str]()
    keys = frozenset(event) - _OPTIONAL_KEYS
    if fields != leaf_fields(name) or keys != _EVENT_KEYS:
        findings.add(
            FindingCode.EVENT_UNKNOWN,
            place,
            expected=" ".join(sorted(leaf_fields(name) | _EVENT_KEYS)),
            found=" ".join(sorted(fields | keys)),
        )


def _commitments(event: Mapping[str, JsonValue]) -> Mapping[str, str]:
    """Field → commitment of a leaf, its origin's too."""
    data = event["data"]
    both = {**event, **data} if isinstance(data, dict) else event
    return {key.removesuffix("_c"): str(value) for key, value in both.items() if key.endswith("_c")}


def _check_heads(session: Session, findings: Findings, frontier: Frontier, ends: _Ends) -> None:
    head = session.execute(select(LogHead.size, LogHead.root, LogHead.frontier).where(LogHead.id == 1)).one_or_none()
    stored = (head.size, head.root, head.frontier) if head else (None, None, None)
    computed = (frontier.size, frontier.root, frontier.to_bytes())
    for name, found, expected in zip(("ukuran", "akar", "tepi"), stored, computed, strict=True):
        findings.compare(FindingCode.LOG_HEAD_WRONG, f"kepala log, {name}", expected=expected, found=found)
    heads = {
        row.scope: (row.size, row.leaf_hash)
        for row in session.execute(select(ScopeHead.scope, ScopeHead.size, ScopeHead.leaf_hash))
    }
    for scope in sorted(heads.keys() | ends.scopes.keys()):
        findings.compare(
            FindingCode.SCOPE_HEAD_WRONG,
            f"kepala rantai {scope}",
            expected=_told(ends.scopes.get(scope)),
            found=_told(heads.get(scope)),
        )


def _check_subtrees(session: Session, findings: Findings, expected: Mapping[tuple[int, int], bytes]) -> None:
    """The stored roots of full subtrees, which proofs are made of."""
    rows = session.execute(select(LogSubtree.level, LogSubtree.position, LogSubtree.hash))
    found = {(row.level, row.position): row.hash for row in rows}
    for level, position in sorted(expected.keys() | found.keys()):
        findings.compare(
            FindingCode.SUBTREE_WRONG,
            f"subpohon {position} tingkat {level}",
            expected=expected.get((level, position)),
            found=found.get((level, position)),
        )


def _told(head: tuple[int, bytes] | None) -> str | None:
    return f"{head[0]} catatan, terakhir {head[1].hex()}" if head else None
