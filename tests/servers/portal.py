"""The portal itself as a server process, the way an installation runs it: its settings come from the environment."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

from portal.config import PREFIX, Settings
from tests.servers.process import free_port, running_process

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Site:
    """A portal that answers at `url`; with `settings`, create_app() reaches the same database and store."""

    url: str
    settings: Settings


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment in which every `portal` command works with `settings`."""
    return os.environ | {f"{PREFIX}{each.name.upper()}": str(getattr(settings, each.name)) for each in fields(settings)}


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Site]:
    """Serve the portal on a free port until the block ends; its public address becomes that port's."""
    port = free_port()
    site = Site(f"http://127.0.0.1:{port}", replace(settings, public_url=f"http://127.0.0.1:{port}"))
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--pythonpath", str(ROOT)]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "wsgi:app"]
    with (
        tempfile.TemporaryDirectory(prefix="portal-site-") as folder,
        running_process(command, port=port, env=environment_of(site.settings), log=Path(folder) / "log"),
    ):
        yield site
