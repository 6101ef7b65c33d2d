"""Proofs from a log of a million leaves, and what the log weighs in the bag of one unit out of ten million.

Run it with `uv run python -m bench.proofs [--json] [--quick]`.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

from sqlalchemy.orm import Session

from bench.measure import MB, seconds
from bench.office import portal_in, scratch_folder
from bench.report import Result, options, publish
from portal.db import db
from portal.domain.log.leaf import ZERO_HASH, Leaf, build_leaf
from portal.domain.log.merkle import verify_consistency, verify_inclusion
from portal.models.guards import drop_guards
from portal.services.bundles.log_proof import MAX_EARLIER
from portal.services.bundles.trail import log_lines
from portal.services.log_tree import LogTree
from tests.builders.long_log import hash_at, write_long_log
from tests.fixtures.databases import as_owner, migrate, set_up, settings_for, sqlite_url
from tests.servers import postgres
from tests.test_migrations import migration_guards

LIMIT_MS, LIMIT_MB, LIMIT_HASHES_MB = 5.0, 8.0, 1.0
PROOFS, REPEATS = 50, 8
RANDOM = Random(6962)  # noqa: S311  # which places are tried is no secret
UNIT, UNIT_LEAVES = "KPU-1502/2026/I.1", 151 * 5
"""Five events for each of the 151 slots of a plan, each alone at a place of its own, which takes most hashes."""


def measure(*, quick: bool) -> list[Result]:
    size, long_size = (100_000, 1_000_000) if quick else (1_000_000, 10_000_000)
    own = _unit_leaves(long_size)
    with scratch_folder() as folder:
        with _log(sqlite_url(folder / "proofs.sqlite3"), size) as session:
            results = _proofs("SQLite", session, size)
        with postgres.running() as server:
            set_up(server.url(), folder)
            with _log(server.url(), size) as session:
                results += _proofs("PostgreSQL", session, size)
        with _log(sqlite_url(folder / "bag.sqlite3"), long_size, own) as session:
            return results + _bag_log(session, long_size, own)


@contextmanager
def _log(url: str, size: int, own: Sequence[Leaf] = ()) -> Iterator[Session]:
    """A session on a new database with a log of that size."""
    with scratch_folder() as folder:
        migrate(url, folder)
        with portal_in(settings_for(url, folder)), Session(db.engine) as session:
            with as_owner() as connection:
                drop_guards(connection, migration_guards())
                write_long_log(connection, size, own)
            yield session


def _unit_leaves(size: int) -> list[Leaf]:
    """The unit's leaves all over the log, and its seal at the end."""
    leaves, iprev = list[Leaf](), ZERO_HASH
    for iseq, seq in enumerate(sorted(RANDOM.sample(range(size - 1), UNIT_LEAVES))):
        leaf = build_leaf(seq=seq, scope=UNIT, iseq=iseq, iprev=iprev, event={"data": "x" * 400})
        leaves.append(leaf)
        iprev = leaf.hash
    return [*leaves, build_leaf(seq=size - 1, scope="sys", iseq=0, iprev=ZERO_HASH, event={"data": "x" * 400})]


def _proofs(engine: str, session: Session, size: int) -> list[Result]:
    """Time of a proof of a leaf, and of an older size, each with nothing read before."""
    pairs = [sorted(RANDOM.choices(range(1, size + 1), k=2)) for _ in range(PROOFS)]
    for old, new in pairs:
        _check(LogTree(session, new), old)
    of_leaf, of_size = seconds(
        lambda: [LogTree(session, new).inclusion_proof(old - 1) for old, new in pairs],
        lambda: [LogTree(session, new).consistency_proof(old) for old, new in pairs],
        repeats=REPEATS,
    )
    return [
        Result(f"{engine}: proof of a leaf", 1000 * of_leaf / PROOFS, "ms", LIMIT_MS),
        Result(f"{engine}: proof of an older size", 1000 * of_size / PROOFS, "ms", LIMIT_MS),
        Result(
            f"{engine}: memory of a proof", _peak(lambda: LogTree(session, size).inclusion_proof(0)), "MB", LIMIT_MB
        ),
    ]


def _peak(work: Callable[[], object]) -> float:
    """MB of Python's objects while it runs; resident memory would hide them in what building the log has freed."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / MB


def _check(tree: LogTree, old: int) -> None:
    new, root, old_root = tree.size, tree.root_at(tree.size), tree.root_at(old)
    proof = tree.inclusion_proof(old - 1)
    assert verify_inclusion(hash_at(old - 1), index=old - 1, size=new, proof=proof, root=root)
    proof = tree.consistency_proof(old)
    assert verify_consistency(old_size=old, old_root=old_root, new_size=new, new_root=root, proof=proof)


def _bag_log(session: Session, size: int, own: Sequence[Leaf]) -> list[Result]:
    """`audit/log.jsonl` of the unit's bag, from which the roots of earlier checkpoints can be computed too."""
    cuts = RANDOM.sample(range(size), MAX_EARLIER)

    def lines() -> Iterator[bytes]:
        return log_lines(session, size=size, seal_seq=size - 1, scopes=[UNIT], cuts=cuts)

    total = sum(len(line) for line in lines())
    bodies = sum(len(leaf.body) + 1 for leaf in own)
    (writing,) = seconds(lambda: sum(1 for _ in lines()))
    return [
        Result(f"log in a bag: hashes around {UNIT_LEAVES} leaves", (total - bodies) / MB, "MB", LIMIT_HASHES_MB),
        Result("log in a bag: memory", _peak(lambda: sum(1 for _ in lines())), "MB", LIMIT_MB),
        Result("log in a bag: time", writing, "s"),
    ]


if __name__ == "__main__":
    chosen = options(__doc__)
    publish(measure(quick=chosen.quick), as_json=chosen.as_json)
