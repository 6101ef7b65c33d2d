"""The log alone: every way to change, cut or extend it in the database is seen, unless all of it is made anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask

from portal.domain.actor import Actor, Origin
from portal.domain.events import Personal, UserDeactivated, UserInvited
from portal.domain.log.leaf import ZERO_HASH, build_leaf, decode, leaf_hash
from portal.domain.log.merkle import Frontier, root_of
from portal.services import audit
from portal.services.unit_of_work import transaction
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.replay import ReplayedLog, replay_log
from portal.services.verify.snapshot import snapshot
from tests.builders.attacker import Attacker, attacking

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
ACTOR = Actor(user_id=uuid4(), origin=Origin(address="10.0.0.7", session="s1"))
LEAVES = 12


@pytest.fixture
def attacker(app_context: Flask, database_url: str) -> Iterator[Attacker]:  # noqa: ARG001  # on the same database
    """A log of two chains, the texts of every third leaf closed, before somebody without any guard in his way."""
    with transaction() as session:
        for number in range(LEAVES):
            event = (
                UserInvited(
                    obj=uuid4(),
                    invitation=uuid4(),
                    token_sha256="0" * 64,
                    valid_minutes=60,
                    email=Personal(f"{number}@contoh.go.id"),
                    name=Personal("Siti"),
                )
                if number % 3 == 0
                else UserDeactivated(obj=uuid4())
            )
            audit.record(session, event, actor=ACTOR, now=NOW, scope=f"A/2026/I.{number % 2}")
    with attacking(database_url) as attacker:
        yield attacker


def replayed() -> tuple[ReplayedLog, Findings]:
    findings = Findings()
    with snapshot() as session:
        return replay_log(session, findings, root_at=(1, 5, LEAVES, 99)), findings


def places(findings: Findings) -> dict[FindingCode, list[str]]:
    found: dict[FindingCode, list[str]] = {}
    for finding in findings.kept:
        found.setdefault(finding.code, []).append(finding.place)
    return found


def body(attacker: Attacker, seq: int) -> str:
    return str(attacker.value("SELECT body FROM log_leaf WHERE seq = :seq", seq=seq))


def rewrite(attacker: Attacker, seq: int, text: str, *, rehash: bool = True) -> None:
    attacker.run("UPDATE log_leaf SET body = :body WHERE seq = :seq", body=text, seq=seq)
    if rehash:
        attacker.run("UPDATE log_leaf SET leaf_hash = :h WHERE seq = :seq", h=leaf_hash(text.encode()), seq=seq)


@pytest.mark.usefixtures("attacker")
def test_an_untouched_log_is_clean_and_its_roots_are_those_of_its_leaves(attacker: Attacker) -> None:
    log, findings = replayed()
    hashes = [leaf_hash(body(attacker, seq).encode()) for seq in range(LEAVES)]
    assert findings.kept == []
    assert (log.size, log.root) == (LEAVES, root_of(hashes))
    assert log.scopes == {"A/2026/I.0": 6, "A/2026/I.1": 6}
    assert log.roots == {0: root_of([]), 1: hashes[0], 5: root_of(hashes[:5]), LEAVES: log.root}


def other_actor(attacker: Attacker) -> None:
    rewrite(attacker, 4, body(attacker, 4).replace(f"u:{ACTOR.user_id}", f"u:{uuid4()}"), rehash=False)


def other_actor_rehashed(attacker: Attacker) -> None:
    rewrite(attacker, 4, body(attacker, 4).replace(f"u:{ACTOR.user_id}", f"u:{uuid4()}"))


def spaces(attacker: Attacker) -> None:
    rewrite(attacker, 4, json.dumps(decode(body(attacker, 4).encode())))


def doubled_key(attacker: Attacker) -> None:
    rewrite(attacker, 4, body(attacker, 4).replace('{"ev"', '{"ev":{},"ev"'))


def unknown_event(attacker: Attacker) -> None:
    rewrite(attacker, 10, body(attacker, 10).replace("user.deactivated", "user.promoted"))


def field_too_many(attacker: Attacker) -> None:
    rewrite(attacker, 10, body(attacker, 10).replace('"data":{}', '"data":{"reason":"x"}'))


def removed(attacker: Attacker) -> None:
    attacker.run("DELETE FROM log_leaf WHERE seq = 4")


def swapped(attacker: Attacker) -> None:
    for old, new in ((4, 99), (6, 4), (99, 6)):
        attacker.run("UPDATE log_leaf SET seq = :new WHERE seq = :old", old=old, new=new)


def tail_cut(attacker: Attacker) -> None:
    attacker.run("DELETE FROM log_opening WHERE seq >= 10")
    attacker.run("DELETE FROM log_leaf WHERE seq >= 10")


def moved_to_another_chain(attacker: Attacker) -> None:
    attacker.run("UPDATE log_leaf SET scope = 'A/2026/I.7' WHERE seq = 10")


def head_grown(attacker: Attacker) -> None:
    attacker.run("UPDATE log_head SET size = 13")


def root_changed(attacker: Attacker) -> None:
    attacker.run("UPDATE log_head SET root = :root", root=bytes(32))


def frontier_changed(attacker: Attacker) -> None:
    attacker.run("UPDATE log_head SET frontier = :frontier", frontier=bytes(64))


def scope_head_changed(attacker: Attacker) -> None:
    attacker.run("UPDATE scope_head SET size = 5 WHERE scope = 'A/2026/I.0'")


def scope_head_removed(attacker: Attacker) -> None:
    attacker.run("DELETE FROM scope_head WHERE scope = 'A/2026/I.0'")


def subtree_added(attacker: Attacker) -> None:
    attacker.run("INSERT INTO log_subtree (level, position, hash) VALUES (1, 0, :hash)", hash=bytes(32))


def text_changed(attacker: Attacker) -> None:
    attacker.run("UPDATE log_opening SET value = 'Budi' WHERE seq = 3 AND field = 'name'")


def salt_changed(attacker: Attacker) -> None:
    attacker.run("UPDATE log_opening SET salt = :salt WHERE seq = 3 AND field = 'name'", salt=b"short")


def text_erased(attacker: Attacker) -> None:
    attacker.run("DELETE FROM log_opening WHERE seq = 3 AND field = 'email'")


def text_added(attacker: Attacker) -> None:
    attacker.run("INSERT INTO log_opening (seq, field, value, salt) VALUES (4, 'note', 'x', :salt)", salt=bytes(16))


def text_beyond_the_log(attacker: Attacker) -> None:
    attacker.run("INSERT INTO log_opening (seq, field, value, salt) VALUES (77, 'note', 'x', :salt)", salt=bytes(16))


def everything_removed(attacker: Attacker) -> None:
    attacker.run("DELETE FROM log_opening")
    attacker.run("DELETE FROM log_leaf")
    attacker.run("DELETE FROM log_head")
    attacker.run("DELETE FROM scope_head")


C = FindingCode
ATTACKS: tuple[tuple[Callable[[Attacker], None], C, str], ...] = (
    (other_actor, C.LEAF_HASH_WRONG, "catatan 4 (A/2026/I.0)"),
    (other_actor_rehashed, C.CHAIN_BROKEN, "catatan 6 (A/2026/I.0)"),
    (spaces, C.LEAF_UNREADABLE, "catatan 4 (A/2026/I.0)"),
    (doubled_key, C.LEAF_UNREADABLE, "catatan 4 (A/2026/I.0)"),
    (unknown_event, C.EVENT_UNKNOWN, "catatan 10 (A/2026/I.0)"),
    (field_too_many, C.EVENT_UNKNOWN, "catatan 10 (A/2026/I.0)"),
    (removed, C.LEAF_MISSING, "catatan 4"),
    (swapped, C.LEAF_MISPLACED, "catatan 4 (A/2026/I.0)"),
    (tail_cut, C.LOG_HEAD_WRONG, "kepala log, ukuran"),
    (moved_to_another_chain, C.LEAF_MISPLACED, "catatan 10 (A/2026/I.7)"),
    (head_grown, C.LOG_HEAD_WRONG, "kepala log, ukuran"),
    (root_changed, C.LOG_HEAD_WRONG, "kepala log, akar"),
    (frontier_changed, C.LOG_HEAD_WRONG, "kepala log, tepi"),
    (scope_head_changed, C.SCOPE_HEAD_WRONG, "kepala rantai A/2026/I.0"),
    (scope_head_removed, C.SCOPE_HEAD_WRONG, "kepala rantai A/2026/I.0"),
    (subtree_added, C.SUBTREE_WRONG, "subpohon 0 tingkat 1"),
    (text_changed, C.OPENING_WRONG, "catatan 3, isian name"),
    (salt_changed, C.OPENING_WRONG, "catatan 3, isian name"),
    (text_erased, C.OPENING_MISSING, "catatan 3, isian email"),
    (text_added, C.OPENING_ORPHANED, "catatan 4, isian note"),
    (text_beyond_the_log, C.OPENING_ORPHANED, "catatan 77, isian note"),
    (everything_removed, C.LOG_HEAD_WRONG, "kepala log, ukuran"),
)


@pytest.mark.parametrize(("attack", "code", "place"), ATTACKS, ids=lambda value: getattr(value, "__name__", None))
def test_an_attack_on_the_log_is_seen_where_it_was_made(
    attacker: Attacker, attack: Callable[[Attacker], None], code: FindingCode, place: str
) -> None:
    attack(attacker)
    found = places(replayed()[1])
    assert place in found.get(code, []), found


def test_a_log_made_anew_from_end_to_end_is_clean_by_itself_and_has_another_root(attacker: Attacker) -> None:
    """Why a checkpoint must lie elsewhere: nothing inside the database shows this."""
    root = replayed()[0].root
    make_anew(attacker, {4: (f"u:{ACTOR.user_id}", f"u:{uuid4()}")})
    log, findings = replayed()
    assert findings.kept == []
    assert log.root != root


def make_anew(attacker: Attacker, changes: dict[int, tuple[str, str]]) -> None:
    """Rewrite leaves and every hash that depends on them, as an owner of the database can in a second."""
    frontier, ends = Frontier(), dict[str, tuple[int, bytes]]()
    for seq in range(attacker.value("SELECT COUNT(*) FROM log_leaf")):
        event = decode(body(attacker, seq).replace(*changes.get(seq, ("", ""))).encode())["ev"]
        assert isinstance(event, dict)
        iseq, iprev = ends.get(str(event["scope"]), (0, ZERO_HASH))
        leaf = build_leaf(seq=seq, scope=str(event["scope"]), iseq=iseq, iprev=iprev, event=event)
        ends[leaf.scope], frontier = (iseq + 1, leaf.hash), frontier.append(leaf.hash)
        rewrite(attacker, seq, leaf.body.decode())
    attacker.run("UPDATE log_head SET frontier = :f, root = :r", f=frontier.to_bytes(), r=frontier.root)
    for scope, (_, last) in ends.items():
        attacker.run("UPDATE scope_head SET leaf_hash = :h WHERE scope = :scope", h=last, scope=scope)


def test_full_subtrees_are_compared_with_those_that_were_kept(app_context: Flask, database_url: str) -> None:  # noqa: ARG001  # on the same database
    with transaction() as session:
        for _ in range(300):
            audit.record(session, UserDeactivated(obj=uuid4()), actor=ACTOR, now=NOW)
    assert replayed()[1].kept == []
    with attacking(database_url) as attacker:
        attacker.run("UPDATE log_subtree SET hash = :hash", hash=bytes(32))
    assert places(replayed()[1]) == {C.SUBTREE_WRONG: ["subpohon 0 tingkat 1"]}
