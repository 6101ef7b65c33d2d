"""Lupa sandi. The answer is the same for every address, known or not, and is given before anything is looked up."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from portal.adapters.mailer import Mailer
from portal.services.password_reset import count_reset, send_reset
from portal.web.auth.forms import ForgottenPasswordForm
from portal.web.auth.loading import remote_address
from portal.web.auth.views import blueprint
from portal.web.clock import utc_now
from portal.web.guards import public


@blueprint.route("/lupa-sandi", methods=["GET", "POST"])
@public("who has forgotten the password cannot sign in")
def forgotten_password() -> ResponseReturnValue:
    """Lupa kata sandi."""
    mailer: Mailer | None = current_app.extensions["portal.mailer"]
    form = ForgottenPasswordForm()
    if mailer and form.validate_on_submit():
        email, now = form.email.data or "", utc_now()
        with form.refusals():
            count_reset(email=email, address=remote_address(), now=now)
            _send_later(email, mailer, now)
            return render_template("auth/reset_sent.html", email=email)
    return render_template("auth/forgotten_password.html", form=form, has_mail=mailer is not None), form.status


def _send_later(email: str, mailer: Mailer, now: datetime) -> None:
    """The host of the link is the configured one, whatever the request calls us."""
    base = current_app.extensions["portal.settings"].public_url.rstrip("/")

    def send() -> None:
        send_reset(email=email, mailer=mailer, link_of=lambda token: f"{base}/undangan/{token}", now=now)

    current_app.extensions["portal.background"].run(send)
