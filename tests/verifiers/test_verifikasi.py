"""verifikasi.py on every entry of the corpus, as a ZIP and as a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.verifiers.bag_maker import Bag
from tests.verifiers.corpus import MUTATIONS
from tests.verifiers.extracted import extract
from tests.verifiers.loaded import verifikasi
from tests.verifiers.mutations.mutation import Mutation


def judged(entry: Mutation, place: Path, keys: list[str]) -> tuple[str, frozenset[str], frozenset[str]]:
    """Verdict, codes of findings, codes of what is not established."""
    given = [str(place), "--json", *(argument for key in keys for argument in ("--kunci", key))]
    given += [] if entry.printed is None else ["--cetak", entry.printed]
    report = json.loads(verifikasi.as_json(verifikasi.run(verifikasi.argument_parser().parse_args(given)), "id"))
    findings, missing = ({item["code"] for item in report[kind]} for kind in ("findings", "not_established"))
    return report["verdict"], frozenset(findings), frozenset(missing)


@pytest.mark.parametrize("entry", MUTATIONS, ids=lambda entry: entry.name)
def test_an_entry_is_judged_as_the_corpus_says(entry: Mutation, tmp_path: Path) -> None:
    expected = (entry.verdict, entry.codes, entry.not_established)
    keys = [tmp_path / f"kunci-{number}" for number in range(len(entry.keys))]
    for path, text in zip(keys, entry.keys, strict=True):
        path.write_text(text)
    made = entry.made()
    place = tmp_path / "paket.zip"
    place.write_bytes(bytes(made.archive()) if isinstance(made, Bag) else made)
    assert judged(entry, place, [str(path) for path in keys]) == expected
    if isinstance(made, Bag):
        folder = extract(made, tmp_path)
        assert judged(entry, folder, [str(path) for path in keys]) == expected, "as a folder"
