"""A tree built in one pass has the frontier, the roots and the full subtrees of the standard."""

from __future__ import annotations

from hashlib import sha256
from itertools import islice

import pytest

from portal.domain.log.merkle import Frontier, root_of
from portal.domain.log.tree_builder import BLOCK, TreeBuilder

HASHES = [sha256(number.to_bytes(4)).digest() for number in range(2 * BLOCK + 7)]


def appended(hashes: list[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in hashes:
        frontier = frontier.append(leaf)
    return frontier


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, len(HASHES)])
def test_it_agrees_with_appending_one_by_one(size: int) -> None:
    builder = TreeBuilder()
    builder.extend(HASHES[:size])
    assert builder.size == size
    assert builder.frontier() == appended(HASHES[:size])
    assert builder.frontier().root == root_of(HASHES[:size])


@pytest.mark.parametrize("piece", [1, 5, 100, 256, 300])
def test_pieces_make_no_difference(piece: int) -> None:
    builder, left = TreeBuilder(), iter(HASHES)
    while batch := list(islice(left, piece)):
        builder.extend(batch)
    assert builder.frontier() == appended(HASHES)


def test_it_tells_every_full_subtree_once_and_of_every_level() -> None:
    told: list[tuple[int, int, bytes]] = []
    builder = TreeBuilder(lambda level, position, root: told.append((level, position, root)))
    blocks = [HASHES[:BLOCK], HASHES[BLOCK : 2 * BLOCK]]
    builder.extend(HASHES)
    assert told == [(1, 0, root_of(blocks[0])), (1, 1, root_of(blocks[1]))]
    builder.extend(HASHES[:1] * (BLOCK * BLOCK - len(HASHES)))
    assert (told[-1][0], told[-1][1]) == (2, 0)
    assert told[-1][2] == root_of([root for level, _, root in told if level == 1])
    assert builder.frontier().roots == (told[-1][2],)
