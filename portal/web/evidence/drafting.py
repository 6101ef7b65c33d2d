"""Beginning an evidence and filling its draft."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from portal.domain.permissions import Permission
from portal.services.drafts import answer_revision, change_draft, start_evidence
from portal.services.evidence_page import DraftPage, get_draft, get_start
from portal.services.links import add_link, remove_link
from portal.services.redactions import mark_copy, unmark_copy
from portal.services.reuse import get_reuse_choice, reuse_files
from portal.services.uploads import UploadReport, add_files, remove_file
from portal.web.clock import utc_now
from portal.web.evidence.bodies import let_in_large_body, offered_files, takes_large_body
from portal.web.evidence.forms import (
    ACCEPT,
    CopyForm,
    DraftForm,
    FilesForm,
    LinkForm,
    ReuseForm,
    StartForm,
    slot_choices,
)
from portal.web.evidence.routes import blueprint
from portal.web.guards import requires
from portal.web.identity import current_actor

NO_FILE = "Belum ada berkas yang dipilih."
MOST_TOLD = 4
"""Sentences about refused files that go through the session's cookie, which holds 4 KB."""


@blueprint.get("/bukti/baru")
@requires(Permission.EDIT_DRAFT)
def start() -> ResponseReturnValue:
    """Unggah bukti: begin for the requirement that the address names."""
    return redirect(url_for("evidence.begin", requirement_id=_id_from_address("kebutuhan")))


@blueprint.route("/bukti/baru/<uuid:requirement_id>", methods=["GET", "POST"])
@takes_large_body
@requires(Permission.EDIT_DRAFT)
def begin(requirement_id: UUID) -> ResponseReturnValue:
    """Unggah bukti."""
    page = get_start(actor=current_actor(), requirement_id=requirement_id, now=utc_now())
    if request.method == "POST":
        let_in_large_body()
    free = [slot for slot in page.slots if slot.is_free]
    form = StartForm(slots=[str(free[0].slot_id)] if len(free) == 1 else [])
    form.slots.choices = slot_choices(page.slots)
    if form.validate_on_submit():
        with form.refusals():
            draft = start_evidence(
                actor=current_actor(), requirement_id=requirement_id, slot_ids=form.slot_ids, now=utc_now()
            )
            report = _add(draft.revision_id, form)
            _tell_kept(report)
            _tell_refused(report)
            return redirect(url_for("evidence.draft", evidence_id=draft.evidence_id), 303)
    return render_template("evidence/begin.html", form=form, page=page, accept=ACCEPT, **_limits()), form.status


@blueprint.get("/bukti/<uuid:evidence_id>/draf")
@requires(Permission.EDIT_DRAFT)
def draft(evidence_id: UUID) -> ResponseReturnValue:
    """Draf."""
    return _show_draft(get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now()))


@blueprint.post("/bukti/<uuid:evidence_id>/draf")
@requires(Permission.EDIT_DRAFT)
def save(evidence_id: UUID) -> ResponseReturnValue:
    """Simpan draf, and go on to the check if that button was used."""
    page = get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    form = DraftForm.sent(page)
    if form.validate():
        with form.refusals():
            change_draft(
                actor=current_actor(),
                revision_id=page.draft.id,
                note=form.note.data or "",
                document_date=form.document_date.data,
                slot_ids=form.slot_ids,
                now=utc_now(),
            )
            if request.form.get("lanjut") == "periksa":
                return redirect(url_for("evidence.check", evidence_id=evidence_id), 303)
            flash("Draf disimpan.", "positive")
            return redirect(url_for("evidence.draft", evidence_id=evidence_id), 303)
    return _show_draft(page, form=form)


@blueprint.post("/bukti/<uuid:evidence_id>/berkas")
@takes_large_body
@requires(Permission.EDIT_DRAFT)
def upload(evidence_id: UUID) -> ResponseReturnValue:
    """Tambah berkas. What was refused is told on the page itself: a hundred sentences do not fit into a cookie."""
    page = get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    let_in_large_body()
    form = FilesForm()
    report = _add(page.draft.id, form)
    _tell_kept(report)
    form.files.errors = report.refused or (() if report.kept else (NO_FILE,))
    if not form.errors:
        return redirect(url_for("evidence.draft", evidence_id=evidence_id), 303)
    return _show_draft(get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now()), files_form=form)


@blueprint.get("/bukti/<uuid:evidence_id>/berkas")
@blueprint.get("/bukti/<uuid:evidence_id>/tautan")
@blueprint.get("/bukti/<uuid:evidence_id>/tandai-salinan")
@requires(Permission.EDIT_DRAFT)
def back_to_draft(evidence_id: UUID) -> ResponseReturnValue:
    """The addresses that stand above a refused form, opened anew."""
    return redirect(url_for("evidence.draft", evidence_id=evidence_id), 303)


