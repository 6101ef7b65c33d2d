"""Files on their way out: always as an attachment, never as something that the browser would run."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.http import dump_options_header

from portal.domain.permissions import Permission
from portal.services.downloads import open_file
from portal.web.clock import utc_now
from portal.web.evidence.routes import blueprint
from portal.web.guards import requires
from portal.web.identity import current_actor
from portal.web.streams import in_app_context


@blueprint.get("/berkas/<uuid:revision_id>/<uuid:file_id>")
@requires(Permission.SEE_EVIDENCE)
def download(revision_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Unduh, whole or from any byte on (RFC 9110 §14).

    A range is cut out of the whole stream, so a download that goes on where it broke off is checked to its end too.
    """
    opened = open_file(
        actor=current_actor(),
        revision_id=revision_id,
        file_id=file_id,
        store=current_app.extensions["portal.store"],
        clock=utc_now,
        now=utc_now(),
    )
    response = Response(in_app_context(opened.chunks), mimetype=opened.media_type, direct_passthrough=True)
    response.content_length = opened.size
    response.headers["Content-Disposition"] = attachment(opened.name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(opened.sha256)
    response.make_conditional(request, accept_ranges=True, complete_length=opened.size)
    return response


def attachment(name: str) -> str:
    """The header for a file of this name, with an ASCII name for old browsers (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in name)
    return dump_options_header("attachment", {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"})
