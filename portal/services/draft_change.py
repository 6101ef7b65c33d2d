"""One change of an open draft's files or links: who may make it, and how it is noted.

Every change goes the same way: `get_open_draft`, change the rows, `record_change`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import InvalidTransition
from portal.domain.events import RevisionEvent
from portal.domain.permissions import Permission
from portal.domain.policy import require
from portal.domain.workflow import Action, State
from portal.services import audit
from portal.services.case import Case, get_case
from portal.services.contributors import add_contributor


def get_open_draft(session: Session, *, actor: Actor, revision_id: UUID) -> Case:
    """The locked case of a draft that the actor may edit; raises NotFound, NotPermitted or InvalidTransition."""
    case = get_case(session, actor=actor, revision_id=revision_id, lock=True)
    require(actor, Permission.EDIT_DRAFT, case.subject)
    if case.revision.state is not State.DRAFT:
        raise InvalidTransition(Action.SUBMIT, case.revision.state)
    return case


def record_change(session: Session, case: Case, event: RevisionEvent, *, actor: Actor, now: datetime) -> None:
    """Count the actor among the draft's hands, and record the event in the trail."""
    grant = require(actor, Permission.EDIT_DRAFT, case.subject)
    add_contributor(session, case.revision.id, actor.person)
    audit.record(session, event, actor=actor, now=now, grant=grant, scope=case.place.scope, area=case.place.area_code)
