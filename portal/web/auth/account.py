"""Akun saya: who one is for the portal, where one is signed in, and one's own password."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user

from portal.services.devices import end_device, end_devices, list_devices
from portal.services.password_change import change_password
from portal.services.user_list import get_own_account
from portal.web.auth.devices import device_words
from portal.web.auth.forms import ChangePasswordForm
from portal.web.auth.loading import load_signed_in, remote_address
from portal.web.auth.views import blueprint
from portal.web.clock import utc_now
from portal.web.guards import signed_in
from portal.web.identity import current_actor, get_signed_in


@blueprint.get("/akun")
@signed_in("everybody may see his own account")
def account() -> ResponseReturnValue:
    """Akun saya."""
    own = get_own_account(actor=current_actor(), now=utc_now())
    devices = list_devices(actor=current_actor(), now=utc_now())
    return render_template("auth/account.html", own=own, devices=devices, device_words=device_words)


@blueprint.post("/akun/sesi/<uuid:session_id>/akhiri")
@signed_in("everybody may end his own sessions")
def end_one_session(session_id: UUID) -> ResponseReturnValue:
    """Akhiri sesi di perangkat lain."""
    end_device(actor=current_actor(), session_id=session_id, now=utc_now())
    flash("Sesi di perangkat itu diakhiri.", "positive")
    return redirect(url_for("auth.account"), 303)


@blueprint.post("/akun/keluar-semua")
@signed_in("everybody may end his own sessions")
def end_all_sessions() -> ResponseReturnValue:
    """Keluar dari semua perangkat."""
    end_devices(actor=current_actor(), user_id=current_actor().person, now=utc_now())
    session.clear()
    flash("Anda sudah keluar dari semua perangkat.", "positive")
    return redirect(url_for("auth.login"), 303)


@blueprint.route("/akun/kata-sandi", methods=["GET", "POST"])
@signed_in("everybody may change his own password")
def change_own_password() -> ResponseReturnValue:
    """Ganti kata sandi."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        person = get_signed_in()
        with form.refusals():
            token = change_password(
                actor=person.actor,
                token=person.session_token,
                old=form.old_password.data or "",
                new=form.password.data or "",
                address=remote_address(),
                now=utc_now(),
            )
            login_user(load_signed_in(token))
            flash("Kata sandi diganti. Perangkat lain perlu masuk lagi.", "positive")
            return redirect(url_for("auth.account"), 303)
    return render_template("auth/change_password.html", form=form), form.status
