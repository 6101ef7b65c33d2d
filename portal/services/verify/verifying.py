"""`portal verify`: all checks in their order, and what they found.

Reads only. The log comes first, because everything after it is compared with what the log says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.domain.actor import Actor
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, require
from portal.services.verify.findings import Findings
from portal.services.verify.reconciling import reconcile_tables, sealed_sizes
from portal.services.verify.replay import replay_log
from portal.services.verify.snapshot import snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`leaves` and `root` (32 bytes) are those of the log as it was replayed."""

    leaves: int
    root: bytes
    findings: Findings


def verify_portal(*, actor: Actor, now: datetime) -> Verification:  # noqa: ARG001  # services take now
    """Check everything; raises NotPermitted unless the actor manages the whole installation."""
    require(actor, Permission.MANAGE_PLAN, Subject(unit_path="/"))
    findings = Findings()
    with snapshot() as session:
        log = replay_log(session, findings, root_at=sealed_sizes(session))
        reconcile_tables(session, findings, log)
    return Verification(leaves=log.size, root=log.root, findings=findings)
