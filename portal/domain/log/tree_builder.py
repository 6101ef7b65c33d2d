"""Builds the tree of a whole log from its leaf hashes as they pass by, in constant memory and without a frontier to
begin from.

For whoever checks a log from its first leaf on. It goes by blocks of 256 leaves, which makes it several times faster
than appending to a frontier, and a second way to the same root.
"""

from collections.abc import Callable, Iterable

from portal.domain.log.merkle import Frontier, root_of

BLOCK = 256
"""Nodes of one level that make one node of the next."""


class TreeBuilder:
    """Takes leaf hashes (32 bytes) in order. `on_full(level, position, root)` hears of every full subtree of
    256^level leaves, level from 1, position counted in subtrees of that level.
    """

    def __init__(self, on_full: Callable[[int, int, bytes], None] | None = None) -> None:
        self._levels: list[list[bytes]] = [[]]
        self._closed: list[int] = [0]
        self._on_full = on_full

    @property
    def size(self) -> int:
        """How many leaves there are so far."""
        return BLOCK * self._closed[0] + len(self._levels[0])

    def extend(self, hashes: Iterable[bytes]) -> None:
        """Append these leaf hashes."""
        leaves = self._levels[0]
        for leaf in hashes:
            leaves.append(leaf)
            if len(leaves) == BLOCK:
                self._close(0)
                leaves = self._levels[0]

    def frontier(self) -> Frontier:
        """The roots of the full subtrees of all leaves so far."""
        roots = [root for level in reversed(self._levels) for root in _full_subtrees(level)]
        return Frontier(self.size, tuple(roots))

    def _close(self, at: int) -> None:
        """Make one node of the next level of a level that is full."""
        root = root_of(self._levels[at])
        self._levels[at] = []
        if at + 1 == len(self._levels):
            self._levels.append([])
            self._closed.append(0)
        if self._on_full:
            self._on_full(at + 1, self._closed[at], root)
        self._closed[at] += 1
        self._levels[at + 1].append(root)
        if len(self._levels[at + 1]) == BLOCK:
            self._close(at + 1)


def _full_subtrees(nodes: list[bytes]) -> Iterable[bytes]:
    """Roots of the largest full subtrees over these nodes of one level, largest first."""
    start = 0
    for bit in reversed(range(len(nodes).bit_length())):
        width = 1 << bit
        if len(nodes) & width:
            yield root_of(nodes[start : start + width])
            start += width
