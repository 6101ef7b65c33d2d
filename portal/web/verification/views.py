"""Pages for people who need not trust the portal: what to check a bundle with, and whether a file is approved."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.services.file_check import check_file
from portal.services.verifiers import list_verifiers
from portal.web.clock import utc_now
from portal.web.guards import LOGIN_ENDPOINT, public, return_path
from portal.web.identity import find_signed_in
from portal.web.verification.forms import FileCheckForm

blueprint = Blueprint("verification", __name__, template_folder="templates")


@blueprint.get("/verifikasi")
@public("whoever holds a bundle must be able to check it without an account")
def index() -> ResponseReturnValue:
    """Verifikasi."""
    return render_template("verification/index.html", verifiers=list_verifiers())


@blueprint.get("/verifikasi/<name>")
@public("the verifiers are programs for everybody and hold no data")
def download(name: str) -> Response:
    """One verifier, as an attachment: it is to be kept and compared, not run inside this site."""
    verifier = next((each for each in list_verifiers() if each.name == name), None)
    if verifier is None:
        abort(404)
    response = Response(verifier.content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{verifier.name}"'
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
