"""The code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636), by Authlib and joserfc, which come with the extra
`oidc`. Every address it opens comes from the settings, or from the document that the configured issuer publishes.

Answers are bounded in time and size, redirects are not followed, and nothing is kept between two logins.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portal.adapters.identity_provider import Attempt, ProvedIdentity
from portal.domain.errors import ProviderRefused, ProviderUnavailable

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures by a key that only the provider has; `none` and shared secrets are not among them."""

LARGEST_ANSWER = 256 * 1024
LEEWAY_SECONDS = 60
LONGEST_SUBJECT = 255
"""ASCII characters, OpenID Connect Core §2."""

NOT_PROVED = (
    "Jawaban penyedia identitas tidak dapat dipercaya, jadi tidak ada yang masuk. Coba lagi dari halaman Masuk."
)

_TIMEOUT = urllib3.Timeout(connect=3, read=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcProvider:
    """The provider `issuer`, which knows the portal as `client_id`."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str
    _http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(timeout=_TIMEOUT), repr=False)

    def address_for(self, attempt: Attempt) -> str:
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self.client_id,
                "redirect_uri": attempt.redirect_uri,
                "scope": "openid email",
                "state": attempt.state,
                "nonce": attempt.nonce,
                "code_challenge": create_s256_code_challenge(attempt.verifier),
                "code_challenge_method": "S256",
                "prompt": "login",  # a session that is open there is not enough: the login counts as a fresh password
            }
        )
        address = self._endpoint(self._published(), "authorization_endpoint")
        return f"{address}{'&' if urlsplit(address).query else '?'}{query}"

    def prove(self, attempt: Attempt, *, code: str, now: datetime) -> ProvedIdentity:
        published = self._published()
        token = self._exchange(self._endpoint(published, "token_endpoint"), attempt, code)
        keys = self._json("GET", self._endpoint(published, "jwks_uri"))
        return self._read(token, keys, attempt, now)

    def _published(self) -> dict[str, object]:
        """The issuer's document (Discovery 1.0 §4), which must say that it is the issuer's."""
        found = self._json("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderUnavailable(f"the document at {self.issuer} is of another issuer")
        return found

    def _endpoint(self, published: dict[str, object], name: str) -> str:
        """An address of the document, over TLS where the issuer itself is."""
        address = published.get(name)
        if not isinstance(address, str) or urlsplit(address).scheme not in {"https", urlsplit(self.issuer).scheme}:
            raise ProviderUnavailable(f"{self.issuer} publishes no usable {name}")
        return address

    def _exchange(self, address: str, attempt: Attempt, code: str) -> str:
        """The ID token for the code (RFC 6749 §4.1.3, client authentication §2.3.1)."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        own = urllib3.make_headers(basic_auth=f"{quote(self.client_id, '')}:{quote(self.client_secret, '')}")
        headers = {**own, "Content-Type": "application/x-www-form-urlencoded"}
        token = self._json("POST", address, body=urlencode(fields), headers=headers).get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused(NOT_PROVED)
        return token

    def _read(self, token: str, keys: dict[str, object], attempt: Attempt, now: datetime) -> ProvedIdentity:
        """Signature and claims (OpenID Connect Core §3.1.3.7)."""
        wanted = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        try:
            read = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]  # any JSON
            claims = CodeIDToken(
                read.claims, read.header, wanted, {"nonce": attempt.nonce, "client_id": self.client_id}
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderRefused(NOT_PROVED) from error
        subject, email = claims.get("sub"), claims.get("email")
        if not isinstance(subject, str) or not subject.isascii() or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise ProviderRefused(NOT_PROVED)
        is_verified = claims.get("email_verified") is True and isinstance(email, str)
        return ProvedIdentity(issuer=self.issuer, subject=subject, email=email.strip().lower() if is_verified else None)

    def _json(
        self, method: str, address: str, *, body: str | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, object]:
        """The object that the address answers with; a refusal is a refusal of the code, all else no answer at all."""
        try:
            answer = self._http.request(
                method, address, body=body, headers=headers, redirect=False, retries=False, preload_content=False
            )
            with answer:
                content = answer.read(LARGEST_ANSWER + 1, decode_content=False)
            if method == "POST" and answer.status in {400, 401, 403}:
                raise ProviderRefused(NOT_PROVED)
            found = json.loads(content) if answer.status == 200 and len(content) <= LARGEST_ANSWER else None
        except (urllib3.exceptions.HTTPError, ValueError, RecursionError) as error:
            raise ProviderUnavailable(f"{urlsplit(address).hostname}: {type(error).__name__}") from error
        if not isinstance(found, dict):
            raise ProviderUnavailable(f"{urlsplit(address).hostname} answered {answer.status} without an object")
        return found
