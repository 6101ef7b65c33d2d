"""A time-stamping authority of the tests' own: certificates and answers come from the `openssl` command alone."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = tsa_default
[tsa_default]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def why_missing() -> str | None:
    """None where the command is there."""
    return None if shutil.which("openssl") else "there is no openssl command on this machine"


@dataclass
class Authority:
    """`certificates` is the PEM file to trust; `requests` counts what was asked; `spoil` may change each answer."""

    folder: Path
    url: str = ""
    requests: int = 0
    status: int = 200
    spoil: list[bytes] = field(default_factory=list)

    @property
    def certificates(self) -> Path:
        return self.folder / "ca.pem"

    def answer(self, query: bytes) -> bytes:
        """What `openssl ts -reply` makes of a query."""
        self.requests += 1
        (self.folder / "query.tsq").write_bytes(query)
        _openssl(
            self.folder, "ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr",
            "-signer", "tsa.pem", "-inkey", "tsa.key",
        )  # fmt: skip
        return (self.folder / "reply.tsr").read_bytes()

    def verifies(self, *, response: bytes, data: bytes) -> bool:
        """The judgement of `openssl ts -verify`, the second judge."""
        (self.folder / "response.tsr").write_bytes(response)
        (self.folder / "data").write_bytes(data)
        command = ["openssl", "ts", "-verify", "-data", "data", "-in", "response.tsr", "-CAfile", "ca.pem"]
        result = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=30, check=False)
        return result.returncode == 0 and "Verification: OK" in result.stdout


def make_authority(folder: Path, name: str = "TSA Uji") -> Authority:
    """A root and a stamping certificate below it, both on P-256."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openssl.cnf").write_text(CONFIGURATION.format(name=name, folder=folder))
    (folder / "serial").write_text("01\n")
    for who in ("ca", "tsa"):
        _openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{who}.key")
    _openssl(
        folder, "req", "-x509", "-new", "-key", "ca.key", "-days", "30", "-config", "openssl.cnf", "-extensions", "ca",
        "-out", "ca.pem",
    )  # fmt: skip
    _openssl(
        folder, "req", "-new", "-key", "tsa.key", "-config", "openssl.cnf", "-subj", f"/CN={name} stempel",
        "-out", "tsa.csr",
    )  # fmt: skip
    _openssl(
        folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2",
        "-days", "30", "-extfile", "openssl.cnf", "-extensions", "stamping", "-out", "tsa.pem",
    )  # fmt: skip
    return Authority(folder)


@contextmanager
def running(folder: Path) -> Iterator[Authority]:
    """The authority behind HTTP, on a free port of this machine."""
    authority = make_authority(folder)

    class Stamping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            body = authority.spoil[0] if authority.spoil else authority.answer(query)
            self.send_response(authority.status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Stamping) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        authority.url = f"http://127.0.0.1:{server.server_port}/tsr"
        yield authority
        server.shutdown()
        thread.join()


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)
