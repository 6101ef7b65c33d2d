"""The log replayed from its first leaf on: the hash part against bare SHA-256 of the same bytes on one core, the whole
replay of a SQLite database, and its memory.

Run it with `uv run python -m bench.verify [--json] [--quick]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from uuid import UUID

from sqlalchemy import insert, update

from bench.measure import peak_memory, seconds
from bench.office import local_settings, portal_in, scratch_folder
from bench.report import Result, options, publish
from portal.domain.canonical_json import JsonValue
from portal.domain.log.leaf import ZERO_HASH, Leaf, build_leaf, leaf_hash
from portal.domain.log.merkle import EMPTY_ROOT, Frontier
from portal.domain.log.subtrees import Subtree, completed_subtrees
from portal.domain.log.tree_builder import TreeBuilder
from portal.domain.moment import spell_moment
from portal.models import LogHead, LogLeaf, LogSubtree, ScopeHead
from portal.services.audit import leaf_row
from portal.services.unit_of_work import transaction
from portal.services.verify.findings import Findings
from portal.services.verify.replay import replay_log
from portal.services.verify.snapshot import snapshot

LEAVES = 1_000_000
SCOPES = 1_000
HASHED_PER_SECOND = 200_000.0
"""What the hash part must reach (leaves a second)."""
MEMORY_LIMIT_MB = 64.0


def measure(leaves: int) -> list[Result]:
    with scratch_folder() as folder, portal_in(local_settings(folder)):
        _fill(leaves)
        bodies = [leaf.body for leaf in _leaves(min(leaves, 200_000))]
        bare, hashed = seconds(lambda: _hash_bare(bodies), lambda: _hash_tree(bodies))
        with peak_memory() as memory:
            (replayed,) = seconds(lambda: _replay(leaves), repeats=1)
    return [
        Result("SHA-256 of the same bytes", len(bodies) / bare, "leaf/s"),
        Result("hash part: leaves and tree", len(bodies) / hashed, "leaf/s", len(bodies) / bare),
        Result("hash part against what is asked for", len(bodies) / hashed, "leaf/s", HASHED_PER_SECOND),
        Result("whole replay from SQLite", leaves / replayed, "leaf/s", len(bodies) / hashed),
        Result(f"memory of a replay of {leaves:,} leaves", memory.peak, "MB", MEMORY_LIMIT_MB),
    ]


def _hash_bare(bodies: Sequence[bytes]) -> None:
    for body in bodies:
        sha256(body).digest()


def _hash_tree(bodies: Sequence[bytes]) -> bytes:
    builder = TreeBuilder()
    builder.extend(leaf_hash(body) for body in bodies)
    return builder.frontier().root


def _replay(leaves: int) -> None:
    findings = Findings()
    with snapshot() as session:
        log = replay_log(session, findings)
    assert (log.size, findings.kept) == (leaves, [])
    assert log.root != EMPTY_ROOT


def _leaves(count: int) -> Iterator[Leaf]:
    """A log as a ministry writes one: each chain's leaves in turn, a small event in each."""
    ends: dict[str, tuple[int, bytes]] = {}
    at = spell_moment(datetime(2026, 3, 10, tzinfo=UTC))
    for seq in range(count):
        scope = f"KPU-1502/2026/{seq % SCOPES}"
        iseq, iprev = ends.get(scope, (0, ZERO_HASH))
        event: dict[str, JsonValue] = {
            "actor": f"u:{UUID(int=seq % 50)}",
            "area": "II",
            "data": {"file": str(UUID(int=seq))},
            "obj": str(UUID(int=seq // 3)),
            "rev": 1,
            "role": "uploader",
            "ts": at,
            "type": "evidence.file_removed",
        }
        leaf = build_leaf(seq=seq, scope=scope, iseq=iseq, iprev=iprev, event=event)
        ends[scope] = (iseq + 1, leaf.hash)
        yield leaf


def _fill(count: int) -> None:
    """Write the log as the portal's own appends would leave it, a batch at a time."""
    frontier, ends = Frontier(), dict[str, Leaf]()
    left = _leaves(count)
    while batch := list(islice(left, 10_000)):
        subtrees: list[Subtree] = []
        for leaf in batch:
            subtrees += completed_subtrees(frontier, leaf.hash)
            frontier = frontier.append(leaf.hash)
            ends[leaf.scope] = leaf
        with transaction() as session:
            session.execute(insert(LogLeaf), [leaf_row(leaf) for leaf in batch])
            if subtrees:
                rows = [{"level": each.level, "position": each.position, "hash": each.hash} for each in subtrees]
                session.execute(insert(LogSubtree), rows)
    with transaction() as session:
        heads = [{"scope": leaf.scope, "size": leaf.iseq + 1, "leaf_hash": leaf.hash} for leaf in ends.values()]
        session.execute(insert(ScopeHead), heads)
        session.execute(update(LogHead).values(size=frontier.size, frontier=frontier.to_bytes(), root=frontier.root))


if __name__ == "__main__":
    given = options(__doc__)
    publish(measure(LEAVES // 10 if given.quick else LEAVES), as_json=given.as_json)
