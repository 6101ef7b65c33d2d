"""Checkpoints of the real trail, signed by the real desk: what they cover, what is kept, and what makes them stop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.adapters.signer import BagSignatures, PublicKeys
from portal.domain.actor import Actor
from portal.domain.errors import SignerRefused, SignerUnavailable
from portal.domain.events import EventName, UserDeactivated
from portal.domain.key_kind import KeyKind
from portal.domain.log.checkpoint import Checkpoint, read_checkpoint
from portal.domain.log.merkle import Frontier
from portal.domain.log.note import SignedNote
from portal.models import LogLeaf
from portal.services import audit
from portal.services.checkpoints import CheckpointView, find_newest_checkpoint, list_checkpoints, sign_checkpoint
from portal.services.log_reader import LogEntry, get_head, list_entries
from portal.services.signing_keys import KeyView, list_keys
from portal.services.unit_of_work import transaction
from portal.signer.desk import SigningDesk
from tests.builders.attacker import Attacker, attacking
from tests.fixtures.signer import ORIGIN

pytestmark = pytest.mark.usefixtures("app_context")

on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is decided before the database is asked to do anything that another would do otherwise."""

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


def grow(count: int = 3) -> None:
    with transaction() as session:
        for _ in range(count):
            audit.record(session, UserDeactivated(obj=uuid4()), actor=Actor.system("test"), now=NOW)


def head() -> Checkpoint:
    with transaction(write=False) as session:
        found = get_head(session)
    return Checkpoint(ORIGIN, found.size, found.root)


def kept() -> list[CheckpointView]:
    with transaction(write=False) as session:
        return list_checkpoints(session)


def keys() -> tuple[KeyView, ...]:
    with transaction(write=False) as session:
        return list_keys(session)


def key_events() -> list[LogEntry]:
    with transaction(write=False) as session:
        return [each for each in list_entries(session, "sys") if each.name.startswith(("key.", "log."))]


def test_a_checkpoint_covers_what_was_committed_before_it(signer: SigningDesk) -> None:
    grow()
    first = sign_checkpoint(signer=signer, now=NOW)
    assert read_checkpoint(first.note, signer.keys().verifier) == head()
    assert (first.printed, first.origin) == (head().printed, ORIGIN)
    grow(1)
    second = sign_checkpoint(signer=signer, now=NOW)
    assert second.size == first.size + 1 == head().size
    assert kept() == [first, second]
    with transaction(write=False) as session:
        assert find_newest_checkpoint(session) == second


