"""Canonical leaves: the same bytes as an independent JCS writer, and refusal of every other spelling."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.canonical_json import MAX_DEPTH, JsonValue
from portal.domain.log.leaf import (
    MAX_BODY_BYTES,
    ZERO_HASH,
    InvalidLeaf,
    Leaf,
    build_leaf,
    commitment,
    decode,
    encode,
    leaf_hash,
    parse_leaf,
)

keys = st.text(st.sampled_from("abcxyz0189_"), min_size=1, max_size=8)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))
objects: st.SearchStrategy[dict[str, JsonValue]] = st.dictionaries(keys, values, max_size=6)

EVENT: Mapping[str, JsonValue] = {"type": "evidence.approved", "actor": "u:17", "rev": 3}
FIRST = build_leaf(seq=7, scope="merangin/2025/II.1.3", iseq=0, iprev=ZERO_HASH, event=EVENT)
SECOND = build_leaf(seq=9, scope="merangin/2025/II.1.3", iseq=1, iprev=FIRST.hash, event=EVENT)


@given(objects)
def test_encoding_is_jcs_and_decodes_to_the_same_value(fields: dict[str, JsonValue]) -> None:
    body = encode(fields)
    assert body == rfc8785.dumps(fields)
    assert decode(body) == fields


@given(objects)
def test_every_other_spelling_is_refused(fields: dict[str, JsonValue]) -> None:
    spellings = {
        json.dumps(fields, ensure_ascii=False).encode(),
        json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode(),
        json.dumps(fields, separators=(",", ":"), sort_keys=True).encode(),
        encode(fields) + b"\n",
        b"\xef\xbb\xbf" + encode(fields),
        encode(fields).decode().encode("utf-16"),
    }
    for spelling in spellings - {encode(fields)}:
        with pytest.raises(InvalidLeaf):
            decode(spelling)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"text"',
        b"{",
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\/"}',
        b'{"A":1}',
        b'{"a":"\xff"}',
        b'{"a":' * 20_000,
        b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}",
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_bytes_that_are_no_canonical_leaf_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidLeaf):
        decode(body)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        b"bytes",
        (1, 2),
        {1, 2},
        "\ud800",
        {"A": 1},
        {"": 1},
        {"é": 1},
        {1: 1},
        [1.5],
    ],
    ids=ascii,
)
def test_values_that_json_readers_would_disagree_on_are_refused(value: JsonValue) -> None:
    with pytest.raises(InvalidLeaf):
        encode({"a": value})


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[JsonValue] = []
    endless.append(endless)
    with pytest.raises(InvalidLeaf, match="nested"):
        encode({"a": endless})


def test_nesting_up_to_the_limit_is_accepted() -> None:
    body = b'{"a":' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}"
    assert encode(decode(body)) == body


def test_size_limit_counts_bytes_of_utf8() -> None:
    room = MAX_BODY_BYTES - len(b'{"a":""}')
    assert len(encode({"a": "x" * room})) == MAX_BODY_BYTES
    with pytest.raises(InvalidLeaf, match="65535"):
        encode({"a": "x" * (room - 1) + "é"})


def test_commitment_is_the_salted_digest_of_the_composed_text() -> None:
    salt, text = bytes(range(16)), "José Situmorang"
    assert commitment(salt, text) == sha256(salt + text.encode()).hexdigest()
    assert commitment(salt, unicodedata.normalize("NFD", text)) == commitment(salt, text)
    assert commitment(bytes(16), text) != commitment(salt, text)


@pytest.mark.parametrize(("salt", "text"), [(b"", "x"), (bytes(15), "x"), (bytes(17), "x"), (bytes(16), "\udc00")])
def test_commitment_refuses_a_wrong_salt_and_text_that_utf8_cannot_hold(salt: bytes, text: str) -> None:
    with pytest.raises(InvalidLeaf):
        commitment(salt, text)


def test_a_built_leaf_has_the_documented_bytes() -> None:
    assert FIRST.body == (
        b'{"ev":{"actor":"u:17","rev":3,"scope":"merangin/2025/II.1.3","type":"evidence.approved"},'
        b'"iprev":"' + b"0" * 64 + b'","iseq":0,"seq":7,"v":1}'
    )
    assert FIRST.hash == leaf_hash(FIRST.body) == sha256(b"\x00" + FIRST.body).digest()
    assert SECOND.iprev == FIRST.hash
    assert FIRST.hash.hex().encode() in SECOND.body


@given(objects.map(lambda fields: {**fields, "scope": "sys"}), st.integers(1, 2**40), st.data())
def test_parsing_gives_back_what_was_built(event: dict[str, JsonValue], seq: int, data: st.DataObject) -> None:
    iseq = data.draw(st.integers(0, seq))
    iprev = data.draw(st.binary(min_size=32, max_size=32).filter(any)) if iseq else ZERO_HASH
    leaf = build_leaf(seq=seq, scope="sys", iseq=iseq, iprev=iprev, event=event)
    assert parse_leaf(leaf.body) == leaf
    assert decode(leaf.body)["ev"] == event


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"seq": True},
        {"iseq": True},
        {"seq": "9"},
        {"seq": -1},
        {"seq": 0},
        {"iseq": 0},
        {"iprev": "0" * 64},
        {"iprev": FIRST.hash.hex().upper()},
        {"iprev": FIRST.hash.hex()[2:]},
        {"iprev": "no hex"},
        {"ev": {"type": "x"}},
        {"ev": {"scope": 5}},
        {"ev": []},
        {"more": 1},
    ],
    ids=str,
)
def test_parsing_refuses_canonical_bytes_that_are_no_leaf(change: dict[str, JsonValue]) -> None:
    with pytest.raises(InvalidLeaf):
        parse_leaf(encode({**decode(SECOND.body), **change}))


def test_parsing_refuses_a_missing_field() -> None:
    for field in decode(SECOND.body):
        left = {key: value for key, value in decode(SECOND.body).items() if key != field}
        with pytest.raises(InvalidLeaf):
            parse_leaf(encode(left))


@pytest.mark.parametrize(
    ("seq", "iseq", "iprev"),
    [(-1, -1, ZERO_HASH), (0, 1, FIRST.hash), (5, 1, ZERO_HASH), (5, 0, FIRST.hash), (5, 1, FIRST.hash[:31])],
)
def test_a_place_that_cannot_be_is_refused(seq: int, iseq: int, iprev: bytes) -> None:
    with pytest.raises(InvalidLeaf):
        build_leaf(seq=seq, scope="sys", iseq=iseq, iprev=iprev, event=EVENT)


def test_an_event_of_another_scope_is_refused() -> None:
    with pytest.raises(InvalidLeaf, match="cannot stand in scope"):
        build_leaf(seq=0, scope="sys", iseq=0, iprev=ZERO_HASH, event={"scope": "merangin/2025/I.1.1"})


def test_a_leaf_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        FIRST.seq = 8  # type: ignore[misc]  # the assignment is what must fail
    assert replace(FIRST, seq=8) != FIRST
    assert isinstance(FIRST, Leaf)
