"""How many fields a form may have that is held in memory. How large it may be says the configuration.

Werkzeug counts the parts of a multipart form, but not the fields of an urlencoded one, of which a small body can hold
a hundred thousand.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING

from flask import Flask, Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from werkzeug.formparser import t_parse_result


class LimitedFormParser(FormDataParser):
    """Counts the fields of an urlencoded form before it takes it apart; more than MAX_FORM_PARTS are answered 413."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> t_parse_result:
        if mimetype == "application/x-www-form-urlencoded":
            body = stream.read()
            stream.read(1)  # Werkzeug cuts a body of no announced length at the limit; one byte more, and it refuses
            if self.max_form_parts is not None and body.count(b"&") >= self.max_form_parts:
                raise RequestEntityTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class LimitedRequest(Request):
    """A request whose form has few fields."""

    form_data_parser_class = LimitedFormParser


def init_form_limits(app: Flask) -> None:
    """Let the application make all its requests so."""
    app.request_class = LimitedRequest
