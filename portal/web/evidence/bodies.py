"""Large request bodies: let in only on upload routes, after the person and the draft are known to be right.

Everywhere else a body is small. The form's token is checked here as well, because it stands in the body.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO, TypeVar, cast

from flask import current_app, request
from werkzeug.datastructures import FileStorage

from portal.services.uploads import OfferedFile
from portal.web.extensions import csrf

PATIENCE = "portal.expect_large_body"
"""Where the server, if it is one that ends slow requests, puts what to call when a request may take long."""

View = TypeVar("View", bound=Callable[..., object])


def takes_large_body(view: View) -> View:
    """Mark a view that calls `let_in_large_body`: its token is asked for once the view has looked at the address."""
    csrf.exempt(view)
    return view


def let_in_large_body() -> None:
    """Raise the limits for this request and check its token; nothing of the body has been read before.

    Only for a form with files, which goes to disk as it comes; any other form would be held in memory as a whole.
    """
    if request.mimetype == "multipart/form-data":
        request.max_content_length = current_app.extensions["portal.settings"].max_request_bytes
        request.environ.get(PATIENCE, lambda: None)()
    csrf.protect()


def offered_files(uploaded: Sequence[FileStorage | str] | None) -> list[OfferedFile]:
    """The files that a form brought; a file field that was left empty, or sent as text, brings none."""
    return [
        OfferedFile(file.filename, cast(BinaryIO, file.stream))
        for file in uploaded or ()
        if isinstance(file, FileStorage) and file.filename
    ]
