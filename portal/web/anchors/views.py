"""The page of checkpoints for those who watch over the trail. Printing is a POST: it is kept that it was done."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.services.anchors.overview import get_checkpoint_overview
from portal.services.anchors.printing import print_checkpoint
from portal.web.anchor_watch import anchor_limit
from portal.web.clock import utc_now
from portal.web.guards import requires
from portal.web.identity import current_actor, get_signed_in

blueprint = Blueprint("anchors", __name__, template_folder="templates")


@blueprint.get("/checkpoint")
@requires(Permission.SEE_CHECKPOINT)
def index() -> ResponseReturnValue:
    """Checkpoint catatan audit."""
    overview = get_checkpoint_overview(actor=current_actor(), limit=anchor_limit(), now=utc_now())
    return render_template("anchors/index.html", overview=overview)


@blueprint.post("/checkpoint/cetak")
@requires(Permission.SEE_CHECKPOINT)
def print_page() -> Response:
    """Cetak checkpoint: the page as a PDF to be kept outside the office."""
    person = get_signed_in()
    signer = current_app.extensions["portal.signer"]
    printed = print_checkpoint(actor=person.actor, signer=signer, zone=person.timezone, now=utc_now())
    response = Response(printed.pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{printed.name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
