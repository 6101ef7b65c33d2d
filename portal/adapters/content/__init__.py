"""Is a file what its name says? Decided by extension and structure together; the sender's own claim is never asked."""

from portal.adapters.content.check import ACCEPTED, check_content

__all__ = ["ACCEPTED", "check_content"]
