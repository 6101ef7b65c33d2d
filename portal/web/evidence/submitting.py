"""Handing in: the last look, the receipt, and taking back."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.domain.workflow import Action
from portal.services.evidence_page import get_draft, get_evidence
from portal.services.readiness import check_draft
from portal.services.receipt import get_receipt
from portal.services.workflow import perform
from portal.web.clock import utc_now
from portal.web.evidence.forms import SeenForm
from portal.web.evidence.routes import blueprint
from portal.web.evidence.words import REMARKS
from portal.web.guards import requires
from portal.web.identity import current_actor


@blueprint.get("/bukti/<uuid:evidence_id>/periksa-dulu")
@requires(Permission.EDIT_DRAFT)
def check(evidence_id: UUID) -> ResponseReturnValue:
    """Periksa sebelum diajukan."""
    readiness = check_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    seen = SeenForm.of(readiness.page.draft)
    return render_template("evidence/check.html", readiness=readiness, page=readiness.page, seen=seen, words=REMARKS)


@blueprint.post("/bukti/<uuid:evidence_id>/ajukan")
@requires(Permission.EDIT_DRAFT)
def submit(evidence_id: UUID) -> ResponseReturnValue:
    """Ajukan ke pemeriksa."""
    page = get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    command = SeenForm().command(Action.SUBMIT, page.draft.id)
    outcome = perform(actor=current_actor(), command=command, now=utc_now())
    return redirect(url_for("evidence.receipt", revision_id=outcome.revision_id), 303)


@blueprint.get("/bukti/tanda-terima/<uuid:revision_id>")
@requires(Permission.SEE_EVIDENCE)
def receipt(revision_id: UUID) -> ResponseReturnValue:
    """Tanda terima."""
    found = get_receipt(actor=current_actor(), revision_id=revision_id, now=utc_now())
    return render_template("evidence/receipt.html", receipt=found)


@blueprint.post("/bukti/<uuid:evidence_id>/tarik")
@requires(Permission.EDIT_DRAFT)
def withdraw(evidence_id: UUID) -> ResponseReturnValue:
    """Tarik kembali."""
    page = get_evidence(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    command = SeenForm().command(Action.WITHDRAW, page.current.id)
    perform(actor=current_actor(), command=command, now=utc_now())
    flash("Bukti ditarik kembali. Buat versi baru bila sudah siap.", "positive")
    return redirect(url_for("evidence.show", evidence_id=evidence_id), 303)


@blueprint.post("/bukti/<uuid:evidence_id>/buang")
@requires(Permission.EDIT_DRAFT)
def discard(evidence_id: UUID) -> ResponseReturnValue:
    """Buang draf."""
    page = get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    command = SeenForm().command(Action.DISCARD, page.draft.id)
    perform(actor=current_actor(), command=command, now=utc_now())
    flash("Draf dibuang. Berkas yang sudah dikirim tetap tercatat dalam riwayat.", "positive")
    return redirect(url_for("indicators.show", indicator_id=page.place.indicator_id), 303)
