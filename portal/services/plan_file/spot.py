"""One value of a plan file, read as what it should be.

After an error a reader gives a stand-in ("", 0, None, a date long past) so that the walk goes on and finds the next
error; no stand-in leaves `reader.py`, because a file with any error is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

import yaml

from portal.domain.codes import is_code
from portal.services.plan_file.errors import Findings
from portal.services.plan_file.text_check import find_text_problem, quoted
from portal.services.plan_file.yaml_nodes import line_of

Choice = TypeVar("Choice", bound=StrEnum)

STAND_IN_DATE = date(1, 1, 1)
MAX_TEXT = 4000
YEARS = range(2000, 2101)

_STRING = "tag:yaml.org,2002:str"
_INTEGER = "tag:yaml.org,2002:int"
_BOOLEAN = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"  # an unquoted date is understood as well


@dataclass(frozen=True, slots=True)
class Spot:
    """A node, the path that leads to it, and where complaints about it go."""

    node: yaml.Node
    path: str
    findings: Findings

    @property
    def line(self) -> int:
        return line_of(self.node)

    def complain(self, message: str) -> None:
        self.findings.add(path=self.path, line=self.line, message=message)

    def key_name(self) -> str:
        """The node as the name of a field; "" after a complaint."""
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag == _BOOLEAN:
            word = self.node.value
            self.complain(f'Nama isian {word} tanpa kutip dibaca YAML sebagai ya/tidak. Tulis "{word}" dengan kutip.')
            return ""
        return self._scalar("Nama isian harus berupa teks.", _STRING) or ""

    def items(self, *, most: int) -> list[Spot]:
        """The items of a list with 1 to `most` entries; [] after a complaint."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.complain("Di sini harus ada daftar (setiap butir diawali tanda hubung).")
            return []
        nodes = self.node.value
        if not 1 <= len(nodes) <= most:
            self.complain(f"Daftar berisi {len(nodes)} butir; harus 1 sampai {most}.")
            return []
        return [Spot(node, f"{self.path}[{index}]", self.findings) for index, node in enumerate(nodes)]

    def text(self, *, longest: int = MAX_TEXT) -> str:
        """One line of text, not empty and not longer than `longest` characters; "" after a complaint."""
        value = self._scalar("Di sini harus ada teks. Apit dengan tanda kutip.", _STRING)
        if value is None:
            return ""
        if problem := find_text_problem(value, longest):
            self.complain(problem)
            return ""
        return value

    def code(self, *, longest: int) -> str:
        """A short code that can stand in addresses and in the trail; "" after a complaint."""
        value = self.text()
        if value and not is_code(value, longest=longest):
            self.complain(
                f"{quoted(value)} bukan kode. Kode memuat huruf A-Z, angka dan tanda hubung, paling panjang {longest}."
            )
            return ""
        return value

    def number(self, *, low: int, high: int) -> int:
        """A whole number of at most four digits; 0 after a complaint."""
        wanted = f"Di sini harus ada bilangan bulat {low} sampai {high}, tanpa tanda kutip."
        value = self._scalar(wanted, _INTEGER)
        if value is None:
            return 0
        if not re.fullmatch(r"[1-9][0-9]{0,3}", value) or not low <= int(value) <= high:
            self.complain(wanted)
            return 0
        return int(value)

    def day(self) -> date:
        """A date such as 2025-09-22; STAND_IN_DATE after a complaint."""
        return self._date(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", completion="", wanted='tanggal seperti "2025-09-22"')

    def month(self) -> date:
        """A month such as 2025-08, as its first day; STAND_IN_DATE after a complaint."""
        return self._date(r"[0-9]{4}-[0-9]{2}", completion="-01", wanted='bulan seperti "2025-08"')

    def choice(self, kind: type[Choice]) -> Choice | None:
        """A code of `kind`; None after a complaint."""
        names = ", ".join(kind)
        value = self._scalar(f"Di sini harus ada salah satu dari: {names}.", _STRING)
        for member in kind:
            if member.value == value:
                return member
        if value is not None:
            self.complain(f"{quoted(value)} tidak dikenal. Pilihannya: {names}.")
        return None

    def _date(self, form: str, *, completion: str, wanted: str) -> date:
        value = self._scalar(f"Di sini harus ada {wanted}.", _STRING, _TIMESTAMP)
        if value is None:
            return STAND_IN_DATE
        try:
            found = date.fromisoformat(value + completion) if re.fullmatch(form, value) else STAND_IN_DATE
        except ValueError:
            found = STAND_IN_DATE
        if found.year not in YEARS:
            self.complain(f"{quoted(value)} bukan {wanted}, tahun {YEARS[0]} sampai {YEARS[-1]}.")
            return STAND_IN_DATE
        return found

    def _scalar(self, wanted: str, *tags: str) -> str | None:
        """The text of a single value of one of these types, or None after a complaint."""
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag in tags:
            return str(self.node.value)
        self.complain("Nilainya kosong. Isi, atau hapus barisnya." if self.node.tag == _NULL else wanted)
        return None
