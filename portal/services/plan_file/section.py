"""One mapping of a plan file with its keys checked: none unknown, none twice, every required one there."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from portal.services.plan_file.errors import Findings
from portal.services.plan_file.spot import Spot
from portal.services.plan_file.text_check import quoted


class Section:
    """Fields are read by `at`, optional ones by `find`; complaints are made when the section is made."""

    def __init__(self, spot: Spot, *, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        self.spot = spot
        self._required = tuple(required)
        self._known = (*self._required, *optional)
        self._fields: dict[str, Spot] = {}
        if isinstance(spot.node, yaml.MappingNode):
            self._take_fields(spot.node)
        else:
            spot.complain(f"Di sini harus ada kelompok isian: {', '.join(self._required)}.")

    def find(self, name: str) -> Spot | None:
        return self._fields.get(name)

    def at(self, name: str) -> Spot:
        """The field, or a stand-in whose complaints nobody hears: that it is missing has been said already."""
        return self._fields.get(name) or Spot(self.spot.node, self.spot.path, Findings())

    def _take_fields(self, node: yaml.MappingNode) -> None:
        for key, value in node.value:
            self._take(Spot(key, self.spot.path, self.spot.findings), value)
        for name in self._required:
            if name not in self._fields:
                self.spot.complain(f"Isian {quoted(name)} tidak ada. Tambahkan.")

    def _take(self, key: Spot, value: yaml.Node) -> None:
        name = key.key_name()
        if name in self._fields:
            first = self._fields[name].line
            key.complain(f"Isian {quoted(name)} muncul dua kali (pertama pada baris {first}). Hapus salah satu.")
        elif name in self._known:
            path = f"{self.spot.path}.{name}" if self.spot.path else name
            self._fields[name] = Spot(value, path, self.spot.findings)
        elif name:
            key.complain(f"Isian {quoted(name)} tidak dikenal. Yang dikenal: {', '.join(self._known)}.")
