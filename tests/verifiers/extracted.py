"""A made bag as the folder that its ZIP extracts to."""

from __future__ import annotations

from pathlib import Path

from tests.verifiers.bag_maker import Bag


def extract(bag: Bag, below: Path) -> Path:
    """Write all files; returns the bag's top folder."""
    top = below / bag.top
    for path, content in bag.files.items():
        target = top / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return top
