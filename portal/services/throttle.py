"""Slows down guessing: so many tries for one account from one address, and from one address at all, in a window.

Counted in the database, so that all web machines count together, and before any hashing. The count is per address, so
nobody can lock somebody else out from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select

from portal.domain.actor import Actor
from portal.domain.errors import Throttled
from portal.domain.events import LoginThrottled
from portal.models import LoginThrottle
from portal.services import audit
from portal.services.unit_of_work import transaction

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` within the window for whatever `key` names."""

    key: str
    tries: int


def limits_for(*, account: str, address: str) -> tuple[Limit, ...]:
    """The limits that one login try counts against."""
    return (Limit(_key("account", account, address), 8), Limit(_key("address", address), 60))


def count_try(*, limits: tuple[Limit, ...], now: datetime) -> None:
    """Count one try against every limit; raises Throttled when one is used up. The first refusal of a window is
    recorded.
    """
    with transaction() as session:
        waits = []
        for limit in limits:
            row = session.execute(
                select(LoginThrottle).where(LoginThrottle.key == limit.key).with_for_update()
            ).scalar_one_or_none()
            if row is None:
                row = LoginThrottle(key=limit.key, window_started_at=now, failures=0)
                session.add(row)
            if now - row.window_started_at >= WINDOW or now < row.window_started_at:
                row.window_started_at, row.failures = now, 0
            row.failures += 1
            if row.failures == limit.tries + 1:
                audit.record(session, LoginThrottled(obj=row.id), actor=Actor(process="login"), now=now)
            if row.failures > limit.tries:
                waits.append(row.window_started_at + WINDOW - now)
    if waits:
        raise Throttled(max(1, int(max(waits).total_seconds())))


def forget_tries(*, account: str, address: str) -> None:
    """A login that succeeded clears what was counted for this account from this address."""
    with transaction() as session:
        session.execute(delete(LoginThrottle).where(LoginThrottle.key == _key("account", account, address)))


def _key(*parts: str) -> str:
    return sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
