"""waitress, the server of Windows. It reads a body into a file before a thread is taken, so slow senders cost none.

Its parser lets through what two programs can read in two ways; here such a request is refused (RFC 9112 §6.3, §11.2).
"""

from __future__ import annotations

import re

from waitress import serve
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

from portal import create_app
from portal.logs import log_to_standard_error

THREADS = 32
"""Few threads are taken by a few slow phones, and then the site stands still."""

FIELD = re.compile(rb"\r\n([^:\r\n]*)")
ONCE = (b"host", b"content-length", b"transfer-encoding", b"content-type")


class StrictParser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """Refuses folded and repeated fields of which one is meant, another version, and a length beside chunks."""

    def parse_header(self, header_plus: bytes) -> None:
        names = [name.lower() for name in FIELD.findall(header_plus)]
        if any(name.startswith((b" ", b"\t")) for name in names) or any(names.count(name) > 1 for name in ONCE):
            raise ParsingError("A field is folded or given twice")
        super().parse_header(header_plus)
        if self.version not in {"1.0", "1.1"} or "TRANSFER_ENCODING" in self.headers:
            raise ParsingError("The version is not understood")
        if self.chunked and ("CONTENT_LENGTH" in self.headers or b"," in _value(header_plus, b"transfer-encoding")):
            raise ParsingError("The end of the body is not certain")


def _value(header_plus: bytes, name: bytes) -> bytes:
    found = re.search(rb"(?i)\r\n%s:([^\r\n]*)" % re.escape(name), header_plus)
    return found.group(1) if found else b""


def serve_with_waitress(host: str, port: int) -> None:
    """Serve until stopped."""
    log_to_standard_error()
    app = create_app()
    HTTPChannel.parser_class = StrictParser
    serve(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        max_request_body_size=app.extensions["portal.settings"].max_request_bytes,
        max_request_header_size=64 * 1024,
        clear_untrusted_proxy_headers=False,  # which proxies are believed is PORTAL_PROXY_HOPS' business alone
    )
