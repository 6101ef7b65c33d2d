"""Masuk by the identity provider that the settings name. What ties its answer to this browser waits in the signed
cookie, and is taken out before the answer is looked at, so that none is looked at twice.
"""

from __future__ import annotations

import secrets
from hmac import compare_digest

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.adapters.identity_provider import Attempt, IdentityProvider
from portal.domain.errors import ProviderRefused
from portal.services.provider_logins import count_return, log_in_proved
from portal.web.auth.loading import device, remote_address
from portal.web.auth.views import blueprint, go_on
from portal.web.clock import utc_now
from portal.web.guards import local_path, public

ATTEMPT = "provider_attempt"
"""Key of the cookie under which state, nonce, verifier and the page to come back to wait."""

NOT_OURS = (
    "Jawaban ini bukan untuk permintaan masuk dari peramban ini, atau sudah dipakai. Mulai lagi dari halaman Masuk."
)
TURNED_AWAY = (
    "Penyedia identitas tidak mengizinkan Anda masuk, atau Anda membatalkannya. Mulai lagi dari halaman Masuk."
)


def find_provider() -> IdentityProvider | None:
    """The provider of the settings, or None."""
    provider: IdentityProvider | None = current_app.extensions["portal.provider"]
    return provider


@blueprint.get("/masuk/penyedia")
@public("who is not signed in must be able to sign in")
def to_provider() -> ResponseReturnValue:
    """Masuk dengan akun kantor: on to the provider."""
    provider = find_provider()
    if provider is None:
        return redirect(url_for("auth.login"))
    attempt = _attempt(*(secrets.token_urlsafe(32) for _ in range(3)))
    address = provider.address_for(attempt)
    target = local_path(request.args.get("lanjut"))
    session[ATTEMPT] = [attempt.state, attempt.nonce, attempt.verifier, target]
    return redirect(address)


@blueprint.get("/masuk/penyedia/kembali")
@public("who comes back from the provider has no session yet; state, code and token are the proof")
def from_provider() -> ResponseReturnValue:
    """Masuk dengan akun kantor: back from the provider."""
    provider, waiting = find_provider(), session.pop(ATTEMPT, None)
    if provider is None:
        return redirect(url_for("auth.login"))
    state, nonce, verifier, target = waiting or ("", "", "", "/")
    given = request.args.get("state", "").encode("utf-8", "surrogatepass")
    if not state or not compare_digest(given, state.encode()):
        raise ProviderRefused(NOT_OURS)
    if request.args.get("iss", provider.issuer) != provider.issuer:  # RFC 9207: another provider's answer
        raise ProviderRefused(NOT_OURS)
    if "code" not in request.args:
        raise ProviderRefused(TURNED_AWAY)
    count_return(address=remote_address(), now=utc_now())
    identity = provider.prove(_attempt(state, nonce, verifier), code=request.args["code"], now=utc_now())
    step = log_in_proved(identity=identity, address=remote_address(), device=device(), now=utc_now())
    return go_on(step, local_path(target))


def _attempt(state: str, nonce: str, verifier: str) -> Attempt:
    """The address to come back to is made of the configured one and never of the request's host."""
    base = current_app.extensions["portal.settings"].public_url.rstrip("/")
    return Attempt(state=state, nonce=nonce, verifier=verifier, redirect_uri=f"{base}{url_for('auth.from_provider')}")
