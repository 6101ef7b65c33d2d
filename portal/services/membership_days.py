"""When a membership is in force: whole days in its unit's own zone, the first and the last included, unless it was
ended before.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal.models import Membership, Unit


def today_in(unit: Unit, now: datetime) -> date:
    """The day that it is in the unit."""
    return now.astimezone(ZoneInfo(unit.timezone)).date()


def is_in_force(membership: Membership, unit: Unit, now: datetime) -> bool:
    """Whether `membership`, which is one in `unit`, gives its role now."""
    today = today_in(unit, now)
    begun = membership.valid_from <= today
    over = membership.valid_until is not None and membership.valid_until < today
    return begun and not over and membership.ended_at is None
