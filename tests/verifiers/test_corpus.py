"""The corpus itself: every entry is what it says, before any verifier is asked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.verifiers.corpus import MUTATIONS
from tests.verifiers.mutations.mutation import GENUINE, NOT_GENUINE, good_bag

FORMAT = Path("docs/bundle-format.md").read_text(encoding="utf-8")


def test_names_are_distinct() -> None:
    assert [name for name, count in Counter(entry.name for entry in MUTATIONS).items() if count > 1] == []


def test_every_mutation_changes_the_bag_or_what_is_given() -> None:
    original = bytes(good_bag().archive())
    same = [e.name for e in MUTATIONS if e.verdict == NOT_GENUINE and e.printed is None and e.zip_bytes() == original]
    assert same == []


def test_verdict_and_codes_go_together() -> None:
    wrong = [entry.name for entry in MUTATIONS if (entry.verdict == NOT_GENUINE) != bool(entry.codes)]
    assert wrong == []


def test_every_code_of_the_format_has_an_entry() -> None:
    codes = {code for entry in MUTATIONS for code in entry.codes | entry.not_established}
    assert [code for code in codes if f"`{code}`" not in FORMAT] == []
    table = FORMAT.partition("| codes of findings | |")[2]
    told = {
        cell
        for line in table.splitlines()
        for cell in line.split("|")[1:2]
        for cell in cell.replace("`", "").split(", ")
    }
    assert {name.strip() for name in told} - codes - {"---", ""} == set()


def test_there_are_good_bags_of_several_kinds() -> None:
    assert sum(entry.verdict == GENUINE for entry in MUTATIONS) > 12
