"""Roots and proofs from the stored hashes, against RFC 6962's own recursion over all leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import IntegrityMismatch
from portal.domain.events import UserDeactivated
from portal.domain.log.merkle import EMPTY_ROOT, InvalidTree, verify_consistency, verify_inclusion
from portal.models import LogLeaf, LogSubtree
from portal.models.guards import drop_guards
from portal.services import audit
from portal.services.log_reader import get_head
from portal.services.log_tree import LogTree
from portal.services.unit_of_work import transaction
from tests.builders.long_log import hash_at, write_long_log
from tests.builders.world import NOW
from tests.domain.log.naive_tree import naive_path, naive_root, naive_subproof
from tests.fixtures.databases import as_owner
from tests.test_migrations import migration_guards

LONG = 65_536 + 3 * 256 + 77
"""A subtree of the second level, three more of the first, and leaves."""


@contextmanager
def log_of(size: int) -> Iterator[Session]:
    with as_owner() as connection:
        drop_guards(connection, migration_guards())
        write_long_log(connection, size)
        yield Session(connection)
        connection.rollback()


@pytest.fixture
def long_log(app_context: Flask) -> Iterator[Session]:  # noqa: ARG001  # a fixture cannot ask for another by mark
    with log_of(LONG) as session:
        yield session


@pytest.mark.usefixtures("app_context")
def test_what_the_trail_keeps_gives_the_roots_and_proofs_of_its_leaves() -> None:
    for count in (255, 1, 300, 44, 7):
        with transaction() as session:
            for _ in range(count):
                audit.record(session, UserDeactivated(obj=uuid4()), actor=Actor.system("test"), now=NOW)
    with transaction(write=False) as session:
        leaves = list(session.execute(select(LogLeaf.leaf_hash).order_by(LogLeaf.seq)).scalars())
        assert len(list(session.execute(select(LogSubtree)).scalars())) == len(leaves) // 256 == 2
        assert LogTree(session, len(leaves)).root_at(len(leaves)) == get_head(session).root
        for size in (1, 2, 255, 256, 257, 511, 512, 513, 607):
            tree = LogTree(session, size)
            assert tree.root_at(size) == naive_root(leaves[:size])
            for index in {0, size // 2, min(255, size - 1), min(256, size - 1), size - 1}:
                assert list(tree.inclusion_proof(index)) == naive_path(leaves[:size], index), (index, size)
                proof = list(tree.consistency_proof(index + 1))
                assert proof == naive_subproof(leaves[:size], index + 1, True), (index + 1, size)


def test_proofs_and_subtrees_of_a_long_log_are_the_defined_ones(long_log: Session) -> None:
    leaves = [hash_at(seq) for seq in range(LONG)]
    tree = LogTree(long_log, LONG)
    assert tree.root_at(LONG) == get_head(long_log).root == naive_root(leaves)
    for index in (65_535, 65_536, LONG - 1):
        assert list(tree.inclusion_proof(index)) == naive_path(leaves, index)
    for old_size in (65_537, LONG - 1):
        assert list(tree.consistency_proof(old_size)) == naive_subproof(leaves, old_size, True)
    for height in range(17):
        n = 1 << height
        for start in {0, (LONG // n - 1) * n}:
            assert tree.subtree_hash(start, n) == naive_root(leaves[start : start + n]), f"{n} leaves from {start} on"


def test_proofs_between_any_two_sizes_verify(long_log: Session) -> None:
    random = Random(6962)  # noqa: S311  # which pairs are tried is no secret
    for _ in range(60):
        old_size, size = sorted(random.choices(range(1, LONG + 1), k=2))
        tree = LogTree(long_log, size)
        old_root, root, index = tree.root_at(old_size), tree.root_at(size), old_size - 1
        proof = tree.inclusion_proof(index)
        assert verify_inclusion(hash_at(index), index=index, size=size, proof=proof, root=root), (index, size)
        proof = tree.consistency_proof(old_size)
        assert verify_consistency(old_size=old_size, old_root=old_root, new_size=size, new_root=root, proof=proof), (
            old_size,
            size,
        )


@pytest.mark.parametrize(("start", "n"), [(0, 0), (0, 3), (2, 4), (4, 8), (-4, 4), (8, 4)])
def test_no_hash_of_a_subtree_that_is_none_or_not_there(start: int, n: int) -> None:
    with pytest.raises(InvalidTree, match="no subtree"):
        LogTree(Session(), 11).subtree_hash(start, n)


def test_the_empty_tree_has_a_root_and_no_proofs() -> None:
    tree = LogTree(Session(), 0)
    assert tree.root_at(0) == EMPTY_ROOT
    with pytest.raises(InvalidTree):
        tree.inclusion_proof(0)
    with pytest.raises(InvalidTree):
        tree.consistency_proof(0)


@pytest.mark.usefixtures("app_context")
def test_a_hash_that_is_not_stored_is_told_instead_of_a_wrong_root() -> None:
    with log_of(700) as session:
        with pytest.raises(IntegrityMismatch, match="188 are stored"):
            LogTree(session, 701).root_at(701)
        session.execute(delete(LogSubtree).where(LogSubtree.position == 0))
        with pytest.raises(IntegrityMismatch, match="1 are stored"):
            LogTree(session, 700).inclusion_proof(699)
