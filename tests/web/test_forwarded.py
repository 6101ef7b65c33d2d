"""Which headers of proxies are believed: those of as many as the operator has, and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask, request

from portal import create_app
from portal.config import Settings
from portal.web.guards import public

Builder = Callable[[int], Flask]

CLAIMS = {
    "X-Forwarded-For": "10.1.1.1, 10.2.2.2, 10.3.3.3",
    "X-Forwarded-Proto": "http, http, https",
    "X-Forwarded-Host": "localhost, localhost, localhost",
}
NEVER = {
    "Forwarded": 'for=10.9.9.9;host=jahat.invalid;proto="https"',
    "X-Forwarded-Prefix": "/jahat",
    "X-Forwarded-Port": "444",
    "X-Real-IP": "10.9.9.9",
    "Client-IP": "10.9.9.9",
    "X-Original-URL": "/tugas",
    "X-Rewrite-URL": "/tugas",
    "X-HTTP-Method-Override": "DELETE",
}


@pytest.fixture
def portal_behind(small_installation: Settings) -> Builder:
    """Makes an application behind so many proxies, with an address that tells what it believes of a request."""

    def build(hops: int) -> Flask:
        app = create_app(replace(small_installation, proxy_hops=hops, trusted_hosts="localhost,bukti.contoh.go.id"))

        def told() -> list[str]:
            return [request.remote_addr or "-", request.scheme, request.host, request.script_root, request.method]

        app.add_url_rule("/siapa", "told", public("a test's address")(told))
        return app

    return build


@pytest.mark.parametrize(
    ("hops", "address", "scheme"), [(0, "127.0.0.1", "http"), (1, "10.3.3.3", "https"), (2, "10.2.2.2", "http")]
)
def test_req_61_a_claim_counts_if_a_proxy_of_ours_made_it(
    portal_behind: Builder, hops: int, address: str, scheme: str
) -> None:
    answer = portal_behind(hops).test_client().get("/siapa", headers=CLAIMS)
    assert answer.json == [address, scheme, "localhost", "", "GET"]
    assert ("Strict-Transport-Security" in answer.headers) is (scheme == "https")


@pytest.mark.parametrize("hops", [0, 1])
def test_req_61_headers_that_no_proxy_of_ours_is_asked_for_count_never(portal_behind: Builder, hops: int) -> None:
    client = portal_behind(hops).test_client()
    for name, value in NEVER.items():
        told = client.get("/siapa", headers={name: value}).json
        assert told == ["127.0.0.1", "http", "localhost", "", "GET"], name


@pytest.mark.parametrize(("hops", "status"), [(0, 200), (1, 400)])
def test_req_61_a_proxy_may_not_name_another_host_either(portal_behind: Builder, hops: int, status: int) -> None:
    client = portal_behind(hops).test_client()
    for host in ("jahat.invalid", "localhost.jahat.invalid", "localhost@jahat.invalid", "jahat.invalid, jahat.invalid"):
        answer = client.get("/siapa", headers={"X-Forwarded-Host": host})
        assert answer.status_code == status, host
        assert "jahat.invalid" not in answer.text, host
    assert client.get("/siapa", headers={"X-Forwarded-Host": "bukti.contoh.go.id"}).status_code == 200
