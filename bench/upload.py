"""An upload as the service does it, from an open file into real MinIO, against a bare put of the same file by the SDK.

The same through an HTTP form of a served portal stands beside it. Run it with
`uv run python -m bench.upload [--json] [--quick]`.
"""

from __future__ import annotations

import http.client
import re
import secrets
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from flask import Flask
from minio import Minio

from bench.measure import MB, peak_memory, seconds
from bench.office import CHUNK, film, portal_in, s3_settings, scratch_folder
from bench.report import Result, options, publish
from portal.adapters.minio_store import PART_SIZE
from portal.adapters.store import new_key
from portal.config import Settings
from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.models import Revision
from portal.services.people import get_actor_by_email
from portal.services.unit_of_work import transaction
from portal.services.uploads import OfferedFile, add_files
from tests.builders.world import World, add_draft, build_world
from tests.servers import minio, portal
from tests.servers.s3 import S3Server
from tests.web.stories.people import PASSWORD, add_account

MEMORY_LIMIT_MB = 32.0
EMAIL = "siti@contoh.go.id"
REPEATS = 3


def measure(*, quick: bool) -> list[Result]:
    """Put the same file into the same server in three ways."""
    if reason := minio.why_missing():
        print(f"not measured: MinIO: {reason}", file=sys.stderr)
        return []
    with scratch_folder() as folder, minio.running() as server:
        source = film(folder / "rapat.mp4", (32 if quick else 256) << 20)
        settings = s3_settings(folder, server)
        with portal_in(settings) as app:
            world = build_world(indicators=8)
            sender = _sender(app)
            by_service = _by_service(app, settings, server, world, sender, source)
            evidence_id = _evidence_of(add_draft(world, sender, "II.8"))
        return [*by_service, *_by_form(settings, evidence_id, source)]


def _sender(app: Flask) -> Actor:
    add_account(app, EMAIL, Role.UPLOADER)
    return get_actor_by_email(email=EMAIL, now=datetime.now(UTC))


def _by_service(
    app: Flask, settings: Settings, server: S3Server, world: World, sender: Actor, source: Path
) -> list[Result]:
    drafts = iter([add_draft(world, sender, f"{area}.{n}") for area in ("I", "II") for n in range(1, 8)])
    _add(app, world, sender, next(drafts), source)  # the first one makes the bucket
    with peak_memory() as memory:
        _add(app, world, sender, next(drafts), source)
    bare, service = seconds(
        lambda: _bare_put(server, settings.s3_bucket, source),
        lambda: _add(app, world, sender, next(drafts), source),
        repeats=REPEATS,
    )
    size = source.stat().st_size / MB
    return [
        Result("bare SDK put to MinIO", size / bare, "MB/s"),
        Result("upload by the service", size / service, "MB/s", size / bare),
        Result("upload by the service: memory", memory.peak, "MB", MEMORY_LIMIT_MB),
    ]


def _add(app: Flask, world: World, sender: Actor, revision_id: UUID, source: Path) -> None:
    with source.open("rb") as stream:
        report = add_files(
            actor=sender,
            revision_id=revision_id,
            files=[OfferedFile(f"{secrets.token_hex(4)}.mp4", stream)],
            store=app.extensions["portal.store"],
            limit=4 << 30,
            now=world.tick(),
        )
    assert not report.refused, report.refused


def _bare_put(server: S3Server, bucket: str, source: Path) -> None:
    client = Minio(server.endpoint, server.access_key, server.secret_key, secure=False)
    with source.open("rb") as stream:
        size = source.stat().st_size
        client.put_object(bucket, new_key(), stream, size, part_size=PART_SIZE, num_parallel_uploads=1)


def _evidence_of(revision_id: UUID) -> UUID:
    with transaction(write=False) as session:
        return session.get_one(Revision, revision_id).evidence_id


def _by_form(settings: Settings, evidence_id: UUID, source: Path) -> list[Result]:
    """One upload through the form; a second one would be refused as the same bytes."""
    with portal.running(settings) as site:
        browser = _Browser(site.url.removeprefix("http://"))
        browser.sign_in()
        (took,) = seconds(lambda: browser.upload(evidence_id, source), repeats=1)
    return [Result("upload by an HTTP form", source.stat().st_size / MB / took, "MB/s")]


class _Browser:
    """Just enough of one to sign in and send a form."""

    def __init__(self, host: str) -> None:
        self.connection = http.client.HTTPConnection(host, timeout=120)
        self.cookie = ""

    def sign_in(self) -> None:
        token = self._token("/masuk")
        body = urlencode({"email": EMAIL, "password": PASSWORD, "csrf_token": token})
        status = self._send("POST", "/masuk", body, "application/x-www-form-urlencoded")[0]
        assert status == 303, status

    def upload(self, evidence_id: UUID, source: Path) -> None:
        token = self._token(f"/bukti/{evidence_id}/draf")
        head = (
            f'--batas\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
            f'--batas\r\nContent-Disposition: form-data; name="files"; filename="rapat.mp4"\r\n'
            "Content-Type: video/mp4\r\n\r\n"
        ).encode()
        tail = b"\r\n--batas--\r\n"
        length = len(head) + source.stat().st_size + len(tail)
        status = self._send(
            "POST",
            f"/bukti/{evidence_id}/berkas",
            _body(head, source, tail),
            "multipart/form-data; boundary=batas",
            {"Content-Length": str(length)},
        )[0]
        assert status == 303, status

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self._send("GET", path, None, "")[1])
        assert found is not None, path
        return unescape(found.group(1))

    def _send(
        self, method: str, path: str, body: object, kind: str, more: dict[str, str] | None = None
    ) -> tuple[int, str]:
        headers = {"Cookie": self.cookie, **({"Content-Type": kind} if kind else {}), **(more or {})}
        self.connection.request(method, path, body, headers)  # type: ignore[arg-type]  # text, bytes or an iterator
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie") or ():
            self.cookie = value.split(";", 1)[0]
        return answer.status, text


def _body(head: bytes, source: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with source.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
    yield tail


if __name__ == "__main__":
    chosen = options(__doc__)
    publish(measure(quick=chosen.quick), as_json=chosen.as_json)
