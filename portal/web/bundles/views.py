"""The auditor's pages. Sealing is a POST; fetching is a GET that can be resumed at any byte."""

from __future__ import annotations

import logging
from uuid import UUID, uuid4

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.services.bundles.delivery import BundleFacts, get_bundle_facts, open_bundle
from portal.services.bundles.page import get_bundle_page, get_sealed
from portal.services.bundles.sealing import BundleUnfinished, finish_bundle, seal_bundle
from portal.services.sending import ByteRange
from portal.web.anchor_watch import find_own_standing
from portal.web.bundles.forms import ChoiceForm, SealForm
from portal.web.bundles.ranges import wanted_range
from portal.web.bundles.words import REASONS
from portal.web.clock import utc_now
from portal.web.guards import requires
from portal.web.identity import current_actor
from portal.web.paging import asked_page
from portal.web.streams import in_app_context

blueprint = Blueprint("bundles", __name__, template_folder="templates")

log = logging.getLogger(__name__)

MAX_PAGE = 10_000


@blueprint.get("/paket")
@requires(Permission.SEAL_BUNDLE)
def index() -> ResponseReturnValue:
    """Paket bukti."""
    form = ChoiceForm(request.args)
    valid = form.validate()
    page = get_bundle_page(
        actor=current_actor(),
        plan_id=form.rencana.data if valid else None,
        area_code=form.area.data if valid else None,
        indicator_code=form.indikator.data if valid else None,
        page=asked_page(MAX_PAGE),
        now=utc_now(),
    )
    form.offer(page)
    return render_template(
        "bundles/index.html", form=form, page=page, reasons=REASONS, standing=find_own_standing(), next_id=uuid4()
    ), form.status


@blueprint.post("/paket")
@requires(Permission.SEAL_BUNDLE)
def seal() -> ResponseReturnValue:
    """Buat paket."""
    form = SealForm()
    if not form.validate():
        flash("Cakupan paket tidak lengkap. Pilih lagi, lalu buat paketnya.", "destructive")
        return redirect(url_for("bundles.index"), 303)
    try:
        bundle_id = seal_bundle(
            actor=current_actor(),
            scope=form.scope,
            store=current_app.extensions["portal.store"],
            signer=current_app.extensions["portal.signer"],
            now=utc_now(),
            bundle_id=form.bundle_id,
        )
    except BundleUnfinished as unfinished:
        bundle_id = _logged(unfinished)
    return redirect(url_for("bundles.show", bundle_id=bundle_id), 303)


@blueprint.post("/paket/<uuid:bundle_id>/selesaikan")
@requires(Permission.SEAL_BUNDLE)
def finish(bundle_id: UUID) -> ResponseReturnValue:
    """Selesaikan paket."""
    try:
        finish_bundle(
            actor=current_actor(),
            bundle_id=bundle_id,
            store=current_app.extensions["portal.store"],
            signer=current_app.extensions["portal.signer"],
            now=utc_now(),
        )
    except BundleUnfinished as unfinished:
        _logged(unfinished)
    return redirect(url_for("bundles.show", bundle_id=bundle_id), 303)


def _logged(unfinished: BundleUnfinished) -> UUID:
    """The bundle whose page tells the person; the log tells the operator why."""
    log.error("bundle %s is sealed and not finished: %r", unfinished.bundle_id, unfinished.__cause__)
    return unfinished.bundle_id


@blueprint.get("/paket/<uuid:bundle_id>")
@requires(Permission.SEAL_BUNDLE)
def show(bundle_id: UUID) -> ResponseReturnValue:
    """Paket yang disegel."""
    bundle = get_sealed(actor=current_actor(), bundle_id=bundle_id, now=utc_now())
    return render_template("bundles/show.html", bundle=bundle)


@blueprint.get("/paket/<uuid:bundle_id>/unduh")
@requires(Permission.SEAL_BUNDLE)
def download(bundle_id: UUID) -> ResponseReturnValue:
    """Unduh paket, whole or from any byte on (RFC 9110 §14)."""
    facts = get_bundle_facts(actor=current_actor(), bundle_id=bundle_id, now=utc_now())
    wanted = wanted_range(request, facts)
    response = _described(facts, wanted)
    if request.method != "HEAD":
        delivery = open_bundle(
            actor=current_actor(),
            bundle_id=bundle_id,
            wanted=wanted or ByteRange(),
            store=current_app.extensions["portal.store"],
            clock=utc_now,
            now=utc_now(),
        )
        response.response = in_app_context(delivery.chunks)
    return response


def _described(facts: BundleFacts, wanted: ByteRange | None) -> Response:
    """The answer without its bytes: exact length, strong tag, and an attachment that no browser opens by itself."""
    response = Response(mimetype="application/zip", direct_passthrough=True)
    response.headers["Content-Disposition"] = f'attachment; filename="{facts.name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["X-Accel-Buffering"] = "no"
    response.set_etag(facts.etag)
    response.content_length = facts.size
    if wanted:
        stop = wanted.stop or facts.size
        response.status_code, response.content_length = 206, stop - wanted.start
        response.headers["Content-Range"] = f"bytes {wanted.start}-{stop - 1}/{facts.size}"
    return response
