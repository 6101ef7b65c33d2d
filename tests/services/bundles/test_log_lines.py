"""The log as a bag has it: bodies in scope and the seal, and between them as few hashes as the format allows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.domain.log.leaf import ZERO_HASH, Leaf, build_leaf, leaf_hash
from portal.domain.log.merkle import InvalidTree
from portal.models.guards import drop_guards
from portal.services.bundles.trail import log_lines
from tests.builders.long_log import hash_at, write_long_log
from tests.domain.log.naive_tree import naive_root
from tests.fixtures.databases import as_owner
from tests.test_migrations import migration_guards

SIZE, SEAL = 5_000, 4_321
SCOPES = ("KPU/2026/I.1", "KPU/2026/I.2")
AFTER_THE_SEAL = 4_400


def chain(scope: str, seqs: Sequence[int]) -> Iterator[Leaf]:
    iprev = ZERO_HASH
    for iseq, seq in enumerate(seqs):
        leaf = build_leaf(seq=seq, scope=scope, iseq=iseq, iprev=iprev, event={"scope": scope})
        yield leaf
        iprev = leaf.hash


OWN = [
    *chain(SCOPES[0], (0, 1, 2, 700, AFTER_THE_SEAL)),
    *chain(SCOPES[1], (256, 1023, 1024)),
    *chain("KPU/2026/II.1", (3, 800)),
    *chain("sys", (512, SEAL)),
]
HASHES = [{leaf.seq: leaf.hash for leaf in OWN}.get(seq, hash_at(seq)) for seq in range(SIZE)]


@pytest.fixture
def log(app_context: Flask) -> Iterator[Session]:  # noqa: ARG001  # a fixture cannot ask for another by mark
    with as_owner() as connection:
        drop_guards(connection, migration_guards())
        write_long_log(connection, SIZE, OWN)
        yield Session(connection)
        connection.rollback()


def read(lines: Sequence[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Start, number of leaves and hash of each line."""
    start = 0
    for line in lines:
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        fields = json.loads(line)
        n = fields.get("n", 1)
        yield start, n, bytes.fromhex(fields["h"]) if "h" in fields else leaf_hash(line[:-1])
        start += n


@pytest.mark.parametrize("cuts", [(), (1, 300, 2048, 2049, SEAL - 1, SEAL + 1, SIZE, SIZE + 9)])
def test_bodies_in_scope_and_the_fewest_hashes_that_span_no_cut(log: Session, cuts: tuple[int, ...]) -> None:
    lines = list(log_lines(log, size=SIZE, seal_seq=SEAL, scopes=SCOPES, cuts=cuts))
    shown = {leaf.seq: leaf.body for leaf in OWN if leaf.seq == SEAL or (leaf.scope in SCOPES and leaf.seq < SEAL)}
    bodies = {json.loads(line)["seq"]: line[:-1] for line in lines if b'"seq":' in line}
    assert bodies == shown
    pieces = list(read(lines))
    assert [(start, n) for start, n, _ in pieces] == list(expected_pieces(set(shown), set(cuts)))
    for start, n, digest in pieces:
        assert digest == naive_root(HASHES[start : start + n]), f"{n} leaves from {start} on"


def expected_pieces(shown: set[int], cuts: set[int]) -> Iterator[tuple[int, int]]:
    """§3 of the format, by trying sizes."""
    start = 0
    while start < SIZE:
        n = 1
        while start % (2 * n) == 0 and start + 2 * n <= SIZE and may_span(range(start, start + 2 * n), shown, cuts):
            n *= 2
        yield start, n
        start += n


def may_span(leaves: range, shown: set[int], cuts: set[int]) -> bool:
    return shown.isdisjoint(leaves) and cuts.isdisjoint(leaves[1:])


def test_a_log_that_ends_with_the_seal(log: Session) -> None:
    lines = list(log_lines(log, size=SEAL + 1, seal_seq=SEAL, scopes=(), cuts=(SEAL,)))
    assert b'"seq":4321' in lines[-1]
    assert [(start, n) for start, n, _ in read(lines)] == [
        (0, 4096),
        (4096, 128),
        (4224, 64),
        (4288, 32),
        (4320, 1),
        (4321, 1),
    ]


def test_a_seal_beyond_the_log_is_refused(log: Session) -> None:
    with pytest.raises(InvalidTree):
        list(log_lines(log, size=SEAL, seal_seq=SEAL, scopes=SCOPES, cuts=()))
