"""Links of accounts to people of an identity provider as the events of the scope `sys` say they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.events import EventName
from portal.models import LinkedIdentity
from portal.services.verify.findings import Findings
from portal.services.verify.rows import reconcile
from portal.services.verify.trail import TrailEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFact:
    user: UUID
    issuer: str | None
    subject: str | None
    linked_at: datetime


class IdentityCheck:
    """Takes the events of `sys` one by one; `finish` compares the table with them."""

    def __init__(self, session: Session, findings: Findings) -> None:
        self._session, self._findings = session, findings
        self.identities: dict[UUID, IdentityFact] = {}

    def tell(self, told: TrailEntry) -> None:
        identity = told.id("identity")
        if told.entry.name is EventName.IDENTITY_LINKED and identity:
            self.identities[identity] = IdentityFact(
                user=told.entry.obj,
                issuer=told.text("issuer"),
                subject=told.text("subject"),
                linked_at=told.entry.at,
            )

    def finish(self) -> None:
        found = {
            row.id: IdentityFact(user=row.user_id, issuer=row.issuer, subject=row.subject, linked_at=row.linked_at)
            for row in self._session.execute(select(LinkedIdentity)).scalars()
        }
        reconcile(self._findings, "linked_identity", expected=self.identities, found=found)
