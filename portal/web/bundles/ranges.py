"""Which bytes a request wants: one range, or the whole file (RFC 9110 §14.2). Several ranges are answered with the
whole.
"""

from __future__ import annotations

from flask import Request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from portal.services.bundle_delivery import BundleFacts, ByteRange


def wanted_range(request: Request, facts: BundleFacts) -> ByteRange | None:
    """The one range asked for, None for the whole file; raises RequestedRangeNotSatisfiable (416).

    A range with `If-Range` of another version is not honoured: half of the old and half of the new fit nowhere.
    """
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if request.if_range.date is not None or request.if_range.etag not in (None, facts.etag):
        return None
    found = asked.range_for_length(facts.size)
    if found is None:
        raise RequestedRangeNotSatisfiable(facts.size)
    return ByteRange(start=found[0], stop=found[1])
