"""The commands of docs/verifying.md, and an auditor's folder to run them in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.verifiers.loaded import VERIFIER

GUIDE = Path("docs/verifying.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(.*?)\n```", GUIDE, re.DOTALL)
PROGRAMS = ("bagit.py", "unzip", "sha256sum", "ssh-keygen", "openssl")
UNPACK = COMMANDS[0]
BAGIT, SHA256SUM, SSH, ECDSA, BODY, CHECKPOINT, VERIFY = (
    next(command for command in COMMANDS if word in command)
    for word in ("bagit.py", "sha256sum", "ssh-keygen", "openssl dgst", "cmp -", "openssl pkeyutl", "verifikasi.py")
)


def path() -> str:
    """Where the auditor's programs lie: bagit.py beside this Python."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def why_missing(program: str) -> str | None:
    """None where the program is there."""
    return None if shutil.which(program, path=path()) else f"there is no {program} on this machine"


def lay_keys(desk: Path, keys: Mapping[str, str]) -> None:
    """Put the public keys, by the names of their files, and the verifier on the desk."""
    (desk / "kunci").mkdir()
    for name, text in keys.items():
        (desk / "kunci" / name).write_text(text)
    shutil.copy(VERIFIER, desk)


def run(command: str, desk: Path, *, top: str) -> subprocess.CompletedProcess[str]:
    """One command as the guide spells it, for a bag whose top folder is `top`."""
    script = f"BAG={top}\n{re.sub('^BAG=.*$', '', command, flags=re.MULTILINE)}"
    environment = {**os.environ, "PATH": path()}
    return subprocess.run(
        ["bash", "-c", script], cwd=desk, capture_output=True, text=True, env=environment, check=False
    )
