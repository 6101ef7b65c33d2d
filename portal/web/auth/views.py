"""Signing in and out. The cookie holds a random token and nothing else; the session lives in the database."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import PasswordNotFresh
from portal.services.invitations import accept_invitation, get_invited
from portal.services.logins import LoginStep, enter_code, log_in
from portal.services.pending_logins import OVER, is_pending
from portal.services.sessions import log_out
from portal.web.auth.confirmation import ask_for_password, take_password
from portal.web.auth.forms import CodeForm, LoginForm, NewPasswordForm
from portal.web.auth.loading import device, remote_address, sign_in
from portal.web.clock import utc_now
from portal.web.guards import local_path, public, signed_in
from portal.web.identity import current_actor, find_signed_in

blueprint = Blueprint("auth", __name__, template_folder="templates")
blueprint.before_app_request(take_password)
blueprint.app_errorhandler(PasswordNotFresh)(ask_for_password)

PENDING = "pending_login"
"""Key of the cookie under which a login that waits for its code has its token."""


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
            step = log_in(
                email=form.email.data or "",
                password=form.password.data or "",
                address=remote_address(),
                device=device(),
                now=utc_now(),
            )
            return go_on(step, target)
    provider = current_app.extensions["portal.provider"]
    return render_template("auth/login.html", form=form, target=target, provider=provider), form.status


def go_on(step: LoginStep, target: str) -> ResponseReturnValue:
    """To the page of the code, or signed in to the page that was wanted."""
    if step.owes_code:
        session.clear()  # as at the begin of a session
        session[PENDING] = step.token
        return redirect(url_for("auth.code", lanjut=None if target == "/" else target), 303)
    sign_in(step.token)
    return redirect(target, 303)


@blueprint.route("/masuk/kode", methods=["GET", "POST"])
@public("who owes a code has no session yet; the pending login in the cookie is the proof of the password")
def code() -> ResponseReturnValue:
    """Masuk, langkah kedua: the code of the phone, or a recovery code."""
    target = local_path(request.args.get("lanjut"))
    token = session.get(PENDING, "")
    if not is_pending(token=token, now=utc_now()):
        flash(OVER, "warning")
        return redirect(url_for("auth.login", lanjut=None if target == "/" else target), 303)
    form = CodeForm()
    if form.validate_on_submit():
        with form.refusals():
            begun = enter_code(
                token=token, code=form.code.data or "", address=remote_address(), device=device(), now=utc_now()
            )
            sign_in(begun)
            return redirect(target, 303)
    return render_template("auth/code.html", form=form, target=target), form.status


@blueprint.post("/keluar")
@signed_in("everybody may leave", before_enrolment=True)
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
