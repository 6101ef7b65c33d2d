"""Files on their way out: always as an attachment, never as something that the browser would run."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.http import dump_options_header

from portal.domain.permissions import Permission
from portal.services.downloads import FileFacts, get_file_facts, open_file
from portal.services.sending import ByteRange
from portal.web.clock import utc_now
from portal.web.evidence.routes import blueprint
from portal.web.guards import requires
from portal.web.identity import current_actor
from portal.web.streams import in_app_context


@blueprint.get("/berkas/<uuid:revision_id>/<uuid:file_id>")
@requires(Permission.SEE_EVIDENCE)
def download(revision_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Unduh, whole or from any byte on (RFC 9110 §14). Only an answer with bytes in it is a read.

    A range is cut out of the whole stream, so a download that goes on where it broke off is checked to its end too.
    """
    facts = get_file_facts(actor=current_actor(), revision_id=revision_id, file_id=file_id, now=utc_now())
    response = _described(facts)
    response.make_conditional(request, accept_ranges=True, complete_length=facts.size)
    if request.method == "GET" and response.status_code in (200, 206):
        opened = open_file(
            actor=current_actor(),
            revision_id=revision_id,
            file_id=file_id,
            wanted=ByteRange(start=response.content_range.start or 0, stop=response.content_range.stop),
            store=current_app.extensions["portal.store"],
            clock=utc_now,
            now=utc_now(),
        )
        response.response = in_app_context(opened.chunks)
    return response


def _described(facts: FileFacts) -> Response:
    """The answer without its bytes: exact length, strong tag, and an attachment that no browser opens by itself."""
    response = Response(mimetype=facts.media_type, direct_passthrough=True)
    response.content_length = facts.size
    response.headers["Content-Disposition"] = attachment(facts.name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(facts.sha256)
    return response


def attachment(name: str) -> str:
    """The header for a file of this name, with an ASCII name for old browsers (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in name)
    return dump_options_header("attachment", {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"})
