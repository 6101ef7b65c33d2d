"""All events, and which of their fields enter a leaf in which form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import get_type_hints

from portal.domain.events.base import Event, Personal
from portal.domain.events.names import EventName


def catalogue() -> dict[EventName, type[Event]]:
    """Every concrete event by its name."""

    def below(kind: type[Event]) -> Iterator[type[Event]]:
        for child in kind.__subclasses__():
            if "type" in child.__dict__:
                yield child
            yield from below(child)

    return {kind.type: kind for kind in below(Event)}


def personal_fields(kind: type[Event]) -> frozenset[str]:
    """Names of the fields that enter a leaf as commitments."""
    return frozenset(name for name, hint in get_type_hints(kind).items() if hint is Personal)


@cache
def leaf_fields(name: EventName) -> frozenset[str]:
    """The keys of `data` in a leaf of this name: open fields by their name, personal ones with the suffix `_c`."""
    kind = catalogue()[name]
    hidden = personal_fields(kind)
    return frozenset(f"{f.name}_c" if f.name in hidden else f.name for f in fields(kind)) - {"obj", "rev"}


def open_values(event: Event) -> Mapping[str, object]:
    """Field values that enter the leaf as they are, without `obj` and `rev` (they have their own place)."""
    hidden = personal_fields(type(event)) | {"obj", "rev"}
    return {f.name: getattr(event, f.name) for f in fields(event) if f.name not in hidden}


def personal_values(event: Event) -> Mapping[str, str]:
    """Field values of the event that go to openings."""
    return {name: getattr(event, name) for name in sorted(personal_fields(type(event)))}
