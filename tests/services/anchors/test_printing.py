"""The printed checkpoint: it covers what happened before, says who printed it, and its fingerprints are those of the
usual tools.
"""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select

from portal.adapters.open_signer import open_signer
from portal.domain.anchor import AnchorKind
from portal.domain.errors import InvalidInput, NotPermitted
from portal.domain.key_kind import KeyKind
from portal.domain.roles import Role
from portal.models import LogAnchor
from portal.services.anchors.printing import PrintedCheckpoint, print_checkpoint
from portal.services.checkpoints import CheckpointView
from portal.services.key_fingerprints import list_current_key_prints
from portal.services.log_reader import get_head
from portal.services.unit_of_work import transaction
from portal.services.verifiers import list_verifiers
from portal.signer.desk import SigningDesk
from tests.builders.world import World, add_person, submitted

NO_SIGNER = open_signer("")


def printed_by(world: World, role: Role, signer: SigningDesk) -> PrintedCheckpoint:
    return print_checkpoint(actor=add_person(world, role), signer=signer, zone="Asia/Jakarta", now=world.tick())


def test_a_print_covers_all_that_happened_and_says_who_did_it(world: World, signer: SigningDesk) -> None:
    auditor = add_person(world, Role.AUDITOR)
    printed = print_checkpoint(actor=auditor, signer=signer, zone="Asia/Jakarta", now=world.tick())
    with transaction(write=False) as session:
        assert printed.checkpoint.size == get_head(session).size
        row = session.execute(select(LogAnchor)).scalar_one()
        assert (row.kind, row.size, row.actor) == (AnchorKind.PAPER, printed.checkpoint.size, auditor.code)
        keys = list_current_key_prints(session)
    text = pypdfium2.PdfDocument(printed.pdf)[0].get_textpage().get_text_bounded()
    assert printed.name == f"checkpoint-{printed.checkpoint.size:012d}.pdf"
    for needed in (*(key.fingerprint for key in keys), *(verifier.sha256 for verifier in list_verifiers())):
        assert needed in text, needed


def test_without_the_signer_the_newest_checkpoint_is_printed(world: World, checkpoint: CheckpointView) -> None:
    submitted(world, add_person(world, Role.UPLOADER), "I.2")
    auditor = add_person(world, Role.AUDITOR)
    printed = print_checkpoint(actor=auditor, signer=NO_SIGNER, zone="Asia/Jakarta", now=world.tick())
    assert printed.checkpoint == checkpoint


def test_without_signer_and_checkpoint_there_is_nothing_to_print(world: World) -> None:
    with pytest.raises(InvalidInput, match="portal checkpoint sign"):
        print_checkpoint(actor=add_person(world, Role.ADMIN), signer=NO_SIGNER, zone="Asia/Jakarta", now=world.tick())


def test_only_who_watches_over_checkpoints_prints_them(world: World, signer: SigningDesk) -> None:
    for role in (Role.UPLOADER, Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.LEADER):
        with pytest.raises(NotPermitted):
            printed_by(world, role, signer)


@pytest.mark.usefixtures("checkpoint")
def test_the_fingerprints_are_those_of_ssh_keygen_and_openssl(signer: SigningDesk, tmp_path: Path) -> None:
    with transaction(write=False) as session:
        prints = {key.kind: key.fingerprint for key in list_current_key_prints(session)}
    public = tmp_path / "key.pub"
    public.write_text("ssh-ed25519 " + signer.keys().ssh.split("ssh-ed25519 ")[1] + "\n")
    told = subprocess.run(["ssh-keygen", "-lf", str(public)], check=True, capture_output=True, text=True, timeout=30)
    assert prints[KeyKind.SSH] in told.stdout.split()
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "DER"],
        input=signer.keys().ecdsa.encode(), check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    assert prints[KeyKind.ECDSA] == sha256(der.stdout).hexdigest()
    assert prints[KeyKind.CHECKPOINT] == signer.keys().checkpoint
