"""The only place where a revision's state changes: one function for every action, the same beats each time.

Lock the row, hide it from strangers, refuse what is stale, find the transition, ask the policy, let the action's own
effect write its rows, compare and set the state, record the event. What an action writes besides is in
`submission.py` and `decisions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, Stale
from portal.domain.note import clean_note
from portal.domain.policy import require
from portal.domain.workflow import Action, Position, State, get_transition
from portal.models import Revision
from portal.services import audit, decisions, submission
from portal.services.action import NOTE_MAX, Command, Effect, Step
from portal.services.case import Case, get_case
from portal.services.unit_of_work import transaction

EFFECTS: Mapping[Action, Callable[[Session, Step], Effect]] = MappingProxyType(
    {
        Action.SUBMIT: submission.submit,
        Action.DISCARD: submission.discard,
        Action.WITHDRAW: submission.withdraw,
        Action.APPROVE: decisions.approve,
        Action.RETURN: decisions.refuse,
        Action.REJECT: decisions.refuse,
        Action.REOPEN: decisions.reopen,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an action led to; `state` is the revision's new state."""

    evidence_id: UUID
    revision_id: UUID
    revision_number: int
    state: State
    action: Action


def perform(*, actor: Actor, command: Command, now: datetime) -> Outcome:
    """Carry out `command`, whole or not at all.

    Raises NotFound, Stale, InvalidTransition, NotPermitted or InvalidInput; nothing is changed then.
    """
    command = replace(command, note=clean_note(command.note))
    with transaction() as session:
        case = get_case(session, actor=actor, revision_id=command.revision_id, lock=True)
        _refuse_stale(case, command)
        transition = get_transition(command.action, case.revision.state, decided=case.is_decided)
        grant = require(actor, transition.permission, case.subject)
        _require_note(command, needed=transition.note_required)
        step = Step(case=case, command=command, actor=actor, grant=grant, now=now, target=transition.target)
        effect = EFFECTS[command.action](session, step)
        session.flush()
        _compare_and_set(session, case.revision, effect.position, now)
        audit.record(
            session,
            effect.event,
            actor=actor,
            now=now,
            grant=grant,
            scope=case.place.scope,
            area=case.place.area_code,
        )
        return Outcome(
            evidence_id=case.evidence.id,
            revision_id=command.revision_id,
            revision_number=case.revision.number,
            state=effect.position.state,
            action=command.action,
        )


def _refuse_stale(case: Case, command: Command) -> None:
    """The actor must have seen what he acts on: the state, and for a submitted revision its digest."""
    if command.seen_state is not case.revision.state or command.seen_digest != case.revision.digest:
        raise Stale


def _require_note(command: Command, *, needed: bool) -> None:
    if needed and not command.note:
        raise InvalidInput(
            "note", "Tuliskan alasannya dalam satu kalimat, agar pengirim tahu apa yang harus dilakukan."
        )
    if len(command.note) > NOTE_MAX:
        raise InvalidInput("note", f"Catatan terlalu panjang: {len(command.note)} huruf, batasnya {NOTE_MAX}.")


def _compare_and_set(session: Session, revision: Revision, position: Position, now: datetime) -> None:
    """Move the row only if it still stands where it was read; the loser of a race gets Stale."""
    settled = position.state not in (State.DRAFT, State.SUBMITTED)
    moved = session.execute(
        update(Revision)
        .where(Revision.id == revision.id, Revision.state == revision.state, Revision.tier == revision.tier)
        .values(state=position.state, tier=position.tier, settled_at=now if settled else None)
        .returning(Revision.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if moved is None:
        raise Stale
