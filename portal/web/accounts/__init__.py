"""Kelola pengguna: accounts and memberships."""

from portal.web.accounts import second_admin  # noqa: F401  # its routes belong to the blueprint
from portal.web.accounts.views import blueprint

__all__ = ["blueprint"]
