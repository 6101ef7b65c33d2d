"""The walk itself: from the work list along every link, a few pages of each kind, and the forms that are met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from flask import Flask
from werkzeug.routing import MapAdapter

from tests.web.stories.people import Person
from tests.web.walk.forms import Form, Page

OF_EACH_KIND = 4
BYTES = frozenset({"evidence.download", "bundles.download", "verification.download", "asset"})
"""Answers that are no pages."""


def adapter_of(app: Flask) -> MapAdapter:
    return app.url_map.bind("localhost")


def endpoint_of(app: Flask, address: str, method: str = "GET") -> str:
    return str(adapter_of(app).match(address.split("?")[0], method=method.upper())[0])


def pages_of(app: Flask, person: Person, further: Iterable[str] = ()) -> Iterator[tuple[str, Page]]:
    """Pages within the person's reach with their addresses; `further` names some to which no link leads."""
    waiting, seen, kinds = ["/tugas", *further], set[str](), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = endpoint_of(app, address)
        if address in seen or kind in BYTES or kinds[kind] == OF_EACH_KIND:
            continue
        seen.add(address)
        kinds[kind] += 1
        page = Page(person.open(address))
        waiting += [link.split("#")[0] for link in page.links if link.startswith("/")]
        yield person.page.request.path, page


def forms_of(app: Flask, pages: Iterable[tuple[str, Page]]) -> dict[tuple[str, ...], Form]:
    """One form of each kind, its action filled in, by endpoint and names of fields."""
    found: dict[tuple[str, ...], Form] = {}
    for address, page in pages:
        for form in page.forms:
            action = form.action or address
            names = sorted(field.name for field in form.fields)
            found.setdefault((endpoint_of(app, action, form.method), *names), replace(form, action=action))
    return found
