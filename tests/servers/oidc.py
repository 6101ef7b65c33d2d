"""Identity providers: a real one as a process of its own, and one that lies about whatever a test wants."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import urllib3
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.servers.process import free_port, running_process

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CLIENT_ID = "portal"
CLIENT_SECRET = "a secret of the portal and its provider"


@dataclass(frozen=True, slots=True)
class RealProvider:
    """`issuer` is its address; whoever is named to it may sign in there."""

    issuer: str

    def know(self, subject: str, **claims: object) -> None:
        """Let the provider say this of somebody."""
        answer = urllib3.request("PUT", f"{self.issuer}/users/{subject}", json=claims)
        assert answer.status == 204, answer.data

    def sign_in(self, address: str, subject: str) -> str:
        """As somebody who signs in at `address`, where the portal sent him; returns where he is sent back to."""
        answer = urllib3.request(
            "POST",
            address,
            body=f"sub={subject}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            redirect=False,
        )
        assert answer.status == 302, answer.data
        return answer.headers["Location"]


@contextmanager
def real_provider() -> Iterator[RealProvider]:
    """On a free port of this machine."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    env = os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"}
    with (
        tempfile.TemporaryDirectory(prefix="oidc-") as folder,
        running_process(command, port=port, env=env, log=Path(folder) / "log"),
    ):
        yield RealProvider(f"http://localhost:{port}")


@dataclass
class LyingProvider:
    """Answers every code with an ID token for `claims`, signed by `key` under `alg`; tests change what they like.

    `asked` holds the forms that came to its token endpoint, `documents` answers in place of its own.
    """

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    alg: str = "RS256"
    token: str = ""
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    documents: dict[str, Response] = field(default_factory=dict)
    published_key: RSAKey | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        request = Request(environ)
        answer = self.documents.get(request.path) or _json(self._document(request))
        return answer(environ, start_response)

    def _document(self, request: Request) -> dict[str, Any]:
        if request.path == "/jwks":
            return {"keys": [(self.published_key or self.key).as_dict(private=False)]}
        if request.path == "/token":
            self.asked.append(parse_qs(request.get_data(as_text=True)))
            return {"access_token": "x", "token_type": "Bearer", "id_token": self.token or self.signed()}
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }

    def signed(self) -> str:
        """A token for the claims, on top of what an honest one says."""
        now = int(time())
        honest = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "s1", "iat": now, "exp": now + 300}
        claims = {name: value for name, value in (honest | self.claims).items() if value is not None}
        return jwt.encode({"alg": self.alg, "kid": "one"}, claims, self.key, algorithms=[self.alg])


def _json(document: dict[str, Any]) -> Response:
    return Response(json.dumps(document), mimetype="application/json")


@contextmanager
def lying_provider() -> Iterator[LyingProvider]:
    """In a thread of this process, behind a port of its own."""
    provider = LyingProvider()
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
