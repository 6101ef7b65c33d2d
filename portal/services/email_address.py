"""The addresses that accounts have: one form of spelling, in which they are stored and compared."""

from __future__ import annotations

import re

from portal.domain.errors import InvalidInput

_EMAIL = re.compile(r"[a-z0-9._%+'-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")


def checked_email(email: str) -> str:
    """The address as it is stored, in lower case; raises InvalidInput for the field `email`."""
    cleaned = email.strip().lower()
    if len(cleaned) > 254 or not _EMAIL.fullmatch(cleaned):
        raise InvalidInput("email", "Alamat email tidak lengkap. Contoh: nama@kpu.go.id.")
    return cleaned
