"""The real MinIO, built once from a pinned state of its source into a cache folder outside the checkout.

`python -m tests.servers.minio` (that is `make minio`) builds it when it is not there and prints its path.
"""

import contextlib
import http
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import POLL_SECONDS, START_SECONDS, ServerFailed, free_port, made_up_secret, running_process
from tests.servers.s3 import S3Server

# The last state of the upstream repository, which was archived in April 2026.
PIN = "v0.0.0-20260212201848-7aac2a2c5b7c"
BUILD_SECONDS = 1500.0


def binary() -> Path:
    """Return where the built server stands or would stand; the pin is part of the path."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "portal-bukti-zi" / f"minio-{PIN}" / "minio"


def why_missing() -> str | None:
    """Return why this server cannot run here and the command that provides it, or None when it can."""
    if binary().is_file():
        return None
    go = "" if shutil.which("go") else ", which needs Go 1.24 or newer"
    return f"{binary()} is not there; `make minio` builds it{go}"


def build() -> Path:
    """Build the pinned server unless it is there already, and return its path.

    The binary appears under its final name only when it is complete, so an interrupted build leaves nothing behind
    that a test could start.
    """
    target = binary()
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=target.parent) as folder:
        command = ["go", "install", "-trimpath", "-ldflags", "-s -w", f"github.com/minio/minio@{PIN}"]
        # GOFLAGS and a work file of the caller must not reach into a pinned build; its messages go to stderr.
        env = os.environ | {"GOBIN": folder, "GOFLAGS": "", "GOWORK": "off"}
        subprocess.run(command, cwd=folder, env=env, stdout=sys.stderr, check=True, timeout=BUILD_SECONDS)
        (Path(folder) / "minio").replace(target)
    return target


@contextlib.contextmanager
def running() -> Iterator[S3Server]:
    """Run MinIO on an empty folder until the block ends."""
    with tempfile.TemporaryDirectory(prefix="portal-minio-", ignore_cleanup_errors=True) as folder:
        port, console_port = free_port(), free_port()
        server = S3Server(f"127.0.0.1:{port}", access_key=made_up_secret(), secret_key=made_up_secret())
        command = [
            str(binary()), "server", "--quiet", "--address", server.endpoint,
            "--console-address", f"127.0.0.1:{console_port}", f"{folder}/buckets",
        ]  # fmt: skip
        with running_process(command, port=port, env=_environment(server), log=Path(folder) / "log"):
            _wait_until_healthy(server)
            yield server


def _environment(server: S3Server) -> dict[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("MINIO_")}
    return own | {
        "MINIO_ROOT_USER": server.access_key,
        "MINIO_ROOT_PASSWORD": server.secret_key,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }


def _wait_until_healthy(server: S3Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if _is_healthy(server):
            return
        time.sleep(POLL_SECONDS)
    raise ServerFailed(f"MinIO on {server.endpoint} listens but was not healthy within {START_SECONDS:.0f} s")


def _is_healthy(server: S3Server) -> bool:
    # `cluster` answers 200 only when writes are accepted; `live` answers before that.
    connection = http.client.HTTPConnection(server.endpoint, timeout=5)
    try:
        connection.request("GET", "/minio/health/cluster")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    print(build())  # noqa: T201  the path is what `make minio` answers
