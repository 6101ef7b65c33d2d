"""Unggah and what follows: drafting, checking, submitting, the receipt, and the page of an evidence."""

from portal.web.evidence import downloading, drafting, submitting, viewing
from portal.web.evidence.routes import blueprint

__all__ = ["blueprint", "downloading", "drafting", "submitting", "viewing"]
