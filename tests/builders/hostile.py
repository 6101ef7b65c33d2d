"""Values that hypothesis makes up for fields, addresses and headers, one strategy a kind of nuisance.

`bad_values` are the same few each time, these are others in every run; each is bytes, as a client would send it.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

IN_THE_SUITE = 100
NASTY = (
    "\x00\x01\x08\x0b\x1b\x7f\x85\xa0\u00ad\u061c\u200b\u200e\u202e\u2028\u2066\ufeff\ufffe\U000e0041İıſß'\"<>&{}%\\;"
)
DAYS = (
    "0000-00-00", "0000-01-01", "0001-01-01", "1582-10-10", "1900-02-29", "1969-12-31", "2023-02-29", "2024-02-29",
    "2038-01-19", "9999-12-31", "10000-01-01", "-2026-01-01", "2026-13-01", "2026-1-1", "2026-01-01T00:00:00Z",
    "٢٠٢٦-٠١-٠١", "2026-01-01\n", "today", "2026-W01-1",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "-1", "+1", "1.0", "1e3", "1e999", "0x10", "0b1", "1_000", "NaN", "Infinity", "٣", "½", "²", " 1 ",
    "9" * 400, "-" + "9" * 5000, "2147483648", "9223372036854775808", "18446744073709551616", "true", "null",
)  # fmt: skip
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://jahat.invalid")', "=cmd|' /C calc'!A0", "＝1")
PLACES = (
    "//jahat.invalid", "///jahat.invalid", "/\\jahat.invalid", "\\\\jahat.invalid", "https://jahat.invalid",
    "https:jahat", "/%09/jahat.invalid", "/\t/jahat.invalid", "javascript:alert(1)", "data:text/html,x",
    "/tugas\r\nX-A: b", "/..//x", "//[", "http://[::1", "/@jahat.invalid", "?x", "#x",
)  # fmt: skip
PATHS = (
    "../../etc/passwd", "..\\..\\x", "..;/", "%2e%2e%2f", "%252e%252e%252f", "..%c0%af", ".", "..", "...", "a/",
    "/a", "a//b", "C:\\x", "CON", "nul.txt", "a.", "a ", "~root", "file:///etc/passwd",
)  # fmt: skip
QUERIES = (
    "' OR '1'='1",
    "1; DROP TABLE user--",
    "%' --",
    "\\",
    "') UNION SELECT 1--",
    "a' || 'b",
    "_%",
    "{{7*7}}",
    "${7*7}",
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-7", "latin-1", "cp1252", "shift_jis")


def hostile(ids: Sequence[str] = ()) -> SearchStrategy[bytes]:
    """Any of the kinds; `ids` are of things that exist, and are not what is asked for."""
    kinds = [texts(), st.binary(max_size=60), listed(), deep(), encoded()]
    return st.one_of(*kinds, identifiers(ids)) if ids else st.one_of(*kinds)


def texts() -> SearchStrategy[bytes]:
    """Of dangerous and of any letters, halves of pairs among them; now and then very long."""
    letters = st.one_of(st.sampled_from(NASTY), st.characters(), st.characters(categories=["Cs"]))
    short = st.text(letters, max_size=40)
    long = st.builds(
        lambda text, times: text * times, st.text(letters, min_size=1, max_size=3), st.integers(500, 8_000)
    )
    return st.one_of(short, short, long).map(lambda text: text.encode("utf-8", "surrogatepass"))


def listed() -> SearchStrategy[bytes]:
    """What readers of dates, numbers, formulas, places, paths and queries stumble over."""
    return st.sampled_from((*DAYS, *NUMBERS, *FORMULAS, *PLACES, *PATHS, *QUERIES)).map(str.encode)


def deep() -> SearchStrategy[bytes]:
    """Brackets in brackets, closed or not."""
    depth = st.sampled_from((1, 100, 10_000))
    return st.builds(
        lambda pair, times: pair[0] * times + pair[1] * times, st.sampled_from(((b"[", b"]"), (b'{"a":', b""))), depth
    )


def encoded() -> SearchStrategy[bytes]:
    """Honest words in an encoding that nobody asked for, with and without its mark."""
    words = st.sampled_from(("Sudah lengkap", "2026-01-15", "siti@contoh.go.id", "I"))
    return st.builds(lambda word, name: codecs.encode(word, name), words, st.sampled_from(ENCODINGS))


def identifiers(ids: Sequence[str]) -> SearchStrategy[bytes]:
    """An id of another kind, or nobody's, in each way that a reader of UUIDs may take."""
    spellings = (
        lambda known: str(known), lambda known: str(known).upper(), lambda known: "{" + str(known) + "}",
        lambda known: known.urn, lambda known: known.hex, lambda known: f" {known}", lambda known: f"{known}\n",
        lambda known: str(known)[:-1], lambda known: f"{known}0", lambda known: str(known).replace("-", "–"),
        lambda known: str(known.int), lambda known: str(known).translate({ord("0"): "٠"}),
    )  # fmt: skip
    chosen = st.one_of(st.sampled_from([UUID(each) for each in ids]), st.uuids())
    return st.builds(lambda known, spell: str(spell(known)).encode(), chosen, st.sampled_from(spellings))


def bounded(share: int = 1) -> settings:
    """How many examples a test may try: in the suite few, the same each time; with `--hypothesis-profile=fuzz` many."""
    most = settings().max_examples // share
    if most <= IN_THE_SUITE:
        return settings(max_examples=most, derandomize=True, database=None)
    return settings(max_examples=most)
