"""How many of the objects an address is asked about: all, or so few that the suite stays quick.

`WHOLE` is the full product. `EACH` has one evidence of every kind, and everything approved where it is read; place and
class turn with the address and with the person, so that every combination comes up for somebody of every role. `HALF`
is every second of those and `SOME` every fourth. Whoever is refused for his role before anything is looked up is asked
about a few.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from tests.matrix.authorisation import authorisation
from tests.matrix.expected import Object
from tests.matrix.facts import Evidence, Version

Some = TypeVar("Some")

FEW = 2
CLASSES = ("biasa", "terbatas", "rahasia")
PLACES = (("own", "I"), ("own", "II"), ("other", "I"))


class Depth(StrEnum):
    """How much is asked."""

    WHOLE = "whole"
    EACH = "each"
    HALF = "half"
    SOME = "some"


STEPS = {Depth.EACH: 1, Depth.HALF: 2, Depth.SOME: 4}


def select(objects: Sequence[Object], depth: Depth, *, turn: int, reads: bool) -> list[Object]:
    """The objects to ask about; `turn` is another number for each address and person, `reads` tells a GET."""
    if depth is Depth.WHOLE:
        return list(objects)
    chosen = [object_ for object_ in objects if _is_chosen(object_, turn, reads=reads)]
    return chosen if len(chosen) <= FEW else chosen[turn % STEPS[depth] :: STEPS[depth]]


def few(objects: Sequence[Some]) -> list[Some]:
    """The first and the last."""
    return [objects[0], objects[-1]] if len(objects) > FEW else list(objects)


def _is_chosen(object_: Object, turn: int, *, reads: bool) -> bool:
    if not isinstance(object_, Evidence | Version):
        return True
    if object_.name == "approved" and reads:
        return True
    place = object_.place
    at = turn + list(authorisation().evidence).index(object_.name)
    classes = CLASSES if place.unit == "own" else CLASSES[:2]
    return (place.unit, place.area) == PLACES[at % 3] and object_.class_name == classes[at // 3 % len(classes)]
