"""The form of the short codes of units and areas. They stand in addresses, in paths and in the trail's scopes, so they
hold neither separators nor anything that looks like another code.
"""

from __future__ import annotations

import re

MAX_UNIT_CODE = 32
MAX_AREA_CODE = 8


def is_code(text: str, *, longest: int) -> bool:
    """Whether `text` is 1 to `longest` ASCII letters, digits and hyphens, for instance `KPU-1502`."""
    return len(text) <= longest and re.fullmatch(r"[A-Za-z0-9-]+", text) is not None
