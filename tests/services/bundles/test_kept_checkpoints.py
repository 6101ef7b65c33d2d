"""A bag carries the checkpoints that somebody outside holds, so that an old paper can be compared with a new bag."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from portal.domain.actor import Actor
from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.services.anchors.anchoring import add_anchor
from portal.services.anchors.place import Kept
from portal.services.checkpoints import CheckpointView, sign_checkpoint
from portal.services.verifiers import FOLDER
from portal.signer.desk import SigningDesk
from tests.builders.bundles import Bag, Office


def signed(office: Office, signer: SigningDesk, month: int) -> CheckpointView:
    """A checkpoint that covers one more approval."""
    office.approved("I.1", month=month)
    return sign_checkpoint(signer=signer, now=office.world.tick())


def keep(office: Office, checkpoint: CheckpointView, token: bytes | None = None) -> None:
    add_anchor(
        size=checkpoint.size,
        kind=AnchorKind.TIMESTAMP if token else AnchorKind.PAPER,
        target="",
        outcome=AnchorOutcome.ANCHORED,
        kept=Kept(token=token),
        actor=Actor.system("test"),
        now=office.world.tick(),
    )


def test_an_old_paper_can_be_compared_with_a_new_bag(office: Office, signer: SigningDesk, tmp_path: Path) -> None:
    printed, kept_by_nobody = (signed(office, signer, month) for month in (1, 2))
    office.approved("I.1", month=3)
    keep(office, printed)
    keep(office, printed, token=b"a token")

    content = office.fetch(office.seal())

    notes = {path: body for path, body in Bag.of(content).files.items() if path.startswith("audit/checkpoints/")}
    place = "audit/checkpoints/{:012d}".format
    assert notes == {
        f"{place(printed.size)}.txt": printed.note.encode(),
        f"{place(printed.size)}.tsr": b"a token",
    }
    (tmp_path / "paket.zip").write_bytes(content)
    assert said_of(tmp_path, printed.printed) == set()
    assert said_of(tmp_path, f"{printed.size} {'0' * 64}") == {"printed"}
    assert said_of(tmp_path, kept_by_nobody.printed) == {"printed_size_unknown"}


def said_of(folder: Path, printed: str) -> set[str]:
    """What the verifier has to say of a paper in the auditor's hand."""
    command = [sys.executable, str(FOLDER / "verifikasi.py"), "paket.zip", "--json", "--cetak", printed]
    answer = json.loads(subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False).stdout)
    codes = {each["code"] for each in (*answer["findings"], *answer["not_established"])}
    return codes & {"printed", "printed_size_unknown", "checkpoint", "log"}
