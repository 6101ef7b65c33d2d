"""Dates, numbers and sizes as Indonesian readers write them: “Senin, 23 November 2026 pukul 11.05 WIB”, 1.234,5.

Moments come in as aware UTC and go out in the zone of the reader's unit; days are days of the unit already.
"""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask_babel import get_timezone

LOCALE = "id"
_KIB = 1024


def format_moment(at: datetime) -> str:
    """“Senin, 23 November 2026 pukul 11.05 WIB”."""
    return _in_zone(at, "EEEE, d MMMM y 'pukul' HH.mm z")


def format_short_moment(at: datetime) -> str:
    """“23 Nov 2026, 11.05 WIB”."""
    return _in_zone(at, "d MMM y, HH.mm z")


def format_day(day: date) -> str:
    """“Senin, 23 November 2026”."""
    return format_date(day, "EEEE, d MMMM y", locale=LOCALE)


def format_short_day(day: date) -> str:
    """“23 Nov 2026”."""
    return format_date(day, "d MMM y", locale=LOCALE)


def format_month(day: date) -> str:
    """“November 2026”."""
    return format_date(day, "MMMM y", locale=LOCALE)


def format_days_left(due: date, today: date) -> str:
    """“12 hari lagi”, “hari ini”, “lewat 3 hari”."""
    days = (due - today).days
    if days == 0:
        return "hari ini"
    return f"{format_number(days)} hari lagi" if days > 0 else f"lewat {format_number(-days)} hari"


def format_number(number: float) -> str:
    """“1.234,5”."""
    return format_decimal(number, locale=LOCALE)


def format_size(size: int) -> str:
    """Bytes for people: “2,1 MB”, with 1024 to the step as file managers count."""
    if size < _KIB:
        return f"{format_number(size)} bita"
    if size < _KIB**2:
        return f"{format_decimal(round(size / _KIB), locale=LOCALE)} KB"
    step, unit = (_KIB**2, "MB") if size < _KIB**3 else (_KIB**3, "GB")
    return f"{format_decimal(size / step, '#,##0.#', locale=LOCALE)} {unit}"


def _in_zone(at: datetime, pattern: str) -> str:
    if at.tzinfo is None:
        raise ValueError("a moment without a zone: times are aware UTC everywhere")
    return format_datetime(at, pattern, tzinfo=get_timezone(), locale=LOCALE)
