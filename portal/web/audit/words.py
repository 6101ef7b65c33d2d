"""Words for codes that the trail spells as text."""

from __future__ import annotations

from portal.domain.review import ReturnReason
from portal.web.labels import label


def reason_word(code: str) -> str:
    """The reason of a return as the reviewer chose it; a code of another version of the portal stays a code."""
    return label(ReturnReason(code)).word if code in set(ReturnReason) else code
