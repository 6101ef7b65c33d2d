"""Antrean pemeriksaan and Periksa bukti: the reviewers' pages."""

from portal.web.review.views import blueprint

__all__ = ["blueprint"]
