"""Reconciles all business tables with the log: first the scope `sys`, whose memberships the indicators need, then each
indicator by itself, so that memory holds one of them at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.events import SYSTEM_SCOPE, EventName
from portal.models import Bundle, StoredFile
from portal.services.log_reader import BATCH
from portal.services.places import Place, select_places
from portal.services.verify.bundles import BundleCheck
from portal.services.verify.checkpoints import KeyCheck
from portal.services.verify.evidence import count_files, reconcile_indicator
from portal.services.verify.factors import FactorCheck
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.grants import GrantCheck
from portal.services.verify.identities import IdentityCheck
from portal.services.verify.people import People, reconcile_people
from portal.services.verify.plans import PlanCheck
from portal.services.verify.replay import ReplayedLog, leaf_place
from portal.services.verify.rows import row_place, unreadable_told
from portal.services.verify.sessions import SessionCheck
from portal.services.verify.trail import iter_trail


def reconcile_tables(session: Session, findings: Findings, log: ReplayedLog) -> None:
    """Compare every row with the events of the log, which has been replayed with the roots of `sealed_sizes`."""
    people, scopes = People(), log.scopes
    checks = (
        people,
        GrantCheck(session, findings, terms=people.terms),
        PlanCheck(session, findings),
        SessionCheck(session, findings),
        FactorCheck(session, findings),
        IdentityCheck(session, findings),
        KeyCheck(session, findings),
        BundleCheck(session, findings, roots=log.roots, terms=people.terms),
    )
    for told in iter_trail(session, SYSTEM_SCOPE):
        with unreadable_told(findings, leaf_place(told.entry.seq, SYSTEM_SCOPE)):
            for check in checks:
                check.tell(told)
    reconcile_people(session, findings, people)
    for check in checks[1:]:
        with unreadable_told(findings, SYSTEM_SCOPE):
            check.finish()
    places = [Place(**row) for row in session.execute(select_places()).mappings()]
    explained = sum(reconcile_indicator(session, findings, place, people.terms) for place in places)
    if explained != count_files(session):
        _find_unexplained_files(session, findings, places)
    for scope in sorted(scopes.keys() - {place.scope for place in places} - {SYSTEM_SCOPE}):
        findings.add(
            FindingCode.SCOPE_UNKNOWN, f"rantai {scope}", expected="indikator", found=f"{scopes[scope]} catatan"
        )


def sealed_sizes(session: Session) -> list[int]:
    """The sizes of the log whose roots the seals of bundles name."""
    found: Iterable[object] = session.execute(select(Bundle.log_size).distinct()).scalars()  # SQLite may hold anything
    return [size for size in found if isinstance(size, int)]


def _find_unexplained_files(session: Session, findings: Findings, places: Iterable[Place]) -> None:
    """Only when the numbers differ: then it is worth the memory."""
    uploaded: set[UUID] = set()
    for place in places:
        for told in iter_trail(session, place.scope):
            fact = told.entry.data.get("fact")
            if told.entry.name is EventName.FILE_UPLOADED and isinstance(fact, dict):
                uploaded.add(UUID(str(fact.get("file"))))
    query = select(StoredFile.id, StoredFile.sha256, StoredFile.uploader_id)
    for row in session.execute(query.execution_options(yield_per=BATCH)):
        if row.id not in uploaded:
            found = f"SHA-256 {row.sha256}, pengunggah {row.uploader_id}"
            findings.add(FindingCode.ROW_UNEXPLAINED, row_place("stored_file", row.id), expected=None, found=found)
