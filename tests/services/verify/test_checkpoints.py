"""Signed checkpoints, the signer's memory and a printed checkpoint: what shows a log that is sound in itself and yet
another one than it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask

from portal.adapters.open_signer import open_signer
from portal.adapters.store import ObjectStore
from portal.domain.actor import Actor
from portal.domain.events import UserDeactivated
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.leaf import ZERO_HASH, build_leaf, decode
from portal.domain.log.merkle import Frontier
from portal.services import audit
from portal.services.anchors.locked_object import LockedPlace, object_key
from portal.services.checkpoints import find_newest_checkpoint, sign_checkpoint
from portal.services.signing_keys import introduce_keys
from portal.services.unit_of_work import transaction
from portal.services.verify.checkpoints import Witness
from portal.services.verify.findings import FindingCode as C
from portal.services.verify.verifying import Unestablished, Verification, verify_portal
from portal.signer.desk import SigningDesk
from tests.builders.attacker import Attacker, attacking

MINUTES = count()


def now() -> datetime:
    return datetime(2026, 3, 10, tzinfo=UTC) + timedelta(minutes=next(MINUTES))


def happen(events: int) -> None:
    """Events about nobody in a chain of their own."""
    with transaction() as session:
        for _ in range(events):
            audit.record(session, UserDeactivated(obj=uuid4()), actor=Actor(process="test"), now=now())


def verified(app: Flask, signer: SigningDesk, *, printed: Witness | None = None) -> Verification:
    return verify_portal(
        actor=Actor.system("verify"), store=app.extensions["portal.store"], signer=signer, printed=printed, now=now()
    )


def found(verification: Verification) -> list[tuple[C, str]]:
    return [(finding.code, finding.place) for finding in verification.findings.kept]


@pytest.fixture
def signed(app_context: Flask, signer: SigningDesk) -> Flask:
    """A log with two checkpoints, of 5 and 9 leaves, and two more leaves after them: three keys, then events."""
    for events in (2, 4):
        happen(events)
        sign_checkpoint(signer=signer, now=now())
    happen(2)
    return app_context


def test_checkpoints_that_agree_with_the_log_are_clean(signed: Flask, signer: SigningDesk) -> None:
    verification = verified(signed, signer)
    assert (found(verification), verification.checkpoints, verification.unestablished) == ([], 2, ())


def test_a_rotation_is_clean_before_and_after_the_next_checkpoint(signed: Flask, signer: SigningDesk) -> None:
    signer.rotate()
    verification = verified(signed, signer)
    assert (found(verification), verification.unestablished) == ([], (Unestablished.KEY_NOT_RECORDED,))
    sign_checkpoint(signer=signer, now=now())
    happen(1)
    sign_checkpoint(signer=signer, now=now())
    verification = verified(signed, signer)
    assert (found(verification), verification.checkpoints, verification.unestablished) == ([], 4, ())


def test_without_a_checkpoint_it_says_what_it_could_not_establish(app_context: Flask, signer: SigningDesk) -> None:
    happen(1)
    assert verified(app_context, signer).unestablished == (Unestablished.NO_CHECKPOINT,)


def other_root(attacker: Attacker) -> None:
    attacker.run("UPDATE log_checkpoint SET root = :root WHERE size = 5", root="0" * 64)


def other_note(attacker: Attacker) -> None:
    note = str(attacker.value("SELECT note FROM log_checkpoint WHERE size = 5"))
    attacker.run("UPDATE log_checkpoint SET note = :note WHERE size = 5", note=note.replace("log1\n5\n", "log1\n6\n"))


def no_note(attacker: Attacker) -> None:
    attacker.run("UPDATE log_checkpoint SET note = 'tidak ada' WHERE size = 5")


def old_note_as_a_new_one(attacker: Attacker) -> None:
    attacker.run(
        "UPDATE log_checkpoint SET note = (SELECT o.note FROM log_checkpoint o WHERE o.size = 5) WHERE size = 9"
    )


def other_key(attacker: Attacker) -> None:
    attacker.run("UPDATE signing_key SET key = :key WHERE kind = 'ssh'", key="portal ssh-ed25519 AAAA")


def spoilt_key(attacker: Attacker) -> None:
    attacker.run("UPDATE signing_key SET key = 'bukan kunci' WHERE kind = 'checkpoint'")


def later_key(attacker: Attacker) -> None:
    attacker.run("UPDATE signing_key SET from_size = 7 WHERE kind = 'checkpoint'")


def key_removed(attacker: Attacker) -> None:
    attacker.run("DELETE FROM signing_key WHERE kind = 'checkpoint'")


ATTACKS: tuple[tuple[Callable[[Attacker], None], C, str], ...] = (
    (other_root, C.LOG_REWRITTEN, "checkpoint 5, akar log 5"),
    (other_root, C.CHECKPOINT_UNREADABLE, "checkpoint 5"),
    (other_note, C.CHECKPOINT_UNSIGNED, "checkpoint 5"),
    (no_note, C.CHECKPOINT_UNREADABLE, "checkpoint 5"),
    (old_note_as_a_new_one, C.CHECKPOINT_UNREADABLE, "checkpoint 9"),
    (other_key, C.ROW_CHANGED, "(tabel signing_key), key"),
    (later_key, C.CHECKPOINT_UNSIGNED, "checkpoint 5"),
    (spoilt_key, C.CHECKPOINT_UNSIGNED, "checkpoint 5"),
    (key_removed, C.ROW_MISSING, "(tabel signing_key)"),
)


@pytest.mark.parametrize(("attack", "code", "place"), ATTACKS, ids=lambda value: getattr(value, "__name__", None))
def test_an_attack_on_checkpoints_and_keys_is_seen(
    signed: Flask,
    signer: SigningDesk,
    database_url: str,
    attack: Callable[[Attacker], None],
    code: C,
    place: str,
) -> None:
    with attacking(database_url) as attacker:
        attack(attacker)
    told = found(verified(signed, signer))
    assert any(each is code and place in where for each, where in told), told


def test_a_key_that_came_after_the_signers_own_is_foreign(signed: Flask, signer: SigningDesk, tmp_path: Path) -> None:
    """Written into the trail as the portal does it, so that rows, events and log agree."""
    thief = SigningDesk.create(tmp_path / "thief", origin=signer.keys().verifier.name)
    introduce_keys(keys=replace(signer.keys(), ecdsa=thief.keys().ecdsa), last=signer.last_signed(), now=now())
    assert found(verified(signed, signer)) == [(C.KEY_FOREIGN, "kunci ecdsa")]


def test_a_note_by_another_key_is_not_signed(
    signed: Flask, signer: SigningDesk, database_url: str, tmp_path: Path
) -> None:
    thief = SigningDesk.create(tmp_path / "thief", origin=signer.keys().verifier.name)
    with attacking(database_url) as attacker:
        root = bytes.fromhex(attacker.value("SELECT root FROM log_checkpoint WHERE size = 9"))
        forged = thief.sign_checkpoint(
            checkpoint=Checkpoint(signer.keys().verifier.name, 9, root), old_size=0, proof=()
        )
        attacker.run("UPDATE log_checkpoint SET note = :note WHERE size = 9", note=forged)
    assert (C.CHECKPOINT_UNSIGNED, "checkpoint 9") in found(verified(signed, signer))


def cut_tail(attacker: Attacker, size: int) -> None:
    """Cut the log to `size` leaves as an owner of the database would: heads, chains, checkpoints, all of it."""
    attacker.run("DELETE FROM log_leaf WHERE seq >= :size", size=size)
    attacker.run("DELETE FROM log_checkpoint WHERE size > :size", size=size)
    make_anew(attacker, change=("", ""))


def make_anew(attacker: Attacker, *, change: tuple[str, str]) -> None:
    """Rewrite every leaf with `change` made in it, and every hash that depends on one."""
    frontier, end = Frontier(), (0, ZERO_HASH)
    for seq in range(attacker.value("SELECT COUNT(*) FROM log_leaf")):
        body = str(attacker.value("SELECT body FROM log_leaf WHERE seq = :seq", seq=seq))
        event = decode(body.replace(*change).encode())["ev"]
        assert isinstance(event, dict)
        leaf = build_leaf(seq=seq, scope="sys", iseq=end[0], iprev=end[1], event=event)
        end, frontier = (leaf.iseq + 1, leaf.hash), frontier.append(leaf.hash)
        attacker.run(
            "UPDATE log_leaf SET body = :body, leaf_hash = :hash WHERE seq = :seq",
            body=leaf.body.decode(), hash=leaf.hash, seq=seq,
        )  # fmt: skip
    attacker.run(
        "UPDATE log_head SET size = :s, frontier = :f, root = :r",
        s=frontier.size, f=frontier.to_bytes(), r=frontier.root,
    )  # fmt: skip
    attacker.run("UPDATE scope_head SET size = :s, leaf_hash = :h", s=end[0], h=end[1])


def test_a_tail_cut_off_cleanly_is_known_to_the_signer(signed: Flask, signer: SigningDesk, database_url: str) -> None:
    with attacking(database_url) as attacker:
        cut_tail(attacker, 7)
    assert found(verified(signed, signer)) == [(C.LOG_CUT, "penanda tangan")]


def test_a_log_made_anew_is_not_the_one_that_was_signed(signed: Flask, signer: SigningDesk, database_url: str) -> None:
    with attacking(database_url) as attacker:
        make_anew(attacker, change=("system:test", "system:nobody"))
    assert set(found(verified(signed, signer))) == {
        (C.LOG_REWRITTEN, "checkpoint 5, akar log 5"),
        (C.LOG_REWRITTEN, "checkpoint 9, akar log 9"),
        (C.LOG_REWRITTEN, "penanda tangan, akar log 9"),
    }


def test_a_fork_whose_checkpoints_are_gone_is_known_to_the_signer(
    signed: Flask, signer: SigningDesk, database_url: str
) -> None:
    with attacking(database_url) as attacker:
        attacker.run("DELETE FROM log_checkpoint")
        make_anew(attacker, change=("system:test", "system:nobody"))
    verification = verified(signed, signer)
    assert found(verification) == [(C.LOG_REWRITTEN, "penanda tangan, akar log 9")]
    assert verification.unestablished == (Unestablished.NO_CHECKPOINT,)


def test_req_20_the_stolen_signer_with_everything_rebuilt_is_caught_by_the_printed_checkpoint_alone(
    signed: Flask, signer: SigningDesk, database_url: str, tmp_path: Path
) -> None:
    with attacking(database_url) as attacker:
        root = bytes.fromhex(attacker.value("SELECT root FROM log_checkpoint WHERE size = 9"))
        printed = Witness(who="checkpoint tercetak", size=9, root=root)
        attacker.run("DELETE FROM log_checkpoint")
        attacker.run("DELETE FROM signing_key")
        make_anew(attacker, change=("user.deactivated", "user.reactivated"))
    assert (C.LOG_REWRITTEN, "checkpoint tercetak, akar log 9") in found(verified(signed, signer, printed=printed))
    rebuilt = SigningDesk.create(tmp_path / "rebuilt", origin=signer.keys().verifier.name)
    witnessed = found(verified(signed, rebuilt, printed=printed))
    assert [code for code, _ in witnessed].count(C.LOG_REWRITTEN) == 1


def test_a_printed_checkpoint_of_more_leaves_than_there_are_tells_of_a_cut(signed: Flask, signer: SigningDesk) -> None:
    printed = Witness(who="checkpoint tercetak", size=99, root=bytes(32))
    assert found(verified(signed, signer, printed=printed)) == [(C.LOG_CUT, "checkpoint tercetak")]


@pytest.mark.usefixtures("signed")
def test_a_locked_checkpoint_speaks_when_database_and_signer_are_silent(
    minio_store: ObjectStore, database_url: str
) -> None:
    """Every row that knew of it is gone: it is found by its key in the store."""
    with transaction(write=False) as session:
        checkpoint = find_newest_checkpoint(session)
    assert checkpoint is not None
    LockedPlace(minio_store, "bucket").keep(checkpoint, auditors=(), now=datetime.now(UTC))

    def told() -> list[tuple[C, str]]:
        return found(verify_portal(actor=Actor.system("verify"), store=minio_store, signer=open_signer(""), now=now()))

    assert told() == []
    with attacking(database_url) as attacker:
        attacker.run("DELETE FROM log_checkpoint")
        make_anew(attacker, change=("system:test", "system:nobody"))
    assert [(code, place.split(" ", 2)[:2]) for code, place in told()] == [
        (C.LOG_REWRITTEN, ["checkpoint", "terkunci"])
    ]


@pytest.mark.usefixtures("signed")
def test_a_locked_object_that_no_known_key_signed_is_told(
    signer: SigningDesk, minio_store: ObjectStore, tmp_path: Path
) -> None:
    thief = SigningDesk.create(tmp_path / "thief", origin=signer.keys().verifier.name)
    forged = thief.sign_checkpoint(
        checkpoint=Checkpoint(thief.keys().verifier.name, 9, bytes(32)), old_size=0, proof=()
    )
    minio_store.put(object_key(signer.keys().verifier.name, 9), BytesIO(forged.encode()))
    findings = verify_portal(actor=Actor.system("verify"), store=minio_store, signer=signer, now=now())
    assert [code for code, _ in found(findings)] == [C.CHECKPOINT_UNSIGNED]
