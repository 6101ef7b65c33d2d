"""What the portal wants of an identity provider of the office: an address to send the browser to, and afterwards who
came back. Owns the vocabulary; `oidc_provider.py` speaks the protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One login by the provider: random values that tie its answer to the browser that asked.

    `verifier` is the secret of PKCE (RFC 7636), `redirect_uri` where the browser comes back to.
    """

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedIdentity:
    """Whom the provider vouches for. `subject` is its own name for the person and never changes; `email` is in lower
    case and None unless the provider has verified it.
    """

    issuer: str
    subject: str
    email: str | None


class IdentityProvider(Protocol):
    """Both raise ProviderUnavailable when the provider does not answer, or not as one."""

    @property
    def issuer(self) -> str:
        """Its address, as the settings name it."""

    @property
    def label(self) -> str:
        """What people call an account there."""

    def address_for(self, attempt: Attempt) -> str:
        """Where the browser is to go."""

    def prove(self, attempt: Attempt, *, code: str, now: datetime) -> ProvedIdentity:
        """Who came back with `code`; raises ProviderRefused when that proves nobody."""
