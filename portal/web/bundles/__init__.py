"""Paket bukti: choosing, sealing and fetching a bundle."""

from portal.web.bundles.views import blueprint

__all__ = ["blueprint"]
