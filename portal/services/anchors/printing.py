"""The printed checkpoint: the newest one as a page to be kept outside, with the fingerprints of keys and verifiers."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from portal.adapters.checkpoint_page import CheckpointPage, NamedText, typeset_checkpoint
from portal.adapters.signer import Signer
from portal.domain.actor import Actor
from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.domain.errors import SignerUnavailable
from portal.domain.key_kind import KeyKind
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, require
from portal.services.anchors.anchoring import add_anchor, get_checkpoint_to_anchor
from portal.services.anchors.place import Kept
from portal.services.checkpoints import CheckpointView, sign_checkpoint
from portal.services.key_fingerprints import KeyPrint, list_current_key_prints
from portal.services.unit_of_work import transaction
from portal.services.verifiers import list_verifiers

KEY_NAMES = {
    KeyKind.CHECKPOINT: "Kunci checkpoint",
    KeyKind.SSH: "Sidik jari kunci SSH (ssh-keygen -lf)",
    KeyKind.ECDSA: "SHA-256 kunci ECDSA (DER)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCheckpoint:
    """A PDF of one page; `name` is a file name."""

    checkpoint: CheckpointView
    name: str
    pdf: bytes = field(repr=False)


def print_checkpoint(*, actor: Actor, signer: Signer, zone: str, now: datetime) -> PrintedCheckpoint:
    """A checkpoint of now on paper, its times in `zone` (IANA); where the signer cannot be asked, the newest one there
    is. That it was printed, and by whom, is kept as an anchor. Raises InvalidInput when there is none, SignerRefused.
    """
    require(actor, Permission.SEE_CHECKPOINT, Subject(unit_path="/"))
    with suppress(SignerUnavailable):
        sign_checkpoint(signer=signer, now=now)
    with transaction(write=False) as session:
        checkpoint = get_checkpoint_to_anchor(session)
        keys = list_current_key_prints(session)
    pdf = typeset_checkpoint(_page(checkpoint, keys, zone, now))
    add_anchor(
        size=checkpoint.size,
        kind=AnchorKind.PAPER,
        target="",
        outcome=AnchorOutcome.ANCHORED,
        kept=Kept(detail="serahkan kepada auditor"),
        actor=actor,
        now=now,
    )
    return PrintedCheckpoint(checkpoint=checkpoint, name=f"checkpoint-{checkpoint.size:012d}.pdf", pdf=pdf)


def _page(checkpoint: CheckpointView, keys: Iterable[KeyPrint], zone: str, now: datetime) -> CheckpointPage:
    verifiers = (NamedText(name=f"SHA-256 {each.name}", text=each.sha256) for each in list_verifiers())
    return CheckpointPage(
        checkpoint=Checkpoint(checkpoint.origin, checkpoint.size, bytes.fromhex(checkpoint.root)),
        signed=_in_words(checkpoint.signed_at, zone),
        printed=_in_words(now, zone),
        printed_at=now,
        keys=(*(NamedText(name=KEY_NAMES[key.kind], text=key.fingerprint) for key in keys), *verifiers),
    )


def _in_words(at: datetime, zone: str) -> str:
    """As the pages of the portal write it, for instance “23 November 2026 pukul 11.05 WIB”."""
    return format_datetime(at, "d MMMM y 'pukul' HH.mm z", tzinfo=ZoneInfo(zone), locale="id")
