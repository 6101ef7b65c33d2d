"""Roles that one admin alone does not give, and the limits of an external auditor's window.

Rules as numbers and sets only: who may propose and confirm is the policy's and the services' business.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from portal.domain.actor import Actor
from portal.domain.roles import Role

CONFIRMED_ROLES = frozenset({Role.ADMIN, Role.AUDITOR})
"""Roles that begin when a second admin has confirmed them."""

PROPOSAL_DAYS = 7
"""Days after which a proposal that nobody settled has lapsed."""

LONGEST_WINDOW = timedelta(days=90)
"""From the first to the last day of an external auditor, and from the day of an extension to its last day."""

WARNED_BEFORE = timedelta(days=7)
"""How long before the last day of an external auditor those concerned are told."""


class Settlement(StrEnum):
    """How a proposal ended; one that lapsed has none."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


def needs_second_admin(actor: Actor, role: Role) -> bool:
    """Whether what `actor` gives is only a proposal. The command line on the server gives at once: whoever may use it
    could change the database as well, and it writes to the trail.
    """
    return actor.user_id is not None and role in CONFIRMED_ROLES
