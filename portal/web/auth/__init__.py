"""Masuk, Keluar, one's own account and second factor, and the one-time link by which a person sets a password."""

from portal.web.auth import account, provider, reset, second_factor
from portal.web.auth.views import blueprint

__all__ = ["account", "blueprint", "provider", "reset", "second_factor"]
