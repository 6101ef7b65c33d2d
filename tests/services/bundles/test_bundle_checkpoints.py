"""Earlier checkpoints in a bag: whoever holds one can compare it with any later bundle."""

from __future__ import annotations

import pytest

from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.note import SignedNote
from portal.models import LogAnchor
from portal.services.bundles import log_proof
from portal.services.checkpoints import CheckpointView, sign_checkpoint
from portal.services.unit_of_work import transaction
from tests.builders.bundles import Bag, Office

FOLDER = "audit/checkpoints/"
TOKEN = b"\x30\x03\x02\x01\x00"


def earlier(bag: Bag) -> dict[str, bytes]:
    return {path.removeprefix(FOLDER): text for path, text in bag.files.items() if path.startswith(FOLDER)}


def signed(office: Office, *, month: int) -> CheckpointView:
    """A checkpoint of its own size."""
    office.submitted("II.2", month=month)
    return sign_checkpoint(signer=office.signer, now=office.world.tick())


def anchor(office: Office, checkpoint: CheckpointView, kind: AnchorKind, token: bytes | None = None) -> None:
    """The row of a try that went well; a `token` is not looked at by who makes a bag."""
    with transaction() as session:
        session.add(
            LogAnchor(
                size=checkpoint.size,
                kind=kind,
                target="",
                outcome=AnchorOutcome.ANCHORED,
                detail="",
                actor="system:test",
                tried_at=office.world.clock,
                token=token,
            )
        )


def test_those_that_somebody_holds_are_in_it_with_their_timestamps_and_the_root_of_each_can_be_computed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.approved("I.1")
    printed, nobodys, stamped = (signed(office, month=month) for month in (1, 2, 3))
    anchor(office, printed, AnchorKind.PAPER)
    anchor(office, stamped, AnchorKind.TIMESTAMP, TOKEN)
    first = Bag.of(office.fetch(office.seal()))
    names = {f"{printed.size:012d}.txt", f"{stamped.size:012d}.txt", f"{stamped.size:012d}.tsr"}
    assert set(earlier(first)) == names
    assert earlier(first)[f"{stamped.size:012d}.tsr"] == TOKEN
    assert f"{nobodys.size:012d}.txt" not in names
    second = office.bag()
    assert set(earlier(second)) == names | {f"{int(first.info['Checkpoint-Size']):012d}.txt"}
    monkeypatch.setattr(log_proof, "MAX_EARLIER", 1)
    third = earlier(office.bag())
    assert set(third) == {f"{size:012d}.txt" for size in (printed.size, int(second.info["Checkpoint-Size"]))}
    for name, note in earlier(second).items():
        if name.endswith(".txt"):
            checkpoint = Checkpoint.parse(SignedNote.parse(note.decode()).text)
            assert second.root(checkpoint.size) == checkpoint.root, name
