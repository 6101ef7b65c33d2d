"""Random tokens for sessions and one-time links; only their hash is ever stored, so a copied table opens nothing."""

from __future__ import annotations

import secrets
from hashlib import sha256

TOKEN_BYTES = 32


def new_token() -> str:
    """256 random bits, fit for an address or a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Hex SHA-256 of a token; whatever a stranger sends as one has a hash too."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
