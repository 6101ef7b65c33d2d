"""Signing in and out. The cookie holds a random token and nothing else; the session lives in the database."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user

from portal.domain.errors import PasswordNotFresh
from portal.services.invitations import accept_invitation, get_invited
from portal.services.logins import log_in
from portal.services.sessions import log_out
from portal.web.auth.confirmation import ask_for_password, take_password
from portal.web.auth.forms import LoginForm, NewPasswordForm
from portal.web.auth.loading import load_signed_in, remote_address
from portal.web.clock import utc_now
from portal.web.guards import local_path, public, signed_in
from portal.web.identity import current_actor, find_signed_in

blueprint = Blueprint("auth", __name__, template_folder="templates")
blueprint.before_app_request(take_password)
blueprint.app_errorhandler(PasswordNotFresh)(ask_for_password)


@blueprint.route("/masuk", methods=["GET", "POST"])
@public("who is not signed in must be able to sign in")
def login() -> ResponseReturnValue:
    """Masuk."""
    target = local_path(request.args.get("lanjut"))
    if find_signed_in():
        return redirect(target)
    form = LoginForm()
    if form.validate_on_submit():
        with form.refusals():
            token = log_in(
                email=form.email.data or "",
                password=form.password.data or "",
                address=remote_address(),
                device=request.headers.get("User-Agent", ""),
                now=utc_now(),
            )
            session.clear()  # nothing of an earlier visitor, and no token that somebody else may have planted
            login_user(load_signed_in(token))
            return redirect(target, 303)
    return render_template("auth/login.html", form=form, target=target), form.status


@blueprint.post("/keluar")
@signed_in("everybody may leave")
def logout() -> ResponseReturnValue:
    """Keluar: the session ends on the server, whatever becomes of the cookie."""
    actor = current_actor()
    if actor.origin:
        log_out(actor=actor, session_id=UUID(actor.origin.session), now=utc_now())
    session.clear()
    flash("Anda sudah keluar.", "positive")
    return redirect(url_for("auth.login"), 303)


@blueprint.route("/undangan/<token>", methods=["GET", "POST"])
@public("an invited person has no password yet; the link itself is the proof")
def invitation(token: str) -> ResponseReturnValue:
    """Buat kata sandi."""
    person = get_invited(token=token, now=utc_now())
    form = NewPasswordForm()
    if form.validate_on_submit():
        with form.refusals():
            accept_invitation(token=token, password=form.password.data or "", now=utc_now())
            flash("Kata sandi disimpan. Silakan masuk.", "positive")
            return redirect(url_for("auth.login"), 303)
    return render_template("auth/invitation.html", form=form, person=person), form.status
