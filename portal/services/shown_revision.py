"""A revision whose content is about to be handed out, as far as policy and trail need to know it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from portal.domain.classification import Classification
from portal.domain.policy import Subject
from portal.domain.workflow import State
from portal.services.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRevision:
    """`number` counts from 1."""

    place: Place
    classification: Classification
    evidence_id: UUID
    number: int
    state: State
    drafter_id: UUID

    @property
    def subject(self) -> Subject:
        return replace(self.place.subject(self.classification), state=self.state)
