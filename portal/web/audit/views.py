"""The timeline of one indicator."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.services.timeline import get_timeline
from portal.web.audit.words import reason_word
from portal.web.clock import utc_now
from portal.web.guards import requires
from portal.web.identity import current_actor

blueprint = Blueprint("audit", __name__, template_folder="templates")


@blueprint.get("/riwayat/<uuid:indicator_id>")
@requires(Permission.SEE_TRAIL)
def timeline(indicator_id: UUID) -> ResponseReturnValue:
    """Riwayat indikator, on demand with who read what."""
    with_reads = request.args.get("pembacaan") == "ya"
    found = get_timeline(actor=current_actor(), indicator_id=indicator_id, with_reads=with_reads, now=utc_now())
    return render_template("audit/timeline.html", timeline=found, with_reads=with_reads, reason_word=reason_word)
