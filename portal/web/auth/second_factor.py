"""Verifikasi dua langkah, each person's own. The secret that is offered waits in the signed cookie of the browser that
shows it; recovery codes are shown once, on the page that answers the request that made them.
"""

from __future__ import annotations

import segno
from flask import current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from portal.services.second_factor import enrol_factor, get_factor, renew_recovery_codes, turn_off_factor
from portal.services.totp import enrolment_address, is_secret, new_secret
from portal.web.auth.forms import CodeForm
from portal.web.auth.loading import device, sign_in
from portal.web.auth.views import blueprint
from portal.web.clock import utc_now
from portal.web.guards import signed_in
from portal.web.identity import current_actor, get_signed_in

OFFERED = "offered_factor"
"""Key of the cookie under which the secret of an enrolment waits for its first code."""
OWN = "everybody looks after the own second factor"


@blueprint.get("/akun/dua-langkah")
@signed_in(OWN)
def second_factor() -> ResponseReturnValue:
    """Verifikasi dua langkah."""
    factor = get_factor(actor=current_actor(), now=utc_now())
    return render_template("auth/second_factor.html", factor=factor, is_required=_is_required())


@blueprint.route("/akun/dua-langkah/pasang", methods=["GET", "POST"])
@signed_in(OWN, before_enrolment=True)
def enrol_phone() -> ResponseReturnValue:
    """Pasang di ponsel."""
    secret, form = _offered_secret(), CodeForm()
    if form.validate_on_submit():
        with form.refusals():
            enrolled = enrol_factor(
                actor=current_actor(), secret=secret, code=form.code.data or "", device=device(), now=utc_now()
            )
            sign_in(enrolled.session_token)
            return render_template("auth/recovery_codes.html", codes=enrolled.codes, is_new=True)
    address = enrolment_address(secret, email=get_signed_in().email)
    picture = segno.make(address, error="m", micro=False).svg_data_uri(border=4, scale=5, light="#fff")
    page = render_template(
        "auth/enrol.html", form=form, secret=secret, picture=picture, must_enrol=get_signed_in().must_enrol
    )
    return page, form.status


@blueprint.post("/akun/dua-langkah/kode-pemulihan")
@signed_in(OWN)
def renew_codes() -> ResponseReturnValue:
    """Kode pemulihan baru."""
    codes = renew_recovery_codes(actor=current_actor(), now=utc_now())
    return render_template("auth/recovery_codes.html", codes=codes, is_new=False)


@blueprint.post("/akun/dua-langkah/matikan")
@signed_in(OWN)
def remove_phone() -> ResponseReturnValue:
    """Matikan."""
    sign_in(turn_off_factor(actor=current_actor(), is_required=_is_required(), device=device(), now=utc_now()))
    flash("Verifikasi dua langkah dimatikan. Sesi di perangkat lain berakhir.", "positive")
    return redirect(url_for("auth.second_factor"), 303)


def _is_required() -> bool:
    return bool(current_app.extensions["portal.settings"].requires_second_factor)


def _offered_secret() -> str:
    """The secret that the page shows, the same until it is confirmed: a wrong code does not mean scanning anew."""
    offered = session.get(OFFERED)
    if not isinstance(offered, str) or not is_secret(offered):
        offered = session[OFFERED] = new_secret()
    return offered