@on_one
def test_without_a_new_event_there_is_no_new_checkpoint(signer: SigningDesk) -> None:
    first = sign_checkpoint(signer=signer, now=NOW)
    again = sign_checkpoint(signer=signer, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert again == first
    assert kept() == [first]


def test_the_trail_says_which_keys_are_used_before_they_sign(signer: SigningDesk) -> None:
    checkpoint = sign_checkpoint(signer=signer, now=NOW)
    public = signer.keys()
    assert {key.kind: key.key for key in keys()} == public.by_kind()
    assert {(key.from_size, key.until_size) for key in keys()} == {(0, None)}
    assert [(each.name, each.data["key"]) for each in key_events()] == [
        (EventName.KEY_INTRODUCED, public.checkpoint),
        (EventName.KEY_INTRODUCED, public.ssh),
        (EventName.KEY_INTRODUCED, public.ecdsa),
    ]
    assert checkpoint.size == 3


def test_a_rotation_is_linked_by_the_old_key_and_written_down(signer: SigningDesk) -> None:
    first = sign_checkpoint(signer=signer, now=NOW)
    old, new = signer.keys(), signer.rotate()
    second = sign_checkpoint(signer=signer, now=NOW)
    assert read_checkpoint(second.note, old.verifier) == read_checkpoint(second.note, new.verifier) == head()
    assert second.size == first.size + 3
    assert {(key.key, key.from_size, key.until_size) for key in keys() if key.kind is KeyKind.CHECKPOINT} == {
        (old.checkpoint, 0, 3),
        (new.checkpoint, 3, None),
    }
    assert [each.name for each in key_events()] == [EventName.KEY_INTRODUCED] * 3 + [EventName.KEY_ROTATED] * 3
    grow()
    sign_checkpoint(signer=signer, now=NOW)


@dataclass
class Crossed:
    """A signer that answers with the keys of one and the memory of another, or with a note of its own making."""

    desk: SigningDesk
    public: PublicKeys | None = None
    note: str | None = None

    def keys(self) -> PublicKeys:
        return self.public or self.desk.keys()

    def last_signed(self) -> Checkpoint | None:
        return self.desk.last_signed()

    def sign_checkpoint(self, *, checkpoint: Checkpoint, old_size: int, proof: tuple[bytes, ...]) -> str:
        return self.note or self.desk.sign_checkpoint(checkpoint=checkpoint, old_size=old_size, proof=proof)

    def sign_bag(self, *, tag_manifest: bytes) -> BagSignatures:
        return self.desk.sign_bag(tag_manifest=tag_manifest)


@on_one
def test_new_keys_without_the_old_one_are_not_believed(signer: SigningDesk, tmp_path: Path) -> None:
    """Somebody put another key directory of the same name in the signer's place, with its memory copied."""
    sign_checkpoint(signer=signer, now=NOW)
    stranger = SigningDesk.create(tmp_path / "stranger", origin=ORIGIN)
    last = head()
    stranger.sign_checkpoint(checkpoint=last, old_size=0, proof=())
    before = kept()
    for _ in range(2):
        with pytest.raises(SignerRefused, match="tidak ditandatangani kunci yang tercatat"):
            sign_checkpoint(signer=stranger, now=NOW)
    assert kept() == before
    assert [each.name for each in key_events()].count(EventName.KEY_ROTATED) == 3


@on_one
@pytest.mark.parametrize("note", ["", "rubbish\n"])
def test_an_answer_that_is_no_note_is_refused(signer: SigningDesk, note: str) -> None:
    with pytest.raises(SignerRefused, match="bukan checkpoint yang diminta"):
        sign_checkpoint(signer=Crossed(signer, note=note or "\n"), now=NOW)
    assert kept() == []


@on_one
def test_a_true_note_of_another_size_is_no_answer(signer: SigningDesk) -> None:
    old = sign_checkpoint(signer=signer, now=NOW)
    grow()
    with pytest.raises(SignerRefused, match="bukan checkpoint yang diminta"):
        sign_checkpoint(signer=Crossed(signer, note=old.note), now=NOW)
    assert kept() == [old]


def lose_answer(signer: SigningDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signer signs, and the portal dies before it hears of it."""
    with monkeypatch.context() as patch:
        patch.setattr("portal.services.checkpoints._keep", lambda *_: pytest.fail("died"))
        with pytest.raises(pytest.fail.Exception):
            sign_checkpoint(signer=signer, now=NOW)


def test_an_answer_that_was_lost_is_asked_for_again(signer: SigningDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_answer(signer, monkeypatch)
    assert kept() == []
    lost = signer.last_signed()
    assert lost
    grow()
    newest = sign_checkpoint(signer=signer, now=NOW)
    assert [each.printed for each in kept()] == [lost.printed, newest.printed]


@on_one
@pytest.mark.parametrize("rotated_before", [False, True])
def test_a_lost_answer_around_a_rotation_stops_nothing(
    signer: SigningDesk, monkeypatch: pytest.MonkeyPatch, *, rotated_before: bool
) -> None:
    sign_checkpoint(signer=signer, now=NOW)
    grow()
    if rotated_before:
        signer.rotate()
    lose_answer(signer, monkeypatch)
    if not rotated_before:
        signer.rotate()
    grow()
    newest = sign_checkpoint(signer=signer, now=NOW)
    assert SignedNote.parse(newest.note).is_signed_by(signer.keys().verifier)
    assert len(kept()) == 3


def test_of_two_portals_that_sign_at_once_both_get_a_checkpoint(signer: SigningDesk) -> None:
    """Another one signs between this one's look at the signer's memory and its question."""
    sign_checkpoint(signer=signer, now=NOW)
    grow()

    class Overtaken(Crossed):
        overtaken = False

        def last_signed(self) -> Checkpoint | None:
            last = super().last_signed()
            if not self.overtaken:
                self.overtaken = True
                sign_checkpoint(signer=self.desk, now=NOW)
                grow()
            return last

    assert sign_checkpoint(signer=Overtaken(signer), now=NOW).size == head().size
    assert len(kept()) == 3


@pytest.fixture
def attacker(database_url: str) -> Iterator[Attacker]:
    with attacking(database_url) as attacker:
        yield attacker


def rewrite_head(attacker: Attacker) -> None:
    """Make the head what it would be with the leaves that are there now."""
    frontier = Frontier()
    with transaction(write=False) as session:
        for leaf in session.execute(select(LogLeaf.leaf_hash).order_by(LogLeaf.seq)).scalars():
            frontier = frontier.append(leaf)
    attacker.run(
        "UPDATE log_head SET size = :size, frontier = :frontier, root = :root",
        size=frontier.size,
        frontier=frontier.to_bytes(),
        root=frontier.root,
    )


def test_a_rewritten_past_is_not_signed(signer: SigningDesk, attacker: Attacker) -> None:
    """Web application and database agree with one another, and the signer remembers."""
    grow()
    honest = sign_checkpoint(signer=signer, now=NOW)
    grow()
    attacker.run("UPDATE log_leaf SET leaf_hash = :hash WHERE seq = 1", hash=bytes(32))
    rewrite_head(attacker)
    with pytest.raises(SignerRefused, match="tidak terbukti melanjutkan"):
        sign_checkpoint(signer=signer, now=NOW)
    assert kept() == [honest]


def test_a_shortened_log_is_not_signed(signer: SigningDesk, attacker: Attacker) -> None:
    grow(5)
    sign_checkpoint(signer=signer, now=NOW)
    attacker.run("DELETE FROM log_leaf WHERE seq > 5")
    attacker.run("DELETE FROM log_checkpoint")
    rewrite_head(attacker)
    with pytest.raises(SignerRefused, match="lebih pendek"):
        sign_checkpoint(signer=signer, now=NOW)


@on_one
def test_a_forgetful_signer_is_not_asked(signer: SigningDesk) -> None:
    sign_checkpoint(signer=signer, now=NOW)
    shutil.copytree(signer.directory, signer.directory.with_name("backup"))
    grow()
    newest = sign_checkpoint(signer=signer, now=NOW)
    shutil.rmtree(signer.directory)
    signer.directory.with_name("backup").rename(signer.directory)
    grow()
    with pytest.raises(SignerRefused, match="Penanda tangan lupa"):
        sign_checkpoint(signer=signer, now=NOW)
    signer.remember(newest.note)
    assert sign_checkpoint(signer=signer, now=NOW).size == head().size


def test_a_checkpoint_that_was_exchanged_in_the_database_is_noticed(signer: SigningDesk, attacker: Attacker) -> None:
    sign_checkpoint(signer=signer, now=NOW)
    attacker.run("UPDATE log_checkpoint SET note = 'x'")
    with pytest.raises(SignerRefused, match="bukan yang ditandatangani"):
        sign_checkpoint(signer=signer, now=NOW)


@on_one
def test_keys_of_another_log_are_refused(signer: SigningDesk, tmp_path: Path) -> None:
    sign_checkpoint(signer=signer, now=NOW)
    before = head()
    stranger = SigningDesk.create(tmp_path / "stranger", origin="bukti-zi.kpu-1503/log1")
    with pytest.raises(SignerRefused, match="milik log"):
        sign_checkpoint(signer=stranger, now=NOW)
    assert head() == before


def test_a_new_log_continues_the_lost_one(signer: SigningDesk, tmp_path: Path) -> None:
    trusted = sign_checkpoint(signer=signer, now=NOW)
    grow()
    sign_checkpoint(signer=signer, now=NOW)
    heir = SigningDesk.create(tmp_path / "heir", origin="bukti-zi.kpu-1502/log2", after=trusted.note)
    first = sign_checkpoint(signer=heir, now=NOW)
    assert read_checkpoint(first.note, heir.keys().verifier).printed == head().printed
    (event,) = [each for each in key_events() if each.name is EventName.LOG_CONTINUED]
    assert event.data == {
        "origin": "bukti-zi.kpu-1502/log2",
        "old_origin": ORIGIN,
        "size": trusted.size,
        "root": trusted.root,
    }
    grow()
    sign_checkpoint(signer=heir, now=NOW)


@on_one
def test_a_signer_that_is_not_there_changes_nothing(signer: SigningDesk) -> None:
    before = head()
    shutil.rmtree(signer.directory)
    with pytest.raises(SignerUnavailable):
        sign_checkpoint(signer=signer, now=NOW)
    assert (head(), kept()) == (before, [])
