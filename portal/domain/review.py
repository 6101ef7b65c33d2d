"""The closed words of a review: verdicts and the short list of reasons for a return or rejection."""

from __future__ import annotations

from enum import StrEnum

from portal.domain.workflow import Action


class Verdict(StrEnum):
    """What a reviewer can say of a revision; the values are those of the actions."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"

    @property
    def action(self) -> Action:
        return Action(self.value)


class ReturnReason(StrEnum):
    """Why a revision was returned or rejected; a sentence of the reviewer's own stands beside it."""

    INCOMPLETE = "incomplete"
    UNREADABLE = "unreadable"
    WRONG_DOCUMENT = "wrong_document"
    WRONG_PERIOD = "wrong_period"
    NOT_SIGNED = "not_signed"
    LINK_UNREACHABLE = "link_unreachable"
    PERSONAL_DATA_VISIBLE = "personal_data_visible"
    OTHER = "other"
