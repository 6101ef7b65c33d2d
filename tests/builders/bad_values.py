"""What careless and hostile people put into a field, as bytes, each with the name under which a failure tells it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import uuid4

OVERSIZED = "oversized"

BAD_VALUES: Mapping[str, bytes] = MappingProxyType(
    {
        OVERSIZED: b"x" * 20_000,
        "a NUL": b"a\x00b",
        "a turned direction": "laporan\u202efdp.exe".encode(),
        "half a character": "a\ud800b".encode("utf-8", "surrogatepass"),
        "not UTF-8": b"\xff\xfe\xfa",
        "an unknown id": str(uuid4()).encode(),
        "a huge number": b"99999999999999999999999",
        "a negative number": b"-1",
        "no such day": b"2026-02-30",
        "a far day": b"9999-12-31",
        "a formula": b'=HYPERLINK("http://jahat.invalid","klik")',
        "a path out": b"../../etc/passwd",
        "markup": b"<script>alert(1)</script>\"'",
        "a template": b"{{ 7 * 7 }}%s{0}",
        "a script address": b"javascript:alert(1)",
        "deep JSON": b"[" * 2000,
        "emoji": "\U0001f4a3".encode() * 40,
    }
)
