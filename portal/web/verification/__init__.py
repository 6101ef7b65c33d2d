"""Verifikasi: the public page with the verifiers and keys, and the check of one file."""

from portal.web.verification.views import blueprint

__all__ = ["blueprint"]
