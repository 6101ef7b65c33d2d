"""Tanda terima: what was handed in, by whom and when, with the hash of every file. Reads only.

Its number is the beginning of the revision's digest, so it can be checked against the trail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.reading import ReadPage
from portal.domain.slot_state import Timing, timing
from portal.models import Plan
from portal.services.case import Case, get_case
from portal.services.indicator_text import IndicatorText, get_indicator_text
from portal.services.places import Place
from portal.services.reading import record_page
from portal.services.revision_view import RevisionView, list_revisions
from portal.services.shown_revision import ShownRevision
from portal.services.unit_of_work import transaction

NUMBER_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMonth:
    """A month that the version covers, and how its first submission stood to the due date."""

    month: date
    due_on: date
    timing: Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt for one submitted version; `number` is 12 hex digits in groups of four."""

    number: str
    place: Place
    text: IndicatorText
    revision: RevisionView
    months: tuple[ReceivedMonth, ...]


def get_receipt(*, actor: Actor, revision_id: UUID, now: datetime) -> Receipt:
    """The receipt; raises NotFound for a version that was never submitted or that the actor may not see.

    It says the same however the version is judged later. Reading it is recorded.
    """
    receipt, shown = _read_receipt(actor, revision_id)
    record_page(ReadPage.RECEIPT, shown, actor=actor, now=now)
    return receipt


def _read_receipt(actor: Actor, revision_id: UUID) -> tuple[Receipt, ShownRevision]:
    with transaction(write=False) as session:
        case = get_case(session, actor=actor, revision_id=revision_id)
        digest = case.revision.digest
        if digest is None:
            raise NotFound
        revisions = list_revisions(session, case.evidence.id)
        receipt = Receipt(
            number=" ".join(digest[at : at + 4] for at in range(0, NUMBER_LENGTH, 4)),
            place=case.place,
            text=get_indicator_text(session, case.requirement.id),
            revision=next(revision for revision in revisions if revision.id == revision_id),
            months=tuple(_months(session, case, revisions)),
        )
        return receipt, case.shown


def _months(session: Session, case: Case, revisions: Iterable[RevisionView]) -> Iterable[ReceivedMonth]:
    zone = ZoneInfo(case.place.timezone)
    lateness_from = session.get_one(Plan, case.place.plan_id).lateness_from
    for slot in sorted((part.slot for part in case.revision.slots), key=lambda slot: slot.month):
        first = min(r.submitted_at for r in revisions if r.submitted_at and slot.id in r.slot_ids)
        submitted_on = first.astimezone(zone).date()
        yield ReceivedMonth(
            month=slot.month,
            due_on=slot.due_on,
            timing=timing(
                due_on=slot.due_on, submitted_on=submitted_on, lateness_from=lateness_from, today=submitted_on
            ),
        )
