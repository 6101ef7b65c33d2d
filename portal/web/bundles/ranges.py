"""Which bytes a request wants: one range, or the whole file (RFC 9110 §14.2). Several ranges are answered with the
whole.
"""

from __future__ import annotations

from flask import Request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import quote_etag

from portal.services.bundles.delivery import BundleFacts
from portal.services.sending import ByteRange


def wanted_range(request: Request, facts: BundleFacts) -> ByteRange | None:
    """The one range asked for, None for the whole file; raises RequestedRangeNotSatisfiable (416)."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or not _same_file(request, facts):
        return None
    found = asked.range_for_length(facts.size)
    if found is None:
        raise RequestedRangeNotSatisfiable(facts.size)
    return ByteRange(start=found[0], stop=found[1])


def _same_file(request: Request, facts: BundleFacts) -> bool:
    """Whether If-Range allows a part: half of one file and half of another fit nowhere. Dates and weak tags do not
    (RFC 9110 §13.1.5).
    """
    tag = request.headers.get("If-Range")
    return tag is None or tag.strip() == quote_etag(facts.etag)
