"""The plan's indicators: the list with its filter, the page of one, who is in charge of a slot, and the class of an
evidence item.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.classification import Classification
from portal.domain.permissions import Permission
from portal.services.classifying import change_classification, get_classification
from portal.services.indicator_list import IndicatorFilter, list_indicators
from portal.services.indicator_page import get_indicator
from portal.services.pics import assign_pic, get_pic_choice
from portal.web.clock import today, utc_now
from portal.web.forms import choice, choices_of
from portal.web.guards import requires
from portal.web.identity import current_actor
from portal.web.indicators.forms import ClassificationForm, FilterForm, PicForm
from portal.web.indicators.words import READERS

blueprint = Blueprint("indicators", __name__, template_folder="templates")


@blueprint.get("/indikator")
@requires(Permission.SEE_PLAN)
def index() -> ResponseReturnValue:
    """Daftar indikator; a filter that cannot be read is shown with its error above the whole list."""
    form = FilterForm(request.args)
    narrow = form.narrow if form.validate() else IndicatorFilter()
    found = list_indicators(actor=current_actor(), narrow=narrow, now=utc_now())
    form.offer(found)
    page = render_template("indicators/index.html", form=form, found=found, narrow=narrow, today=today())
    return page, form.status


@blueprint.get("/indikator/<uuid:indicator_id>")
@requires(Permission.SEE_PLAN)
def show(indicator_id: UUID) -> ResponseReturnValue:
    """Indikator."""
    page = get_indicator(actor=current_actor(), indicator_id=indicator_id, now=utc_now())
    return render_template("indicators/show.html", page=page, today=today())


@blueprint.route("/slot/<uuid:slot_id>/pic", methods=["GET", "POST"])
@requires(Permission.ASSIGN_PIC)
def pic(slot_id: UUID) -> ResponseReturnValue:
    """Tetapkan penanggung jawab."""
    found = get_pic_choice(actor=current_actor(), slot_id=slot_id, now=utc_now())
    form = PicForm(pic=found.pic_id)
    form.pic.choices = [
        choice("", "Belum ada"),
        *(choice(str(person.user_id), person.name) for person in found.candidates),
    ]
    if form.validate_on_submit():
        with form.refusals():
            assign_pic(actor=current_actor(), slot_id=slot_id, user_id=form.pic.data, now=utc_now())
            flash("Penanggung jawab disimpan.", "positive")
            return redirect(url_for("indicators.show", indicator_id=found.place.indicator_id))
    return render_template("indicators/pic.html", form=form, choice=found), form.status


@blueprint.route("/kebutuhan/<uuid:requirement_id>/klasifikasi", methods=["GET", "POST"])
@requires(Permission.RAISE_CLASSIFICATION)
def classify(requirement_id: UUID) -> ResponseReturnValue:
    """Ubah klasifikasi: the class that was shown goes along, so that nobody changes one that he did not see."""
    page = get_classification(actor=current_actor(), requirement_id=requirement_id, now=utc_now())
    form = ClassificationForm(seen=page.classification)
    form.classification.choices = choices_of(page.choices)
    if form.validate_on_submit():
        with form.refusals():
            place = change_classification(
                actor=current_actor(),
                requirement_id=requirement_id,
                seen=Classification(form.seen.data or ""),
                wanted=form.classification.data,
                reason=form.reason.data or "",
                now=utc_now(),
            )
            flash("Klasifikasi diubah dan tercatat dalam riwayat.", "positive")
            return redirect(url_for("indicators.show", indicator_id=place.indicator_id))
    return render_template("indicators/classification.html", form=form, page=page, readers=READERS), form.status
