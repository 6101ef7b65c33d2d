"""Riwayat: the trail of an indicator as people read it."""

from portal.web.audit.views import blueprint

__all__ = ["blueprint"]
