"""Slows down guessing: so many tries for one account from one address, and from one address at all, in a window.

Counted in the database, so that all web machines count together, and before any hashing. The count is per address, so
nobody can lock somebody else out from elsewhere; and what succeeds does not count, so a whole office behind one address
can begin its morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import ConstraintViolated, Throttled
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


def limits_for_reset(*, account: str, address: str) -> tuple[Limit, ...]:
    """The limits that one request for a link counts against. That of an account holds for all addresses together: each
    request is a mail, and whoever asks in another's name does not keep him out, since the newest mail's link works.
    """
    return (Limit(_key("reset-account", account), 3), Limit(_key("reset-address", address), 20))


def limits_for_code(*, user_id: UUID, address: str) -> tuple[Limit, ...]:
    """The limits that one code after a right password counts against.

    The last one counts for the account wherever the codes come from: six digits are few, and only somebody who knows
    the password can use it up.
    """
    account, source = str(user_id), _key("address", address)
    return (Limit(_key("code", account, address), 8), Limit(source, 60), Limit(_key("codes", account), 20))


def limits_for_return(*, address: str) -> tuple[Limit, ...]:
    """The limit that one who comes back from an identity provider counts against, since the provider is asked then."""
    return (Limit(_key("return", address), 60),)


def count_try(*, limits: tuple[Limit, ...], now: datetime) -> None:
    """Count one try against every limit; raises Throttled when one is used up.

    The first refusal of a window is recorded.
    """
    try:
        waits = _count(limits, now)
    except ConstraintViolated:  # another web machine began the same window at this very moment
        waits = _count(limits, now)
    if waits:
        raise Throttled(max(1, int(max(waits).total_seconds())))


def _count(limits: tuple[Limit, ...], now: datetime) -> list[timedelta]:
    """How long each limit that is used up makes one wait."""
    waits = []
    with transaction() as session:
        for limit in limits:
            window = _window(session, limit.key, now)
            window.failures += 1
            if window.failures == limit.tries + 1:
                audit.record(session, LoginThrottled(obj=window.id), actor=Actor(process="login"), now=now)
            if window.failures > limit.tries:
                waits.append(window.window_started_at + WINDOW - now)
    return waits


def _window(session: Session, key: str, now: datetime) -> LoginThrottle:
    """The window that is open for `key`, begun now if none is; a clock that went back begins a new one."""
    query = select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()
    window = session.execute(query).scalar_one_or_none()
    if window is None:
        window = LoginThrottle(key=key, window_started_at=now, failures=0)
        session.add(window)
        session.flush()
    if not timedelta(0) <= now - window.window_started_at < WINDOW:
        window.window_started_at, window.failures = now, 0
    return window


def forget_tries(*, account: str, address: str) -> None:
    """A login that succeeded clears what was counted for this account from this address, and takes its own try back
    from the address.
    """
    _forget(limits_for(account=account, address=address))


def forget_codes(*, user_id: UUID, address: str) -> None:
    """The same for a code that was right."""
    _forget(limits_for_code(user_id=user_id, address=address))


def forget_returns(*, address: str) -> None:
    """Somebody came back and was let in: the provider's answers to this address are good."""
    _forget(limits_for_return(address=address))


def _forget(limits: tuple[Limit, ...]) -> None:
    """Clear the first limit, which is of this account from this address, and take one try back from the others."""
    own, *others = (limit.key for limit in limits)
    with transaction() as session:
        session.execute(delete(LoginThrottle).where(LoginThrottle.key == own))
        session.execute(
            update(LoginThrottle)
            .where(LoginThrottle.key.in_(others), LoginThrottle.failures > 0)
            .values(failures=LoginThrottle.failures - 1)
        )


def forget_windows(*, dry_run: bool, now: datetime) -> int:
    """Remove the windows that are over, or only count them in a dry run; returns how many they are."""
    is_over = LoginThrottle.window_started_at <= now - WINDOW
    with transaction(write=not dry_run) as session:
        if dry_run:
            return session.execute(select(func.count()).select_from(LoginThrottle).where(is_over)).scalar_one()
        return len(session.execute(delete(LoginThrottle).where(is_over).returning(LoginThrottle.id)).all())


def _key(*parts: str) -> str:
    return sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
