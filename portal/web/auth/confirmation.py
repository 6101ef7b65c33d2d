"""Asks for the password where a service wants it given just now, and then does what was asked.

The page carries every field of the refused request and sends them, with the password, to the very same address: so
nothing typed is lost, no script is needed, and no address is taken from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user

from portal.domain.errors import NotFound, PasswordNotFresh, Throttled
from portal.services.fresh_password import confirm_password
from portal.web.auth.forms import ConfirmationForm
from portal.web.auth.loading import load_signed_in, remote_address
from portal.web.clock import utc_now
from portal.web.guards import LOGIN_ENDPOINT
from portal.web.identity import SignedIn, find_signed_in

FIELD = "confirm_password"
NOT_REPEATED = frozenset({FIELD, "csrf_token", "password", "again", "old_password"})
"""Fields that no page gives back: passwords, and the token, of which the page has its own."""

MOST_FIELDS = 200
MOST_CHARACTERS = 100_000
"""No honest form is larger than what the page gives back."""

WHAT: Mapping[str, str] = MappingProxyType(
    {
        "accounts.invite": "Menambah pengguna",
        "accounts.invite_once_more": "Membuat tautan undangan baru",
        "accounts.grant": "Memberi peran",
        "accounts.end": "Mengakhiri peran",
        "accounts.reactivate": "Mengaktifkan akun kembali",
        "accounts.reset_second_factor": "Mencabut verifikasi dua langkah",
        "accounts.confirm": "Menyetujui usulan peran",
        "accounts.refuse": "Menolak usulan peran",
        "accounts.withdraw": "Menarik usulan peran",
        "accounts.extend": "Memperpanjang masa tugas auditor",
        "indicators.classify": "Menurunkan klasifikasi bukti",
        "bundles.seal": "Membuat paket bukti seluruh unit",
        "auth.enrol_phone": "Memasang ponsel",
        "auth.renew_codes": "Membuat kode pemulihan baru",
        "auth.remove_phone": "Mematikan verifikasi dua langkah",
    }
)
"""What somebody is about to do, as the page calls it, by endpoint."""


def take_password() -> ResponseReturnValue | None:
    """Before a view that is asked once more: take the password that came along, or ask for it again.

    Only a form as this page sends it is looked into: the body of an upload is read by its view.
    """
    if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
        return None
    person = find_signed_in()
    if person is None or FIELD not in request.form:
        return None
    form = ConfirmationForm()
    try:
        if form.validate():
            with form.refusals():
                _confirm(person, form.confirm_password.data or "")
                return None
    except NotFound:  # the session has ended meanwhile
        return redirect(url_for(LOGIN_ENDPOINT), 303)
    except Throttled as slowed:
        return _page(form, 429, minutes=(slowed.retry_after + 59) // 60)
    return _page(form, form.status)


def ask_for_password(_refusal: PasswordNotFresh) -> ResponseReturnValue:
    """The page in place of what was refused; nothing has changed yet."""
    return _page(ConfirmationForm(formdata=None), 403)


def _confirm(person: SignedIn, password: str) -> None:
    token = confirm_password(
        actor=person.actor, token=person.session_token, password=password, address=remote_address(), now=utc_now()
    )
    login_user(load_signed_in(token))


def _page(form: ConfirmationForm, status: int, *, minutes: int = 0) -> ResponseReturnValue:
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_REPEATED]
    if len(fields) > MOST_FIELDS or sum(len(name) + len(value) for name, value in fields) > MOST_CHARACTERS:
        return render_template("errors/413.html"), 413  # not abort(): this may be within an error handler already
    what = WHAT.get(request.endpoint or "", "Tindakan ini")
    return render_template("auth/confirmation.html", form=form, fields=fields, what=what, minutes=minutes), status
