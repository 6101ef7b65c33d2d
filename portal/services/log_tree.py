"""The log's tree over its stored hashes: roots, proofs and full subtrees for any size, without reading all leaves.

It reads what `audit.py` kept and proves nothing by itself: whoever gets a root or a proof checks it. It never reads
the body of a leaf.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.errors import IntegrityMismatch
from portal.domain.log.merkle import Frontier, InvalidTree, root_of
from portal.domain.log.ranges import LeafRange, consistency_ranges, cover, inclusion_ranges
from portal.domain.log.subtrees import BITS, WIDTH, leaves_below
from portal.models import LogLeaf, LogSubtree


class LogTree:
    """The tree of the first `size` leaves, for as long as the session's transaction is open.

    Hashes are 32 bytes. Everything raises InvalidTree for leaves that this tree does not have, and IntegrityMismatch
    when hashes that must be stored are not.
    """

    def __init__(self, session: Session, size: int) -> None:
        self.size = size
        self._session = session
        self._rows: dict[int, tuple[int, list[bytes]]] = {}  # of each level the row read last: readers go left to right

    def root_at(self, size: int) -> bytes:
        """Root of the first `size` leaves, at most as many as the tree has."""
        return self._hash(LeafRange(0, size))

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Audit path of leaf `index`, from the leaf upwards: RFC 6962 §2.1.1."""
        return tuple(self._hash(each) for each in inclusion_ranges(index, self.size))

    def consistency_proof(self, old_size: int) -> tuple[bytes, ...]:
        """Proof that the first `old_size` leaves, one at least, are the beginning of this tree: RFC 6962 §2.1.2."""
        return tuple(self._hash(each) for each in consistency_ranges(old_size, self.size))

    def subtree_hash(self, start: int, n: int) -> bytes:
        """Root of the full subtree of `n` leaves from `start` on; `n` is a power of two, `start` a multiple of it."""
        if n.bit_count() != 1 or start % n or not 0 <= start <= self.size - n:
            raise InvalidTree(f"a tree of {self.size} leaves has no subtree of {n} leaves from {start} on")
        level = (n.bit_length() - 1) // BITS
        first, count = start // leaves_below(level), n // leaves_below(level)
        row = self._row(level, first // WIDTH)
        return root_of(row[first % WIDTH : first % WIDTH + count])

    def _hash(self, leaves: LeafRange) -> bytes:
        """MTH of a node's leaves, which are full subtrees, the largest first, as in a tree of their number."""
        roots = (self.subtree_hash(piece.start, piece.size) for piece in cover(leaves.start, leaves.stop))
        return Frontier(leaves.size, tuple(roots)).root

    def _row(self, level: int, number: int) -> list[bytes]:
        """The hashes of a level that stand below one of the next, as far as the tree has them."""
        if level not in self._rows or self._rows[level][0] != number:
            self._rows[level] = number, self._read(level, number)
        return self._rows[level][1]

    def _read(self, level: int, number: int) -> list[bytes]:
        start, stop = number * WIDTH, min((number + 1) * WIDTH, self.size // leaves_below(level))
        place, hash_ = (LogSubtree.position, LogSubtree.hash) if level else (LogLeaf.seq, LogLeaf.leaf_hash)
        query = select(hash_).where(place >= start, place < stop).order_by(place)
        if level:
            query = query.where(LogSubtree.level == level)
        found = list(self._session.execute(query).scalars())
        if len(found) != stop - start:
            raise IntegrityMismatch(f"of the tree's hashes {start} to {stop} at level {level}, {len(found)} are stored")
        return found
