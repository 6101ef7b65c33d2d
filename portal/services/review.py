"""Periksa bukti: one submitted revision before a reviewer, with everything the decision needs on one page. Reads only.

The decision itself is `workflow.perform`; the page carries the digest that it must name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from portal.domain.actor import Actor
from portal.domain.errors import Denial, NotFound, NotPermitted
from portal.domain.permissions import Permission
from portal.domain.policy import may_see_revision, require
from portal.domain.reading import ReadPage
from portal.domain.workflow import Action, State, actions_from, get_transition
from portal.services.case import Case, get_case
from portal.services.indicator_text import IndicatorText, get_indicator_text
from portal.services.places import Place
from portal.services.reading import record_page
from portal.services.review_queue import count_queue, find_next
from portal.services.revision_view import RevisionView, list_revisions
from portal.services.shown_revision import ShownRevision
from portal.services.unit_of_work import transaction

REVIEW_PERMISSIONS = frozenset({Permission.DECIDE, Permission.REOPEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAction:
    """An action that the workflow has from here; `denial` tells why this actor may not take it, None that he may."""

    action: Action
    note_required: bool
    denial: Denial | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """What the reviewer sees. `waiting` counts his whole queue; `next_revision_id` is the one to open afterwards."""

    place: Place
    text: IndicatorText
    revision: RevisionView
    earlier: tuple[RevisionView, ...]
    actions: tuple[OpenAction, ...]
    tiers: int
    waiting: int
    next_revision_id: UUID | None


def get_review(*, actor: Actor, revision_id: UUID, now: datetime) -> ReviewPage:
    """The review page of a revision that the actor may see; raises NotFound, also for one that nobody has handed in.
    Reading it is recorded.
    """
    page, shown = _read_review(actor, revision_id)
    record_page(ReadPage.REVIEW, shown, actor=actor, now=now)
    return page


def _read_review(actor: Actor, revision_id: UUID) -> tuple[ReviewPage, ShownRevision]:
    with transaction(write=False) as session:
        case = get_case(session, actor=actor, revision_id=revision_id)
        require(actor, Permission.SEE_EVIDENCE, case.subject)
        if case.revision.digest is None:
            raise NotFound
        revisions = list_revisions(session, case.evidence.id)
        shown = next(revision for revision in revisions if revision.id == revision_id)
        page = ReviewPage(
            place=case.place,
            text=get_indicator_text(session, case.requirement.id),
            revision=shown,
            earlier=tuple(r for r in reversed(revisions) if r.number < shown.number and _shows(actor, case, r)),
            actions=open_actions(actor, case),
            tiers=len(case.tiers),
            waiting=count_queue(session, actor),
            next_revision_id=find_next(session, actor, after=revision_id),
        )
        return page, case.shown


def _shows(actor: Actor, case: Case, revision: RevisionView) -> bool:
    """Whether an earlier version stands on the page: what was taken back is its sender's business alone."""
    subject = replace(case.subject, state=revision.state)
    return revision.state is not State.DISCARDED and may_see_revision(actor, subject)


def find_next_review(*, actor: Actor, now: datetime) -> UUID | None:  # noqa: ARG001  # services take now
    """The revision that waits longest for the actor, or None."""
    with transaction(write=False) as session:
        return find_next(session, actor, after=None)


def open_actions(actor: Actor, case: Case) -> tuple[OpenAction, ...]:
    """The reviewers' actions that the transition table has from the revision's state, each with the policy's answer."""
    found = []
    for action in actions_from(case.revision.state, decided=case.is_decided):
        transition = get_transition(action, case.revision.state, decided=case.is_decided)
        if transition.permission in REVIEW_PERMISSIONS:
            denial = _find_denial(actor, transition.permission, case)
            found.append(OpenAction(action=action, note_required=transition.note_required, denial=denial))
    return tuple(found)


def _find_denial(actor: Actor, permission: Permission, case: Case) -> Denial | None:
    try:
        require(actor, permission, case.subject)
    except NotPermitted as refusal:
        return refusal.denial
    return None
