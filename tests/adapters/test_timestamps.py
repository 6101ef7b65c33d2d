"""Timestamps from a real authority: taken, judged a second time by openssl, and refused when anything is not right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.adapters.timestamps import (
    MAX_ANSWER,
    TimestampFailed,
    check_timestamp,
    read_certificates,
    request_timestamp,
)
from tests.fixtures.missing_services import require_service
from tests.servers import authority as authorities
from tests.servers.authority import Authority, make_authority

BODY = b"bukti-zi.KPU-1502/log1\n12\nnKrJd6CvDCIpq9OX7uMzRYmcQCDaKhoLcRHMVD/jcZ0=\n"


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    require_service("openssl", authorities.why_missing())
    with authorities.running(tmp_path / "tsa") as running:
        yield running


def test_a_timestamp_is_taken_and_openssl_agrees(authority: Authority) -> None:
    trusted = read_certificates(authority.certificates)

    stamp = request_timestamp(data=BODY, url=authority.url, trusted=trusted)

    assert abs(stamp.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert authority.verifies(response=stamp.response, data=BODY)
    assert not authority.verifies(response=stamp.response, data=BODY + b"x")
    assert check_timestamp(response=stamp.response, data=BODY, trusted=trusted) == stamp.at
    with pytest.raises(TimestampFailed):
        check_timestamp(response=stamp.response, data=BODY + b"x", trusted=trusted)


def test_an_authority_that_nobody_trusts_proves_nothing(authority: Authority, tmp_path: Path) -> None:
    stranger = make_authority(tmp_path / "stranger", "TSA Lain")
    with pytest.raises(TimestampFailed, match="proves nothing"):
        request_timestamp(data=BODY, url=authority.url, trusted=read_certificates(stranger.certificates))


def test_an_answer_to_another_question_is_refused(authority: Authority) -> None:
    """A recorded answer about the same bytes has another nonce."""
    trusted = read_certificates(authority.certificates)
    authority.spoil = [request_timestamp(data=BODY, url=authority.url, trusted=trusted).response]
    with pytest.raises(TimestampFailed, match="Nonce"):
        request_timestamp(data=BODY, url=authority.url, trusted=trusted)


@pytest.mark.parametrize("answer", [b"", b"<html>Masuk dulu</html>", b"0" * (MAX_ANSWER + 1), b"0\x80"])
def test_what_is_no_answer_is_a_failure(authority: Authority, answer: bytes) -> None:
    authority.spoil = [answer]
    with pytest.raises(TimestampFailed):
        request_timestamp(data=BODY, url=authority.url, trusted=read_certificates(authority.certificates))


def test_a_status_that_is_no_success_and_a_closed_port_are_failures(authority: Authority) -> None:
    trusted = read_certificates(authority.certificates)
    authority.status = 302
    with pytest.raises(TimestampFailed, match="302"):
        request_timestamp(data=BODY, url=authority.url, trusted=trusted)
    with pytest.raises(TimestampFailed, match="not reached"):
        request_timestamp(data=BODY, url="http://127.0.0.1:1/tsr", trusted=trusted)
