"""Every address of the portal: those that people's pages lead to, and those that exist by rule with made-up ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from tests.web.walk.forms import Page
from tests.web.walk.pages import endpoint_of

NOBODYS = UUID("7d0c0f2e-5f0e-4c57-9d53-3b1d4a1f2a10")


@dataclass(frozen=True, slots=True)
class Reached:
    """An address that a page of this person's leads to, or is."""

    who: str
    endpoint: str
    address: str


def reached(app: Flask, who: str, pages: Iterable[tuple[str, Page]]) -> list[Reached]:
    """One address of each endpoint among a person's pages and what they lead to."""
    found: dict[str, Reached] = {}
    for page_address, page in pages:
        for address in (page_address, *(link.split("#")[0] for link in page.links)):
            if endpoint := _endpoint(app, address):
                found.setdefault(endpoint, Reached(who, endpoint, address))
    return [*found.values()]


def _endpoint(app: Flask, address: str) -> str:
    if not address.startswith("/"):
        return ""
    try:
        return endpoint_of(app, address)
    except (HTTPException, RequestRedirect):
        return ""


def by_rule(app: Flask, value: str | None = None) -> Iterator[tuple[Rule, str, str]]:
    """Each rule with each of its methods and its address, made up of ids that are nobody's, or of `value`."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<uuid:[^>]+>", value or str(NOBODYS), rule.rule)
        path = re.sub(r"<[^>]+>", value or "x", path)
        for method in sorted(rule.methods or ()):
            yield rule, method, path
