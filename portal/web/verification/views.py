"""Pages for people who need not trust the portal: what to check a bundle with, and whether a file is approved."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.services.file_check import check_file
from portal.services.public_proof import get_public_proof
from portal.web.clock import utc_now
from portal.web.guards import LOGIN_ENDPOINT, public, return_path
from portal.web.identity import find_signed_in
from portal.web.verification.forms import FileCheckForm

blueprint = Blueprint("verification", __name__, template_folder="templates")


@blueprint.get("/verifikasi")
@public("whoever holds a bundle must be able to check it without an account")
def index() -> ResponseReturnValue:
    """Verifikasi."""
    return render_template("verification/index.html", proof=get_public_proof())


@blueprint.get("/verifikasi/<name>")
@public("verifiers, public keys and the newest checkpoint are for everybody and hold nothing personal")
def download(name: str) -> Response:
    """One of the files as an attachment: it is to be kept and compared, not run inside this site."""
    content = get_public_proof().files.get(name)
    if content is None:
        abort(404)
    response = Response(content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.get("/verifikasi/berkas")
@public("the setting FILE_CHECK_PUBLIC decides; without it the view sends strangers to the login page")
def file() -> ResponseReturnValue:
    """Verifikasi berkas."""
    person = find_signed_in()
    is_public = current_app.extensions["portal.settings"].file_check_public
    if person is None and not is_public:
        return redirect(url_for(LOGIN_ENDPOINT, lanjut=return_path()), 303)
    form, result = FileCheckForm(request.args), None
    if "sha256" in request.args and form.validate():
        with form.refusals():
            result = check_file(
                actor=person.actor if person else None,
                sha256=form.sha256.data or "",
                is_public=is_public,
                now=utc_now(),
            )
    return render_template("verification/file.html", form=form, result=result, is_public=is_public), form.status
