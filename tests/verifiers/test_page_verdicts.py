"""`verifikasi.html` judges every bag of the corpus as docs/bundle-format.md wants it, in a real browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from tests.verifiers.corpus import MUTATIONS
from tests.verifiers.mutations.mutation import Mutation
from tests.verifiers.page_driver import Result, judge_all, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def results(browser: Browser) -> Mapping[str, Result]:
    with open_page(browser) as page:
        return judge_all(page, MUTATIONS)


@pytest.mark.parametrize("entry", MUTATIONS, ids=lambda entry: entry.name)
def test_verdict_and_codes(results: Mapping[str, Result], entry: Mutation) -> None:
    expected = Result(verdict=entry.verdict, codes=entry.codes, not_established=entry.not_established)
    assert results[entry.name] == expected
