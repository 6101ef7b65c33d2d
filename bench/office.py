"""A portal with people and drafts for the benchmarks, in a scratch folder that is gone afterwards."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from flask import Flask

from portal import create_app
from portal.config import Settings
from portal.db import db
from tests.fixtures.databases import migrate, settings_for, sqlite_url
from tests.servers.s3 import S3Server

CHUNK = 1 << 20
MP4_HEADER = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x00\x08moov\x00\x00\x00\x00mdat"
"""The files are films, whose check reads a few bytes: what is measured is the way into the store.

The last box ends with the file (ISO/IEC 14496-12 §4.2).
"""


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder on the disk of a default installation; the temporary one may lie in memory."""
    instance = Path("instance").resolve()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=instance if instance.is_dir() else None) as name:
        yield Path(name)


@contextlib.contextmanager
def portal_in(settings: Settings) -> Iterator[Flask]:
    """The application on a migrated database, its context pushed."""
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.engine.dispose()


def local_settings(folder: Path) -> Settings:
    """One office PC: SQLite and the local store in `folder`. A portal starts on it, so nobody else reads the file."""
    file = folder / "portal.sqlite3"
    file.touch(mode=0o600)
    url = sqlite_url(file)
    migrate(url, folder)
    return replace(settings_for(url, folder), max_file_bytes=4 << 30, max_request_bytes=5 << 30)


def s3_settings(folder: Path, server: S3Server) -> Settings:
    """The same with a bucket of the server in place of the local store."""
    return replace(
        local_settings(folder),
        store="s3",
        s3_endpoint=server.endpoint,
        s3_bucket=f"bench-{secrets.token_hex(8)}",
        s3_access_key=server.access_key,
        s3_secret_key=server.secret_key,
        s3_secure=server.secure,
    )


def film(path: Path, size: int) -> Path:
    """A file of `size` bytes that nothing can make smaller."""
    with path.open("wb") as file:
        file.write(MP4_HEADER)
        for _ in range((size - len(MP4_HEADER)) // CHUNK):
            file.write(os.urandom(CHUNK))
        file.write(os.urandom((size - len(MP4_HEADER)) % CHUNK))
    return path
