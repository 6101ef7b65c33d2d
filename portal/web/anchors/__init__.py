"""Checkpoint: the signed head of the audit log, where it is kept, and the page to print."""

from portal.web.anchors.views import blueprint

__all__ = ["blueprint"]
