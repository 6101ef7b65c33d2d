"""Client of time-stamping authorities (RFC 3161): a token says that some bytes existed before a moment.

Owns request, transport and the check of an answer against the certificates that the operator trusts. It keeps
nothing: the raw response goes to the caller, and `openssl ts` can judge it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read; a token with its chain has about 6 KiB."""

_TIMEOUT = Timeout(connect=10, read=20)
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}  # RFC 3161 §3.4


class TimestampFailed(Exception):
    """The authority cannot be reached, or its answer proves nothing; a later try may help."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A checked answer: `response` is the raw TimeStampResp (DER), `at` the moment that it attests (aware UTC)."""

    response: bytes
    at: datetime


def read_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """The trusted certificates of a PEM file; raises ValueError or OSError when it holds none."""
    return tuple(x509.load_pem_x509_certificates(path.read_bytes()))


def request_timestamp(*, data: bytes, url: str, trusted: tuple[x509.Certificate, ...]) -> Timestamp:
    """Have `data` stamped by the authority at `url`; raises TimestampFailed."""
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    raw = _post(url, request)
    return Timestamp(response=raw, at=_attested(raw, VerifierBuilder.from_request(request), data, trusted))


def check_timestamp(*, response: bytes, data: bytes, trusted: tuple[x509.Certificate, ...]) -> datetime:
    """The moment that a kept response attests for `data`; raises TimestampFailed when it attests nothing."""
    return _attested(response, VerifierBuilder(), data, trusted)


def _post(url: str, request: TimeStampRequest) -> bytes:
    try:
        with PoolManager(timeout=_TIMEOUT, retries=Retry(0)) as pool:
            answer = pool.request(
                "POST", url, body=request.as_bytes(), headers=_HEADERS, redirect=False, preload_content=False
            )
            body = answer.read(MAX_ANSWER + 1)
    except HTTPError as error:
        raise TimestampFailed(f"not reached: {error}") from error
    if answer.status != 200 or len(body) > MAX_ANSWER:
        raise TimestampFailed(f"answered {answer.status} with {len(body)} bytes")
    return body


def _attested(raw: bytes, builder: VerifierBuilder, data: bytes, trusted: tuple[x509.Certificate, ...]) -> datetime:
    """The moment, after signature, chain, purpose, digest and what else `builder` asks for were checked. What is
    self-signed is a root, the rest are intermediates.
    """
    for certificate in trusted:
        is_root = certificate.issuer == certificate.subject
        add = builder.add_root_certificate if is_root else builder.add_intermediate_certificate
        builder = add(certificate)
    try:
        response = decode_timestamp_response(raw)
        builder.build().verify_message(response, data)
    except (ValueError, VerificationError) as error:
        raise TimestampFailed(f"the answer proves nothing: {error}") from error
    return response.tst_info.gen_time
