"""Rules about the items of one list: nothing twice, numbers without a gap. Stand-ins of wrong values do not count."""

from __future__ import annotations

from collections.abc import Iterable

from portal.services.plan_file.spot import Spot
from portal.services.plan_file.text_check import quoted


def refuse_repeats(values: Iterable[tuple[Spot, str]], what: str) -> None:
    """Complain at every value that the list has already, naming the line of the first."""
    first: dict[str, int] = {}
    for spot, value in values:
        if value in first:
            spot.complain(f"{what} {quoted(value)} muncul dua kali (pertama pada baris {first[value]}).")
        elif value:
            first[value] = spot.line


def refuse_gaps(values: Iterable[tuple[Spot, int]]) -> None:
    """Complain where numbers do not run 1, 2, 3 in order; after a gap the count goes on from the number found."""
    seen: set[int] = set()
    expected = 1
    for spot, value in values:
        if value in seen:
            spot.complain(f"Nomor {value} muncul dua kali. Di sini seharusnya nomor {expected}.")
        elif value not in {0, expected}:
            spot.complain(f"Nomor {value} tidak berurutan. Di sini seharusnya nomor {expected}.")
        seen.add(value or expected)
        expected = max(seen) + 1
