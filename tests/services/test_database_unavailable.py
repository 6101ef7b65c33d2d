"""A database that does not answer is told apart from a fault of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal import create_app
from portal.domain.errors import DatabaseUnavailable
from portal.services.unit_of_work import transaction
from tests.fixtures.databases import settings_for


@pytest.mark.parametrize("url", ["sqlite:///{folder}/gone/portal.sqlite3", "postgresql+psycopg://p@/p?host={folder}"])
@pytest.mark.parametrize("write", [True, False])
def test_no_transaction_opens_and_the_error_says_so(url: str, write: bool, tmp_path: Path) -> None:
    app = create_app(settings_for(url.format(folder=tmp_path), tmp_path))
    with app.app_context(), pytest.raises(DatabaseUnavailable), transaction(write=write):
        pytest.fail("a transaction was opened on a database that is not there")
