"""Masuk, Keluar, and the one-time link by which a person sets a password."""

from portal.web.auth.views import blueprint

__all__ = ["blueprint"]
