"""The list of seeded faults cannot rot: each still has its place in the code, and its tests exist."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.seeded import MUTANTS

ROOT = Path(__file__).parents[2]


def test_there_are_many_and_each_has_a_name() -> None:
    assert len(MUTANTS) >= 25
    twice = [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1]
    assert not twice


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_fault_has_one_place_in_the_code_and_tests_to_notice_it(mutant: Mutant) -> None:
    places = (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.before)
    assert places == 1, f"{mutant.name}: {mutant.file} holds its text {places} times; mend it in tests/mutants/seeded/"
    assert mutant.before != mutant.after
    missing = [test for test in mutant.tests if not exists(*test.split("::"))]
    assert mutant.tests, f"{mutant.name}: names no tests"
    assert not missing, f"{mutant.name}: {missing} are not there"


def exists(file: str, function: str) -> bool:
    return f"\ndef {function}(" in (ROOT / file).read_text(encoding="utf-8")
