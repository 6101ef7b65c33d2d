"""`portal verify`: all checks in their order, and what they found.

Reads only. Whatever lies outside the database is asked first: what it knows cannot be newer than the snapshot of the
database that follows. In that, the log comes first, because everything else is compared with what it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.adapters.signer import Signer
from portal.adapters.store import ObjectStore, StoreMisconfigured, StoreUnavailable
from portal.domain.actor import Actor
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, require
from portal.services.verify.checkpoints import (
    SignerMemory,
    Witness,
    ask_signer,
    check_checkpoints,
    check_keys,
    check_witness,
    checkpoint_sizes,
)
from portal.services.verify.findings import Findings
from portal.services.verify.locked import locked_witnesses
from portal.services.verify.objects import ObjectsSeen, check_objects
from portal.services.verify.reconciling import reconcile_tables, sealed_sizes
from portal.services.verify.replay import ReplayedLog, replay_log
from portal.services.verify.schema import check_schema
from portal.services.verify.signatures import check_signatures
from portal.services.verify.snapshot import snapshot


class Unestablished(StrEnum):
    """What could not be checked; the caller owns the sentence."""

    NO_CHECKPOINT = "no_checkpoint"
    NO_SIGNER = "no_signer"
    KEY_NOT_RECORDED = "key_not_recorded"
    NO_STORE = "no_store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`leaves` and `root` (32 bytes) are those of the log as it was replayed; `checkpoints` were signed."""

    leaves: int
    root: bytes
    checkpoints: int
    objects: ObjectsSeen
    unestablished: tuple[Unestablished, ...]
    findings: Findings


def verify_portal(
    *,
    actor: Actor,
    store: ObjectStore,
    signer: Signer,
    deep: bool = False,
    printed: Witness | None = None,
    now: datetime,  # noqa: ARG001  # services take now
) -> Verification:
    """Check everything, in a `deep` check every byte of every object too; `printed` is a checkpoint from outside.

    Raises NotPermitted unless the actor manages the whole installation.
    """
    require(actor, Permission.MANAGE_PLAN, Subject(unit_path="/"))
    findings, memory = Findings(), ask_signer(signer)
    objects, unestablished = ObjectsSeen(), list[Unestablished]()
    witnesses = [*(memory.witnesses if memory else ()), *([printed] if printed else [])]
    try:
        witnesses += locked_witnesses(store, findings, memory)
        objects = check_objects(store, findings, deep=deep)
        check_signatures(store, findings)
    except (StoreUnavailable, StoreMisconfigured):
        unestablished.append(Unestablished.NO_STORE)
    checked = _check_database(findings, memory, witnesses)
    unestablished += checked.unestablished
    return Verification(
        leaves=checked.log.size,
        root=checked.log.root,
        checkpoints=checked.checkpoints,
        objects=objects,
        unestablished=tuple(unestablished),
        findings=findings,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    log: ReplayedLog
    checkpoints: int
    unestablished: tuple[Unestablished, ...]


def _check_database(findings: Findings, memory: SignerMemory | None, witnesses: Sequence[Witness]) -> _Checked:
    """Everything in the database, in one snapshot."""
    with snapshot() as session:
        check_schema(session, findings)
        sizes = [*sealed_sizes(session), *checkpoint_sizes(session), *(witness.size for witness in witnesses)]
        log = replay_log(session, findings, root_at=sizes)
        reconcile_tables(session, findings, log)
        checkpoints = check_checkpoints(session, findings, log)
        for witness in witnesses:
            check_witness(findings, log, witness)
        is_key_known = memory is None or check_keys(session, findings, memory)
    doubts = {
        Unestablished.NO_SIGNER: memory is None,
        Unestablished.KEY_NOT_RECORDED: not is_key_known,
        Unestablished.NO_CHECKPOINT: not checkpoints,
    }
    return _Checked(
        log=log,
        checkpoints=checkpoints,
        unestablished=tuple(doubt for doubt, is_open in doubts.items() if is_open),
    )
