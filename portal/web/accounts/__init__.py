"""Kelola pengguna: accounts and memberships."""

from portal.web.accounts.views import blueprint

__all__ = ["blueprint"]
