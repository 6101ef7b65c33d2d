"""A real clamd with one signature, that of the EICAR test file; `apt-get install clamav-daemon` provides it."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import free_port, running_process

SIGNATURE = (
    "Eicar-Test-Signature:0:0:"
    + b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$".hex()
    + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*".hex()
)


def why_missing() -> str | None:
    """Return why clamd cannot run here and the command that provides it, or None when it can."""
    return None if _binary() else "clamd is not on this machine; `apt-get install clamav-daemon` provides it"


def _binary() -> str | None:
    return shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def running(*, alert_exceeds_max: bool = True, signatures: str = SIGNATURE) -> Iterator[str]:
    """A clamd until the block ends; its address, as PORTAL_CLAMD has it."""
    with tempfile.TemporaryDirectory(prefix="portal-clamd-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        (folder / "signatures.ndb").write_text(f"{signatures}\n")
        settings = {
            "DatabaseDirectory": folder,
            "TCPAddr": "127.0.0.1",
            "TCPSocket": port,
            "Foreground": "yes",
            "MaxFileSize": "200K",
            "StreamMaxLength": "1M",
            "AlertExceedsMax": "yes" if alert_exceeds_max else "no",
        }
        file = folder / "clamd.conf"
        file.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        command = [str(_binary()), "--config-file", str(file)]
        with running_process(command, port=port, env=dict(os.environ), log=folder / "log"):
            yield f"127.0.0.1:{port}"
