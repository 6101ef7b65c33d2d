"""The queue, the page of one revision, and the decisions. What follows what is the workflow's table, not a view's."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.domain.workflow import Action, State
from portal.services.review import find_next_review, get_review
from portal.services.review_queue import QueueFilter, list_queue
from portal.services.workflow import Outcome, perform
from portal.web.clock import today, utc_now
from portal.web.forms import choice
from portal.web.guards import requires
from portal.web.identity import current_actor
from portal.web.paging import asked_page
from portal.web.review.forms import DecisionForm, QueueFilterForm
from portal.web.review.steps import REASONED

blueprint = Blueprint("review", __name__, template_folder="templates")

MAX_PAGE = 10_000


@blueprint.get("/antrean")
@requires(Permission.DECIDE)
def queue() -> ResponseReturnValue:
    """Antrean pemeriksaan."""
    form = QueueFilterForm(request.args)
    narrow = form.narrow if form.validate() else QueueFilter()
    page = asked_page(MAX_PAGE)
    found = list_queue(actor=current_actor(), narrow=narrow, page=page, now=utc_now())
    form.unit.choices = [choice("", "Semua"), *(choice(str(unit.unit_id), unit.name) for unit in found.units)]
    return render_template("review/queue.html", form=form, found=found, narrow=narrow, today=today()), form.status


@blueprint.get("/antrean/berikutnya")
@requires(Permission.DECIDE)
def next_review() -> ResponseReturnValue:
    """Open the revision that waits longest, or the empty queue."""
    revision_id = find_next_review(actor=current_actor(), now=utc_now())
    return redirect(url_for("review.show", revision_id=revision_id) if revision_id else url_for("review.queue"))


@blueprint.get("/periksa/<uuid:revision_id>")
@requires(Permission.DECIDE)
def show(revision_id: UUID) -> ResponseReturnValue:
    """Periksa bukti."""
    page = get_review(actor=current_actor(), revision_id=revision_id, now=utc_now())
    decision = DecisionForm(state=page.revision.state, digest=page.revision.digest)
    return render_template("review/show.html", page=page, decision=decision)


@blueprint.post("/periksa/<uuid:revision_id>/setujui")
@requires(Permission.DECIDE)
def approve(revision_id: UUID) -> ResponseReturnValue:
    """Setujui: needs no words, so it is sent from the review page itself."""
    decision = DecisionForm()
    if not decision.validate():
        page = get_review(actor=current_actor(), revision_id=revision_id, now=utc_now())
        return render_template("review/show.html", page=page, decision=decision, form=decision), decision.status
    outcome = perform(actor=current_actor(), command=decision.command(Action.APPROVE, revision_id), now=utc_now())
    flash(_approved(outcome), "positive")
    return redirect(url_for("review.next_review"))


@blueprint.route("/periksa/<uuid:revision_id>/<step_name>", methods=["GET", "POST"])
@requires(Permission.DECIDE)
def reasoned(revision_id: UUID, step_name: str) -> ResponseReturnValue:
    """Kembalikan, Tolak, Buka kembali: each with its reason."""
    step = REASONED.get(step_name) or abort(404)
    page = get_review(actor=current_actor(), revision_id=revision_id, now=utc_now())
    form = step.form(state=page.revision.state, digest=page.revision.digest)
    if form.validate_on_submit():
        with form.refusals():
            perform(actor=current_actor(), command=form.command(step.action, revision_id), now=utc_now())
            flash(step.done, "positive")
            return redirect(url_for("review.next_review"))
    return render_template("review/reasoned.html", form=form, step=step, page=page), form.status


def _approved(outcome: Outcome) -> str:
    if outcome.state is State.APPROVED:
        return "Bukti disetujui."
    return "Persetujuan Anda tercatat. Bukti ini masih menunggu pemeriksa berikutnya."
