"""The moment of a request: the only place of the web layer that asks the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask_babel import get_timezone


def utc_now() -> datetime:
    """Now, aware UTC; views hand it to services."""
    return datetime.now(UTC)


def today() -> date:
    """Today in the zone of the reader's unit."""
    return utc_now().astimezone(get_timezone()).date()
