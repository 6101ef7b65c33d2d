"""What an uploader's browser sends, in bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.web.stories.people import Person, upload

HOST = b"Host: localhost\r\n"
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data; boundary=batas"


def posted(path: str, *, length: int | None, kind: str = FORM, further: bytes = b"") -> bytes:
    """The head of a POST, whose body is announced by its length or comes in chunks."""
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\n{framing}\r\n".encode() + HOST + further + b"\r\n"


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


@dataclass
class Draft:
    """A draft on which its uploader has begun."""

    siti: Person
    address: str

    @property
    def cookie(self) -> bytes:
        cookie = self.siti.client.get_cookie("portal")
        assert cookie is not None
        return f"Cookie: portal={cookie.value}\r\n".encode()

    @property
    def upload_address(self) -> str:
        return self.address.replace("/draf", "/berkas")

    def posted(self, *, length: int | None, kind: str = FILES, further: bytes = b"") -> bytes:
        return posted(self.upload_address, length=length, kind=kind, further=self.cookie + further)

    def token(self) -> bytes:
        self.siti.open(self.address)
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', self.siti.text)
        assert token is not None
        return (
            b'--batas\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + token.group(1).encode() + b"\r\n"
        )

    def part(self, field: str, name: str) -> bytes:
        return f'--batas\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()

    def text(self) -> str:
        return self.siti.open(self.address)

    def keep(self, name: str, content: bytes) -> str:
        """Add a file by the test's own client; returns where it is downloaded."""
        self.siti.open(self.address)
        self.siti.send("/berkas", {"files": [upload(content, name)]})
        self.siti.open(self.address.replace("/draf", ""))
        return str(re.findall(r'href="(/berkas/[^"]+)"', self.siti.text)[-1])
