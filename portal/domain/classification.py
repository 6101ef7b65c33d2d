"""How far evidence may be read: UU 14/2008 Pasal 17 (exceptions) and UU 27/2022 (personal data) behind each class."""

from __future__ import annotations

from enum import StrEnum


class Classification(StrEnum):
    """Biasa: read within the unit. the other two: own area, deciding reviewers, explicitly granted auditors."""

    BIASA = "biasa"
    TERBATAS = "terbatas"
    RAHASIA = "rahasia"

    @property
    def is_restricted(self) -> bool:
        return self is not Classification.BIASA

    def is_lower_than(self, other: Classification) -> bool:
        return _RISING.index(self) < _RISING.index(other)


_RISING = tuple(Classification)
