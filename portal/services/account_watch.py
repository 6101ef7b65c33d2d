"""What the home page tells of accounts: roles that wait for this admin, too few admins, windows that end soon.

Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.domain.actor import Actor
from portal.domain.permissions import Permission
from portal.domain.policy import may_ever
from portal.services.admins import count_admins
from portal.services.external_auditors import WindowView, find_ending
from portal.services.proposal_list import count_awaited
from portal.services.unit_of_work import transaction

FEWEST_ADMINS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWatch:
    """`awaited` proposals wait for the actor; `lone_admin` tells an admin that nobody could confirm his; `ending` are
    the windows of external auditors that concern him and end within a week.
    """

    awaited: int
    lone_admin: bool
    ending: tuple[WindowView, ...]


def get_account_watch(*, actor: Actor, now: datetime) -> AccountWatch:
    """What the actor should know of accounts now; of an admin's matters only an admin learns."""
    with transaction(write=False) as session:
        is_admin = may_ever(actor, Permission.MANAGE_ACCOUNTS)
        return AccountWatch(
            awaited=count_awaited(session, actor, now) if is_admin else 0,
            lone_admin=is_admin and count_admins(session, now=now) < FEWEST_ADMINS,
            ending=find_ending(session, actor, now),
        )
