"""Which page of a list the address asks for."""

from __future__ import annotations

from flask import request


def asked_page(most: int) -> int:
    """The number behind `?halaman=`, from 1 to `most`; 1 for what is no number."""
    return min(max(request.args.get("halaman", 1, type=int), 1), most)
