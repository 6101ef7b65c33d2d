"""Kept subtrees appear with the leaf that fills them, with the root that the definition gives."""

from __future__ import annotations

from portal.domain.log.leaf import leaf_hash
from portal.domain.log.merkle import Frontier, root_of
from portal.domain.log.subtrees import Subtree, completed_subtrees


def test_a_subtree_is_told_once_by_the_leaf_that_fills_it() -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(65_536 + 257)]
    frontier, found = Frontier(), []
    for number, leaf in enumerate(leaves, start=1):
        found += [(number, each) for each in completed_subtrees(frontier, leaf)]
        frontier = frontier.append(leaf)
    expected = [
        (stop, Subtree(1, stop // 256 - 1, root_of(leaves[stop - 256 : stop])))
        for stop in range(256, 65_537 + 256, 256)
    ]
    expected.insert(256, (65_536, Subtree(2, 0, root_of(leaves[:65_536]))))
    assert found == expected
