"""Beranda: the work list of whoever is signed in."""

from portal.web.tasks.views import blueprint

__all__ = ["blueprint"]
