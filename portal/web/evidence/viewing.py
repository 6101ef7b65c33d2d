"""The page of an evidence with its versions."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.services.evidence_page import get_evidence
from portal.services.redacted_page import get_copies
from portal.web.clock import utc_now
from portal.web.evidence.forms import SeenForm
from portal.web.evidence.routes import blueprint
from portal.web.guards import requires
from portal.web.identity import current_actor


@blueprint.get("/bukti/<uuid:evidence_id>")
@requires(Permission.SEE_EVIDENCE)
def show(evidence_id: UUID) -> ResponseReturnValue:
    """Bukti."""
    page = get_evidence(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    return render_template("evidence/show.html", page=page, seen=SeenForm.of(page.current))


@blueprint.get("/bukti/<uuid:evidence_id>/salinan")
@requires(Permission.SEE_REDACTED)
def copies(evidence_id: UUID) -> ResponseReturnValue:
    """Salinan yang disamarkan."""
    page = get_copies(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    return render_template("evidence/copies.html", page=page)
