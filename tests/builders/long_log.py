"""A log as long as one likes, written past the portal: leaves that nobody reads, in a true tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, text, update

from portal.domain.log.leaf import Leaf
from portal.domain.log.merkle import Frontier
from portal.domain.log.subtrees import Subtree, completed_subtrees
from portal.models import LogHead, LogLeaf, LogSubtree
from portal.services.audit import leaf_row

FOREIGN = "LAIN/2026/I.1"
"""The scope of all leaves that are not given."""

_ADD_LEAVES = {
    "sqlite": "WITH RECURSIVE n(seq) AS (SELECT 0 UNION ALL SELECT seq + 1 FROM n WHERE seq + 1 < :size)"
    " INSERT INTO log_leaf (seq, scope, iseq, body, leaf_hash)"
    " SELECT seq, :scope, seq, '', CAST(printf('%032d', seq) AS BLOB) FROM n"
    " WHERE seq NOT IN (SELECT seq FROM log_leaf)",
    "postgresql": "INSERT INTO log_leaf (seq, scope, iseq, body, leaf_hash)"
    " SELECT n, :scope, n, '', convert_to(lpad(CAST(n AS text), 32, '0'), 'UTF8') FROM generate_series(0, :size - 1) n"
    " WHERE n NOT IN (SELECT seq FROM log_leaf)",
}


def hash_at(seq: int) -> bytes:
    """The leaf hash of a foreign leaf, which is none of any bytes, but 32 of them."""
    return b"%032d" % seq


def write_long_log(connection: Connection, size: int, own: Sequence[Leaf] = ()) -> None:
    """Fill the empty log with `size` leaves, `own` where they say and foreign ones between; no guard may be on it."""
    write_leaves(connection, size, own)
    hashes = {leaf.seq: leaf.hash for leaf in own}
    frontier, subtrees = Frontier(), list[Subtree]()
    for seq in range(size):
        leaf_hash = hashes.get(seq) or hash_at(seq)
        subtrees += completed_subtrees(frontier, leaf_hash)
        frontier = frontier.append(leaf_hash)
    connection.execute(insert(LogSubtree), [asdict(each) for each in subtrees])
    connection.execute(update(LogHead).values(size=size, frontier=frontier.to_bytes(), root=frontier.root))


def write_leaves(connection: Connection, size: int, own: Sequence[Leaf] = ()) -> None:
    """The leaves alone."""
    if own:
        connection.execute(insert(LogLeaf), [leaf_row(leaf) for leaf in own])
    connection.execute(text(_ADD_LEAVES[connection.dialect.name]), {"size": size, "scope": FOREIGN})