@blueprint.post("/bukti/<uuid:evidence_id>/berkas/<uuid:file_id>/keluarkan")
@requires(Permission.EDIT_DRAFT)
def drop_file(evidence_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Keluarkan berkas."""
    page = get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    remove_file(actor=current_actor(), revision_id=page.draft.id, file_id=file_id, now=utc_now())
    flash("Berkas dikeluarkan dari draf.", "positive")
    return redirect(url_for("evidence.draft", evidence_id=evidence_id), 303)


@blueprint.post("/bukti/<uuid:evidence_id>/tandai-salinan")
@requires(Permission.EDIT_DRAFT)
def copy(evidence_id: UUID) -> ResponseReturnValue:
    """Tandai sebagai salinan."""
    page = get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    form = CopyForm().offering(page)
    if form.validate():
        with form.refusals():
            mark_copy(
                actor=current_actor(),
                revision_id=page.draft.id,
                file_id=UUID(form.copy.data),
                original_id=UUID(form.original.data),
                now=utc_now(),
            )
            flash(
                "Salinan ditandai. Setelah bukti disetujui, orang di luar area Anda membaca salinan itu saja.",
                "positive",
            )
            return redirect(url_for("evidence.draft", evidence_id=evidence_id), 303)
    return _show_draft(page, copy_form=form)


@blueprint.post("/bukti/<uuid:evidence_id>/berkas/<uuid:file_id>/bukan-salinan")
@requires(Permission.EDIT_DRAFT)
def uncopy(evidence_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Bukan salinan."""
    page = get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    unmark_copy(actor=current_actor(), revision_id=page.draft.id, file_id=file_id, now=utc_now())
    flash("Tanda salinan dilepas.", "positive")
    return redirect(url_for("evidence.draft", evidence_id=evidence_id), 303)


@blueprint.post("/bukti/<uuid:evidence_id>/tautan")
@requires(Permission.EDIT_DRAFT)
def link(evidence_id: UUID) -> ResponseReturnValue:
    """Tambah tautan."""
    page = get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    form = LinkForm()
    if form.validate():
        with form.refusals():
            add_link(
                actor=current_actor(),
                revision_id=page.draft.id,
                url=form.url.data or "",
                note=form.note.data or "",
                now=utc_now(),
            )
            flash("Tautan ditambahkan.", "positive")
            return redirect(url_for("evidence.draft", evidence_id=evidence_id), 303)
    return _show_draft(page, link_form=form)


@blueprint.post("/bukti/<uuid:evidence_id>/tautan/<uuid:link_id>/keluarkan")
@requires(Permission.EDIT_DRAFT)
def drop_link(evidence_id: UUID, link_id: UUID) -> ResponseReturnValue:
    """Keluarkan tautan."""
    page = get_draft(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    remove_link(actor=current_actor(), revision_id=page.draft.id, link_id=link_id, now=utc_now())
    flash("Tautan dikeluarkan dari draf.", "positive")
    return redirect(url_for("evidence.draft", evidence_id=evidence_id), 303)


@blueprint.post("/bukti/<uuid:evidence_id>/versi-baru")
@requires(Permission.EDIT_DRAFT)
def answer(evidence_id: UUID) -> ResponseReturnValue:
    """Buat versi baru."""
    answer_revision(actor=current_actor(), evidence_id=evidence_id, now=utc_now())
    flash("Versi baru dimulai dengan isi versi sebelumnya. Perbaiki, lalu ajukan lagi.", "positive")
    return redirect(url_for("evidence.draft", evidence_id=evidence_id), 303)


@blueprint.route("/bukti/versi/<uuid:revision_id>/pakai-juga", methods=["GET", "POST"])
@requires(Permission.EDIT_DRAFT)
def reuse(revision_id: UUID) -> ResponseReturnValue:
    """Pakai juga untuk bukti lain."""
    found = get_reuse_choice(actor=current_actor(), revision_id=revision_id, now=utc_now())
    form = ReuseForm.of(found)
    if form.validate_on_submit():
        with form.refusals():
            draft = reuse_files(
                actor=current_actor(),
                revision_id=revision_id,
                file_ids=form.file_ids,
                requirement_id=UUID(form.requirement.data),
                now=utc_now(),
            )
            flash("Berkas dilampirkan ke draf baru tanpa diunggah ulang.", "positive")
            return redirect(url_for("evidence.draft", evidence_id=draft.evidence_id), 303)
    return render_template("evidence/reuse.html", form=form, found=found), form.status


def _show_draft(
    page: DraftPage,
    *,
    form: DraftForm | None = None,
    link_form: LinkForm | None = None,
    files_form: FilesForm | None = None,
    copy_form: CopyForm | None = None,
) -> ResponseReturnValue:
    """The draft page; the form that was refused, if one was, is shown with its errors."""
    refused = form or link_form or files_form or copy_form
    context = {"form": refused} if refused else {}
    return render_template(
        "evidence/draft.html",
        page=page,
        own=form or DraftForm.of(page),
        link_form=link_form or LinkForm(formdata=None),
        files_form=files_form or FilesForm(formdata=None),
        copy_form=copy_form or CopyForm.of(page),
        accept=ACCEPT,
        **_limits(),
        **context,
    ), refused.status if refused else 200


def _add(revision_id: UUID, form: FilesForm) -> UploadReport:
    return add_files(
        actor=current_actor(),
        revision_id=revision_id,
        files=offered_files(form.files.data),
        store=current_app.extensions["portal.store"],
        limit=current_app.extensions["portal.settings"].max_file_bytes,
        rules=current_app.extensions["portal.upload_rules"],
        now=utc_now(),
    )


def _tell_kept(report: UploadReport) -> None:
    if report.kept:
        flash(f"{len(report.kept)} berkas tersimpan.", "positive")


def _tell_refused(report: UploadReport) -> None:
    """On the next page, which gets these sentences through a cookie: so only the first few."""
    for sentence in report.refused[:MOST_TOLD]:
        flash(sentence, "destructive")
    rest = len(report.refused) - MOST_TOLD
    if rest > 0:
        flash(
            f"Masih ada {rest} berkas lain yang tidak diterima. Tambahkan lagi untuk melihat sebabnya.",
            "warning",
        )


def _limits() -> dict[str, int]:
    settings = current_app.extensions["portal.settings"]
    return {"max_file_bytes": settings.max_file_bytes}


def _id_from_address(name: str) -> UUID:
    try:
        return UUID(request.args.get(name, ""))
    except ValueError as error:
        raise BadRequest from error
