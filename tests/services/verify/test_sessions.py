"""Sessions that were given another token are followed through the log, wherever its batches end."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from portal.services.verify.findings import FindingCode as C
from tests.services.verify.laboratory import Attempt, Laboratory


def renewals(attempt: Attempt) -> list[tuple[str, str]]:
    """Hashes of the replaced and of the new token, in the order of the log."""
    query = "SELECT body FROM log_leaf WHERE body LIKE '%replaced_sha256%' ORDER BY seq"
    found = [json.loads(body)["ev"]["data"] for body in attempt.session.execute(text(query)).scalars()]
    return [(data["replaced_sha256"], data["token_sha256"]) for data in found]


@pytest.fixture(params=[1, 1000], ids=["each by itself", "all at once"])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.services.verify.sessions.BATCH", request.param)


@pytest.mark.usefixtures("batch")
def test_a_session_with_its_newest_token_is_clean(sqlite_laboratory: Laboratory) -> None:
    with sqlite_laboratory.attempt() as attempt:
        assert len(renewals(attempt)) == 3
        assert attempt.table_findings() == []


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_token_that_was_replaced_does_not_work_again_unnoticed(sqlite_laboratory: Laboratory, which: int) -> None:
    with sqlite_laboratory.attempt() as attempt:
        tokens = renewals(attempt)
        attempt.run(
            "UPDATE login_session SET token_sha256 = :old WHERE token_sha256 = :new",
            old=tokens[which][0],
            new=tokens[-1][1],
        )
        codes = {code for code, place in attempt.table_findings() if "(tabel login_session)" in place}
        assert codes & {C.ROW_CHANGED, C.ROW_MISSING}


@pytest.mark.usefixtures("batch")
def test_a_renewed_session_that_is_gone_is_missed(sqlite_laboratory: Laboratory) -> None:
    with sqlite_laboratory.attempt() as attempt:
        attempt.run("DELETE FROM login_session WHERE token_sha256 = :new", new=renewals(attempt)[-1][1])
        assert [code for code, _ in attempt.table_findings()] == [C.ROW_MISSING]


def test_no_session_that_ended_lives_again_unnoticed(sqlite_laboratory: Laboratory) -> None:
    """Ended by leaving, from elsewhere, with all others, by a new password, by the end of the account or a role."""
    with sqlite_laboratory.attempt() as attempt:
        ended = attempt.session.execute(
            text("SELECT token_sha256 FROM login_session WHERE ended_at IS NOT NULL")
        ).scalars()
        tokens = list(ended)
    assert len(tokens) >= 5
    for token in tokens:
        with sqlite_laboratory.attempt() as attempt:
            attempt.run("UPDATE login_session SET ended_at = NULL WHERE token_sha256 = :token", token=token)
            assert {code for code, _ in attempt.table_findings()} == {C.ROW_CHANGED}
