"""Commands of the workflow as somebody gives them who was shown what is stored now."""

from __future__ import annotations

from uuid import UUID

from portal.domain.review import ReturnReason
from portal.domain.workflow import Action
from portal.models import Revision
from portal.services.action import Command
from portal.services.unit_of_work import transaction

REASONED = frozenset({Action.RETURN, Action.REJECT})
"""Actions that need a reason from the list."""


def command_on(
    revision_id: UUID, action: Action, *, note: str, reason: ReturnReason = ReturnReason.INCOMPLETE
) -> Command:
    """The command, with `reason` where one is needed."""
    with transaction(write=False) as session:
        revision = session.get_one(Revision, revision_id)
        state, digest = revision.state, revision.digest
    return Command(
        action=action,
        revision_id=revision_id,
        seen_state=state,
        seen_digest=digest,
        note=note,
        reason=reason if action in REASONED else None,
    )
