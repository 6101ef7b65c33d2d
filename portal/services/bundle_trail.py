"""The part of the trail that a bag carries: the whole log with foreign leaves as bare hashes, the heads, and the
openings of what is in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.canonical_json import JsonValue, canonical_json
from portal.models import LogOpening, ScopeHead
from portal.services.bundle_contents import BundleContents
from portal.services.log_reader import Head, iter_leaves, read_entry

CLOSED_FIELDS = frozenset({"ip", "sid"})
"""Where a request came from is nobody's business outside the portal."""
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeHeadFact:
    """Length and last leaf hash (hex) of one indicator's chain."""

    scope: str
    size: int
    leaf_hash: str


def read_heads(session: Session, scopes: Collection[str]) -> tuple[ScopeHeadFact, ...]:
    """The heads of those scopes that have any leaf, by scope."""
    query = select(ScopeHead).where(ScopeHead.scope.in_(scopes)).order_by(ScopeHead.scope)
    return tuple(
        ScopeHeadFact(scope=head.scope, size=head.size, leaf_hash=head.leaf_hash.hex())
        for head in session.execute(query).scalars()
    )


def heads_document(heads: Collection[ScopeHeadFact]) -> bytes:
    """`audit/heads.jsonl`."""
    return b"".join(
        _line({"leaf_hash": head.leaf_hash, "scope": head.scope, "size": head.size})
        for head in sorted(heads, key=lambda head: head.scope)
    )


def log_lines(session: Session, head: Head, scopes: Collection[str]) -> Iterator[bytes]:
    """`audit/log.jsonl`, a line at a time: line i is leaf i, its exact bytes in scope and its hash otherwise."""
    for leaf in iter_leaves(session, size=head.size):
        yield leaf.body.encode() + b"\n" if leaf.scope in scopes else _line({"h": leaf.leaf_hash.hex()})


def openings_document(session: Session, contents: BundleContents, head: Head, scopes: Collection[str]) -> bytes:
    """`audit/openings.jsonl`: the texts behind the commitments of just those revisions that are in the bag."""
    wanted = {(item.revision.evidence_id, item.revision.number) for item in contents.evidence}
    seqs = _seqs_about(session, wanted, head, scopes)
    lines = []
    for start in range(0, len(seqs), BATCH):
        query = (
            select(LogOpening)
            .where(LogOpening.seq.in_(seqs[start : start + BATCH]), LogOpening.field.not_in(CLOSED_FIELDS))
            .order_by(LogOpening.seq, LogOpening.field)
        )
        lines += [
            _line({"field": opening.field, "salt": opening.salt.hex(), "seq": opening.seq, "value": opening.value})
            for opening in session.execute(query).scalars()
        ]
    return b"".join(lines)


def _seqs_about(
    session: Session, wanted: Collection[tuple[UUID, int]], head: Head, scopes: Collection[str]
) -> list[int]:
    return [
        leaf.seq
        for leaf in iter_leaves(session, size=head.size, scopes=scopes)
        if (entry := read_entry(leaf)).rev is not None and (entry.obj, entry.rev) in wanted
    ]


def _line(value: dict[str, JsonValue]) -> bytes:
    return canonical_json(value) + b"\n"
