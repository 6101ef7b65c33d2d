"""The trail as it is written: numbered without gaps, chained, rooted, and one with the change it records."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.domain.actor import Actor, Origin
from portal.domain.events import Personal, UserDeactivated, UserInvited
from portal.domain.log.leaf import ZERO_HASH, decode, leaf_hash, parse_leaf
from portal.domain.log.merkle import Frontier, root_of
from portal.models import LogHead, LogLeaf, LogOpening, ScopeHead, Unit
from portal.services import audit
from portal.services.unit_of_work import (
    CommitOutsideTransaction,
    NoTransactionOpen,
    TransactionOpen,
    after_commit,
    transaction,
)
from tests.fixtures.databases import settings_for

NOW = datetime(2026, 3, 10, 2, 0, 0, 123456, tzinfo=UTC)
SYSTEM = Actor.system("test")
WRITERS, EACH = 8, 25


def record_some(scope: str, count: int = 1) -> None:
    with transaction() as session:
        for _ in range(count):
            audit.record(session, UserDeactivated(obj=uuid4()), actor=SYSTEM, now=NOW, scope=scope)


def invited(*, email: str, name: str) -> UserInvited:
    return UserInvited(
        obj=uuid4(),
        invitation=uuid4(),
        token_sha256="0" * 64,
        valid_minutes=60,
        email=Personal(email),
        name=Personal(name),
    )


def verify_log() -> int:
    """Assert that the whole log is one: numbers, chains, hashes, frontier, heads. Returns its size."""
    with transaction(write=False) as session:
        leaves = list(session.execute(select(LogLeaf).order_by(LogLeaf.seq)).scalars())
        head = session.execute(select(LogHead)).scalar_one()
        heads = {row.scope: (row.size, row.leaf_hash) for row in session.execute(select(ScopeHead)).scalars()}
        ends: dict[str, tuple[int, bytes]] = {}
        for seq, row in enumerate(leaves):
            leaf = parse_leaf(row.body.encode())
            iseq, iprev = ends.get(leaf.scope, (0, ZERO_HASH))
            assert (leaf.seq, leaf.iseq, leaf.iprev) == (seq, iseq, iprev)
            assert (row.seq, row.scope, row.iseq, row.leaf_hash) == (seq, leaf.scope, iseq, leaf.hash)
            ends[leaf.scope] = (iseq + 1, leaf.hash)
        assert heads == ends
        assert head.size == len(leaves)
        assert head.root == root_of([row.leaf_hash for row in leaves])
        assert Frontier.from_bytes(head.size, head.frontier).root == head.root
        return head.size


@pytest.mark.usefixtures("app_context")
def test_req_18_leaves_are_numbered_chained_and_rooted() -> None:
    record_some("A/2026/I.1", 2)
    record_some("B/2026/I.1")
    record_some("A/2026/I.1")
    assert verify_log() == 4


@pytest.mark.usefixtures("app_context")
def test_personal_text_is_committed_to_and_opens_with_its_salt() -> None:
    actor = Actor(user_id=uuid4(), origin=Origin(address="10.0.0.7", session="s1"))
    with transaction() as session:
        event = invited(email="siti@contoh.go.id", name="Siti Ame\u0301lia")
        audit.record(session, event, actor=actor, now=NOW)
    with transaction(write=False) as session:
        body = session.execute(select(LogLeaf.body)).scalar_one()
        openings = {row.field: (row.salt, row.value) for row in session.execute(select(LogOpening)).scalars()}
        ev = decode(body.encode())["ev"]
    for hidden in ("Siti", "siti@", "10.0.0.7"):
        assert hidden not in body
    assert isinstance(ev, dict)
    assert ev["ts"] == "2026-03-10T02:00:00.123456Z"
    data = ev["data"]
    assert isinstance(data, dict)
    for field, place in (("name", data), ("email", data), ("ip", ev), ("sid", ev)):
        salt, value = openings[field]
        assert place[f"{field}_c"] == sha256(salt + value.encode()).hexdigest()
    assert openings["name"][1] == "Siti Am\u00e9lia"


@pytest.mark.usefixtures("app_context")
def test_req_16_a_change_and_its_event_are_kept_or_dropped_together() -> None:
    class Surprise(Exception):
        pass

    def add(code: str, *, then: Exception | None) -> None:
        with transaction() as session:
            unit = Unit(code=code, name=code, path=f"/{code}/", timezone="Asia/Jakarta")
            session.add(unit)
            audit.record(session, UserDeactivated(obj=unit.id), actor=SYSTEM, now=NOW)
            if then:
                raise then

    with pytest.raises(Surprise):
        add("A", then=Surprise())
    add("B", then=None)
    with transaction(write=False) as session:
        assert session.execute(select(Unit.code)).scalars().all() == ["B"]
    assert verify_log() == 1


@pytest.mark.usefixtures("app_context")
def test_req_19_an_event_that_cannot_be_written_stops_what_it_belongs_to() -> None:
    def add_with_unwritable_event() -> None:
        with transaction() as session:
            session.add(Unit(code="A", name="A", path="/A/", timezone="Asia/Jakarta"))
            event = invited(email="\ud800", name="x")
            audit.record(session, event, actor=SYSTEM, now=NOW)

    with pytest.raises(ValueError, match="UTF-8"):
        add_with_unwritable_event()
    with transaction(write=False) as session:
        assert session.execute(select(Unit.code)).first() is None
    assert verify_log() == 0


@pytest.mark.usefixtures("app_context")
def test_req_16_no_transaction_opens_inside_another_and_nobody_else_commits() -> None:
    with transaction() as session:
        with pytest.raises(TransactionOpen), transaction():
            pytest.fail("a second transaction was opened")
        with pytest.raises(CommitOutsideTransaction):
            session.commit()
        session.rollback()


@pytest.mark.usefixtures("app_context")
def test_reading_keeps_nothing_and_callbacks_wait_for_the_commit() -> None:
    told: list[str] = []
    with transaction(write=False) as session:
        session.add(Unit(code="A", name="A", path="/A/", timezone="Asia/Jakarta"))
        session.flush()
    with transaction() as session:
        after_commit(session, lambda: told.append("kept"))
        assert told == []
        assert session.execute(select(Unit.code)).first() is None
    assert told == ["kept"]
    with contextlib.suppress(ZeroDivisionError), transaction() as session:
        after_commit(session, lambda: told.append("dropped"))
        raise ZeroDivisionError
    assert told == ["kept"]
    with pytest.raises(NoTransactionOpen):
        after_commit(session, lambda: told.append("never"))


@pytest.mark.usefixtures("app_context")
def test_a_callback_that_fails_keeps_neither_the_change_nor_the_others_back() -> None:
    told: list[str] = []

    def fail() -> None:
        told.append("failed")
        raise ZeroDivisionError

    def add_unit() -> None:
        with transaction() as session:
            session.add(Unit(code="A", name="A", path="/A/", timezone="Asia/Jakarta"))
            for callback in (fail, lambda: told.append("ran"), fail):
                after_commit(session, callback)

    with pytest.raises(ExceptionGroup) as failures:
        add_unit()
    assert [type(each) for each in failures.value.exceptions] == [ZeroDivisionError, ZeroDivisionError]
    assert told == ["failed", "ran", "failed"]
    with transaction(write=False) as session:
        assert session.execute(select(Unit.code)).scalars().all() == ["A"]


WRITER = """
import sys
from pathlib import Path
from portal import create_app
from tests.fixtures.databases import settings_for
from tests.services.test_audit import EACH, record_some
with create_app(settings_for(sys.argv[1], Path(sys.argv[2]))).app_context():
    for number in range(EACH):
        record_some(f"U/2026/{number % 3}", 1 + number % 2)
print("done")
"""


def test_req_18_eight_processes_write_one_log(database_url: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, database_url, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
        )
        for _ in range(WRITERS)
    ]
    assert [writer.communicate(timeout=240)[0].strip() for writer in writers] == ["done"] * WRITERS
    app: Flask = create_app(settings_for(database_url, tmp_path))
    with app.app_context():
        assert verify_log() == WRITERS * sum(1 + number % 2 for number in range(EACH))
        app.extensions["sqlalchemy"].engine.dispose()


def test_the_leaf_hash_is_the_one_of_the_standard() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
