"""Whom to tell about a fault in security, where programs look for it."""

from portal.web.contact.views import blueprint

__all__ = ["blueprint"]
