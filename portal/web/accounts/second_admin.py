"""The pages on which a second admin settles what the first one proposed, and the windows of external auditors."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.services.account_watch import get_account_watch
from portal.services.external_auditors import extend_window, get_window, list_windows
from portal.services.proposal_list import list_proposals, list_settled
from portal.services.proposals import confirm_proposal, refuse_proposal, withdraw_proposal
from portal.web.accounts.forms import ExtendForm
from portal.web.accounts.views import blueprint
from portal.web.clock import utc_now
from portal.web.guards import requires
from portal.web.identity import current_actor


@blueprint.get("/pengguna/usulan")
@requires(Permission.MANAGE_ACCOUNTS)
def proposals() -> ResponseReturnValue:
    """Usulan peran."""
    actor, now = current_actor(), utc_now()
    return render_template(
        "accounts/proposals.html",
        waiting=list_proposals(actor=actor, now=now),
        settled=list_settled(actor=actor, now=now),
        watch=get_account_watch(actor=actor, now=now),
    )


@blueprint.post("/usulan/<uuid:proposal_id>/setujui")
@requires(Permission.MANAGE_ACCOUNTS)
def confirm(proposal_id: UUID) -> ResponseReturnValue:
    """Setujui usulan."""
    user_id = confirm_proposal(actor=current_actor(), proposal_id=proposal_id, now=utc_now())
    flash("Usulan disetujui; perannya berlaku sesuai tanggalnya.", "positive")
    return redirect(url_for("accounts.show", user_id=user_id), 303)


@blueprint.post("/usulan/<uuid:proposal_id>/tolak")
@requires(Permission.MANAGE_ACCOUNTS)
def refuse(proposal_id: UUID) -> ResponseReturnValue:
    """Tolak usulan."""
    refuse_proposal(actor=current_actor(), proposal_id=proposal_id, now=utc_now())
    flash("Usulan ditolak; tidak ada peran yang diberikan.", "positive")
    return redirect(url_for("accounts.proposals"), 303)


@blueprint.post("/usulan/<uuid:proposal_id>/tarik")
@requires(Permission.MANAGE_ACCOUNTS)
def withdraw(proposal_id: UUID) -> ResponseReturnValue:
    """Tarik usulan."""
    withdraw_proposal(actor=current_actor(), proposal_id=proposal_id, now=utc_now())
    flash("Usulan ditarik kembali; tidak ada peran yang diberikan.", "positive")
    return redirect(url_for("accounts.proposals"), 303)


@blueprint.get("/pengguna/auditor-eksternal")
@requires(Permission.MANAGE_ACCOUNTS)
def external_auditors() -> ResponseReturnValue:
    """Auditor eksternal."""
    return render_template("accounts/external.html", windows=list_windows(actor=current_actor(), now=utc_now()))


@blueprint.route("/auditor-eksternal/<uuid:membership_id>/perpanjang", methods=["GET", "POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def extend(membership_id: UUID) -> ResponseReturnValue:
    """Usulkan perpanjangan."""
    window = get_window(actor=current_actor(), membership_id=membership_id, now=utc_now())
    form = ExtendForm()
    if form.validate_on_submit() and form.valid_until.data:
        with form.refusals():
            extend_window(
                actor=current_actor(), membership_id=membership_id, until=form.valid_until.data, now=utc_now()
            )
            flash("Perpanjangan diusulkan. Masa baru mulai berlaku setelah disetujui admin lain.", "positive")
            return redirect(url_for("accounts.proposals"), 303)
    return render_template("accounts/extend.html", form=form, window=window), form.status
