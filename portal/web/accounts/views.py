"""The pages of an admin. A one-time link is shown once, on the page that answers the request that made it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.domain.permissions import Permission
from portal.domain.second_admin import needs_second_admin
from portal.services.account_watch import get_account_watch
from portal.services.devices import end_devices
from portal.services.memberships import end_membership, grant_membership
from portal.services.second_factor import reset_factor
from portal.services.units import list_units
from portal.services.user_list import get_user, list_users
from portal.services.users import Invited, deactivate_user, invite_again, invite_user, reactivate_user
from portal.web.accounts.forms import InviteForm, MembershipForm
from portal.web.clock import utc_now
from portal.web.guards import requires
from portal.web.identity import current_actor
from portal.web.paging import asked_page

blueprint = Blueprint("accounts", __name__, template_folder="templates")

MAX_PAGE = 100_000


@blueprint.get("/pengguna")
@requires(Permission.MANAGE_ACCOUNTS)
def index() -> ResponseReturnValue:
    """Kelola pengguna."""
    page = asked_page(MAX_PAGE)
    found = list_users(actor=current_actor(), page=page, now=utc_now())
    watch = get_account_watch(actor=current_actor(), now=utc_now())
    return render_template("accounts/index.html", found=found, watch=watch)


@blueprint.route("/pengguna/baru", methods=["GET", "POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def invite() -> ResponseReturnValue:
    """Tambah pengguna."""
    form = InviteForm()
    form.offer(list_units(actor=current_actor(), now=utc_now()))
    if form.validate_on_submit():
        with form.refusals():
            invited = invite_user(
                actor=current_actor(),
                email=form.email.data or "",
                name=form.name.data or "",
                membership=form.membership,
                now=utc_now(),
            )
            return _show_link(invited, proposed=needs_second_admin(current_actor(), form.membership.role))
    return render_template("accounts/invite.html", form=form), form.status


@blueprint.get("/pengguna/<uuid:user_id>")
@requires(Permission.MANAGE_ACCOUNTS)
def show(user_id: UUID) -> ResponseReturnValue:
    """Satu pengguna."""
    person = get_user(actor=current_actor(), user_id=user_id, now=utc_now())
    return render_template("accounts/show.html", person=person, own=person.user_id == current_actor().user_id)


@blueprint.route("/pengguna/<uuid:user_id>/peran", methods=["GET", "POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def grant(user_id: UUID) -> ResponseReturnValue:
    """Tambah peran."""
    person = get_user(actor=current_actor(), user_id=user_id, now=utc_now())
    form = MembershipForm()
    form.offer(list_units(actor=current_actor(), now=utc_now()))
    if form.validate_on_submit():
        with form.refusals():
            grant_membership(actor=current_actor(), user_id=user_id, wanted=form.membership, now=utc_now())
            if needs_second_admin(current_actor(), form.membership.role):
                flash("Peran diusulkan. Peran mulai berlaku setelah disetujui admin lain.", "positive")
                return redirect(url_for("accounts.proposals"), 303)
            flash("Peran diberikan. Sesinya berakhir; ia perlu masuk lagi.", "positive")
            return redirect(url_for("accounts.show", user_id=user_id), 303)
    return render_template("accounts/grant.html", form=form, person=person), form.status


@blueprint.post("/peran/<uuid:membership_id>/akhiri")
@requires(Permission.MANAGE_ACCOUNTS)
def end(membership_id: UUID) -> ResponseReturnValue:
    """Akhiri peran."""
    user_id = end_membership(actor=current_actor(), membership_id=membership_id, now=utc_now())
    flash("Peran diakhiri dan langsung tidak berlaku.", "positive")
    return redirect(url_for("accounts.show", user_id=user_id), 303)


@blueprint.post("/pengguna/<uuid:user_id>/undang-lagi")
@requires(Permission.MANAGE_ACCOUNTS)
def invite_once_more(user_id: UUID) -> ResponseReturnValue:
    """Undang lagi."""
    return _show_link(invite_again(actor=current_actor(), user_id=user_id, now=utc_now()))


@blueprint.post("/pengguna/<uuid:user_id>/akhiri-sesi")
@requires(Permission.MANAGE_ACCOUNTS)
def end_all_sessions(user_id: UUID) -> ResponseReturnValue:
    """Akhiri semua sesi."""
    end_devices(actor=current_actor(), user_id=user_id, now=utc_now())
    flash("Semua sesinya diakhiri; ia perlu masuk lagi.", "positive")
    return redirect(url_for("accounts.show", user_id=user_id), 303)


@blueprint.post("/pengguna/<uuid:user_id>/cabut-dua-langkah")
@requires(Permission.MANAGE_ACCOUNTS)
def reset_second_factor(user_id: UUID) -> ResponseReturnValue:
    """Cabut verifikasi dua langkah."""
    reset_factor(actor=current_actor(), user_id=user_id, now=utc_now())
    flash("Verifikasi dua langkah dicabut; semua sesi orang ini berakhir.", "positive")
    return redirect(url_for("accounts.show", user_id=user_id), 303)


@blueprint.post("/pengguna/<uuid:user_id>/nonaktifkan")
@requires(Permission.MANAGE_ACCOUNTS)
def deactivate(user_id: UUID) -> ResponseReturnValue:
    """Nonaktifkan."""
    deactivate_user(actor=current_actor(), user_id=user_id, now=utc_now())
    flash("Akun dinonaktifkan; semua sesinya berakhir.", "positive")
    return redirect(url_for("accounts.show", user_id=user_id), 303)


@blueprint.post("/pengguna/<uuid:user_id>/aktifkan")
@requires(Permission.MANAGE_ACCOUNTS)
def reactivate(user_id: UUID) -> ResponseReturnValue:
    """Aktifkan kembali."""
    reactivate_user(actor=current_actor(), user_id=user_id, now=utc_now())
    flash("Akun aktif kembali.", "positive")
    return redirect(url_for("accounts.show", user_id=user_id), 303)


def _show_link(invited: Invited, *, proposed: bool = False) -> ResponseReturnValue:
    """The link, built from the configured address and never from the request's host; `proposed` tells that the role
    waits for another admin.
    """
    person = get_user(actor=current_actor(), user_id=invited.user_id, now=utc_now())
    base = current_app.extensions["portal.settings"].public_url.rstrip("/")
    link = f"{base}{url_for('auth.invitation', token=invited.invitation.token)}"
    return render_template(
        "accounts/link.html", person=person, link=link, expires_at=invited.invitation.expires_at, proposed=proposed
    )
