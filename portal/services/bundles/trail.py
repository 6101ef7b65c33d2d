"""The part of the trail that a bag carries: the whole log with foreign leaves as few hashes, the heads of its
indicators, and the openings of just what is in the bag.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.canonical_json import JsonValue, canonical_json
from portal.domain.events import READS
from portal.domain.log.ranges import cover
from portal.models import LogLeaf, ScopeHead
from portal.services.bundles.contents import BundleContents, BundledEvidence
from portal.services.log_reader import ORIGIN_FIELDS, Head, LogEntry, iter_leaves, iter_openings, read_entry
from portal.services.log_tree import LogTree


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeHeadFact:
    """Length and last leaf hash (hex) of one indicator's chain."""

    scope: str
    size: int
    leaf_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The text and salt (hex) behind the commitment `<field>_c` of leaf `seq`."""

    seq: int
    field: str
    value: str
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleTrail:
    """What the log says of the evidence in the bag: `leaves` are the seqs about each revision, by its id."""

    leaves: Mapping[UUID, tuple[int, ...]]
    openings: tuple[Opening, ...]


def read_heads(session: Session, scopes: Collection[str]) -> tuple[ScopeHeadFact, ...]:
    """The heads of those scopes that have any leaf, by scope."""
    query = select(ScopeHead).where(ScopeHead.scope.in_(scopes))
    facts = (
        ScopeHeadFact(scope=head.scope, size=head.size, leaf_hash=head.leaf_hash.hex())
        for head in session.execute(query).scalars()
    )
    return tuple(sorted(facts, key=lambda fact: fact.scope))


def read_heads_at(session: Session, scopes: Collection[str], size: int) -> tuple[ScopeHeadFact, ...]:
    """The heads as they were when the log had `size` leaves."""
    last = select(func.max(LogLeaf.seq)).where(LogLeaf.scope.in_(scopes), LogLeaf.seq < size).group_by(LogLeaf.scope)
    query = select(LogLeaf.scope, LogLeaf.iseq, LogLeaf.leaf_hash).where(LogLeaf.seq.in_(last)).order_by(LogLeaf.scope)
    return tuple(
        ScopeHeadFact(scope=row.scope, size=row.iseq + 1, leaf_hash=row.leaf_hash.hex())
        for row in session.execute(query)
    )


def log_lines(
    session: Session, *, size: int, seal_seq: int, scopes: Collection[str], cuts: Collection[int]
) -> Iterator[bytes]:
    """`audit/log.jsonl` for a log of `size` leaves, a line at a time: the exact bytes of the leaves of `scopes` before
    the seal, and of the seal, leaf `seal_seq`; everything between as the fewest full subtrees that span no cut.

    Neither bodies nor hashes of other scopes are read one by one: a log of millions is mostly theirs.
    """
    tree, position = LogTree(session, size), 0
    for leaf in chain(iter_leaves(session, size=seal_seq, scopes=scopes), [session.get_one(LogLeaf, seal_seq)]):
        yield from _hash_lines(tree, position, leaf.seq, cuts)
        yield leaf.body.encode() + b"\n"
        position = leaf.seq + 1
    yield from _hash_lines(tree, position, size, cuts)


def _hash_lines(tree: LogTree, start: int, stop: int, cuts: Collection[int]) -> Iterator[bytes]:
    for end in sorted({stop, *(cut for cut in cuts if start < cut < stop)}):
        for piece in cover(start, end):
            subtree: dict[str, JsonValue] = {"h": tree.subtree_hash(piece.start, piece.size).hex()}
            yield _line(subtree if piece.size == 1 else {**subtree, "n": piece.size})
        start = end


def read_trail(session: Session, contents: BundleContents, head: Head) -> BundleTrail:
    """What the first `head.size` leaves say of the evidence in the bag."""
    items = {item.evidence_id: item for item in contents.evidence}
    leaves: dict[UUID, list[int]] = {item.revision_id: [] for item in contents.evidence}
    for leaf in iter_leaves(session, size=head.size, scopes=contents.place.trail_scopes):
        entry = read_entry(leaf)
        item = items.get(entry.obj)
        if item and _is_about(entry, item):
            leaves[item.revision_id].append(entry.seq)
    seqs = [seq for own in leaves.values() for seq in own]
    return BundleTrail(
        leaves={revision_id: tuple(own) for revision_id, own in leaves.items()},
        openings=tuple(_openings(session, seqs)),
    )


def _is_about(entry: LogEntry, item: BundledEvidence) -> bool:
    """Whether the event tells of what is in the bag: a file may have come with an earlier version, and what was taken
    out of the draft again is not in it. Who read it is told in the log alone.
    """
    if entry.name in READS:
        return False
    match entry.data:
        case {"fact": {"file": str(file)}}:
            return any(str(own.file_id) == file for own in item.files)
        case {"link": str(link)}:
            return any(str(own.link_id) == link for own in item.links)
    return entry.rev == item.number


def _openings(session: Session, seqs: Collection[int]) -> Iterator[Opening]:
    for opening in iter_openings(session, seqs):
        if opening.field not in ORIGIN_FIELDS:
            yield Opening(seq=opening.seq, field=opening.field, value=opening.value, salt=opening.salt.hex())


def heads_document(heads: Iterable[ScopeHeadFact]) -> bytes:
    """`audit/heads.jsonl`."""
    return b"".join(_line({"leaf_hash": head.leaf_hash, "scope": head.scope, "size": head.size}) for head in heads)


def openings_document(openings: Iterable[Opening]) -> bytes:
    """`audit/openings.jsonl`."""
    return b"".join(_line({"field": o.field, "salt": o.salt, "seq": o.seq, "value": o.value}) for o in openings)


def _line(value: dict[str, JsonValue]) -> bytes:
    return canonical_json(value) + b"\n"
