"""What pages of several features say about anchors, for the person of this request."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from portal.services.anchors.standing import AnchorStanding, find_standing
from portal.web.clock import utc_now
from portal.web.identity import current_actor


def anchor_limit() -> timedelta:
    """How long an event may wait for an anchor before it is a matter of alarm."""
    return timedelta(hours=current_app.extensions["portal.settings"].anchor_max_hours)


def find_own_standing() -> AnchorStanding | None:
    """The standing of the anchors, for who watches over them."""
    return find_standing(actor=current_actor(), limit=anchor_limit(), now=utc_now())
