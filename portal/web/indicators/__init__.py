"""Daftar indikator and the page of one indicator."""

from portal.web.indicators.views import blueprint

__all__ = ["blueprint"]
