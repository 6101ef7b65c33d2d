"""What of the portal shows the content of a restricted revision: the codes that the trail has for being read."""

from __future__ import annotations

from enum import StrEnum


class ReadPage(StrEnum):
    """A page with names of files, notes or links on it."""

    EVIDENCE = "evidence"
    DRAFT = "draft"
    REVIEW = "review"
    RECEIPT = "receipt"
    REUSE = "reuse"
    COPIES = "copies"
