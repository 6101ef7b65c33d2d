"""The auditor of the demo: a separate program on the other side of real HTTP, who trusts nothing that the portal says
of its bundle.

He signs in, makes a bundle, writes down the checkpoint that its page shows, fetches it, and has `bagit.py` and our
verifier check it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from portal.cli.application import CannotRun
from portal.cli.demo.people import Account
from portal.cli.demo.place import DemoPlace
from portal.config import PREFIX

VERIFIER = Path(__file__).parents[2] / "data" / "verifiers" / "verifikasi.py"
START_SECONDS = 30
ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class FetchedBundle:
    """What the auditor took away: `printed` is the checkpoint that he wrote down (`SIZE ROOT`), `verified` whether our
    verifier finds the bundle genuine with keys and checkpoint, `valid` what `bagit.py` says, None without it.
    """

    path: Path
    files: int
    printed: str
    verified: bool
    valid: bool | None


def fetch_bundle(place: DemoPlace, auditor: Account, keys: Sequence[Path]) -> FetchedBundle:
    """Serve the demo on a free port for as long as the auditor needs, and check what he took away with the public keys
    that the office gave him.
    """
    with _served(place) as address:
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        _sign_in(browser, address, auditor)
        sealed = _seal(browser, address)
        printed = _printed_checkpoint(browser, f"{address}{sealed}")
        with browser.open(f"{address}{sealed}/unduh", timeout=ANSWER_SECONDS) as answer, place.bundle.open("wb") as out:
            shutil.copyfileobj(answer, out)
    return _checked(place.bundle, printed, keys)


def _sign_in(browser: OpenerDirector, address: str, auditor: Account) -> None:
    _send(browser, f"{address}/masuk", {"email": auditor.email, "password": auditor.password})


def _seal(browser: OpenerDirector, address: str) -> str:
    """The path of the bundle that was made."""
    return _send(browser, f"{address}/paket", {}).removeprefix(address)


def _printed_checkpoint(browser: OpenerDirector, url: str) -> str:
    """What the bundle's page shows, without the spaces between groups."""
    with browser.open(url, timeout=ANSWER_SECONDS) as page:
        shown = re.search(r"<dt>Checkpoint</dt><dd>(.*?)</dd>", page.read().decode(), re.DOTALL)
    if not shown:
        raise CannotRun("Halaman paket tidak menampilkan checkpoint.")
    size, *groups = re.sub(r"<[^>]*>", " ", shown[1]).split()
    return f"{size} {''.join(groups)}"


def _send(browser: OpenerDirector, url: str, fields: dict[str, str]) -> str:
    """Send the page's POST form with its hidden fields; returns the address where it led."""
    with browser.open(url, timeout=ANSWER_SECONDS) as page:
        forms = [form for form in page.read().decode().split("<form")[1:] if 'method="post"' in form.split(">", 1)[0]]
    wanted = next(form for form in forms if "/keluar" not in form.split(">", 1)[0])
    hidden = {}
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', wanted):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        hidden[values["name"]] = unescape(values.get("value", ""))
    body = urlencode({**hidden, **fields}).encode()
    with browser.open(Request(url, data=body, method="POST"), timeout=ANSWER_SECONDS) as answer:  # noqa: S310  # loopback
        return str(answer.url)


def _checked(bundle: Path, printed: str, keys: Sequence[Path]) -> FetchedBundle:
    with TemporaryDirectory(prefix="portal-demo-") as folder:
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(folder)  # names are checked by Python, and this bundle is our own
            names = archive.namelist()
        top = Path(folder) / names[0].split("/", 1)[0]
        payload = sum("/data/" in name for name in names)
        return FetchedBundle(bundle, payload, printed, _is_genuine(bundle, printed, keys), _bagit_verdict(top))


def _is_genuine(bundle: Path, printed: str, keys: Sequence[Path]) -> bool:
    """What verifikasi.py says, run as a program of its own."""
    given = [argument for key in keys for argument in ("--kunci", str(key))]
    command = [sys.executable, "-I", str(VERIFIER), str(bundle), *given, "--cetak", printed, "--json"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603  # fixed command


def _bagit_verdict(bag: Path) -> bool | None:
    """What `bagit.py --validate` says, run as a program of its own."""
    command = [sys.executable, "-m", "bagit", "--validate", "--quiet", str(bag)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # fixed command
    return None if "No module named bagit" in done.stderr else done.returncode == 0


@contextlib.contextmanager
def _served(place: DemoPlace) -> Iterator[str]:
    """The demo's portal as a process of its own on a free port of this machine."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {f"{PREFIX}CONFIG": str(place.config)}
    command = [sys.executable, "-m", "portal.cli", "serve", "--port", str(port)]
    with TemporaryFile() as words:
        process = subprocess.Popen(command, env=environment, stdout=words, stderr=words)  # noqa: S603  # fixed command
        try:
            _await(process, port, words)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=START_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], port: int, words: IO[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    words.seek(0)
    raise CannotRun(f"Server demo tidak mau mulai di port {port}. {words.read().decode(errors='replace')}".strip())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
