"""The catalogue of events: complete, writable as leaves, and free of what people could be known by."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, datetime
from typing import Any, get_type_hints
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.domain import events
from portal.domain.actor import Actor
from portal.domain.events import Event, EventName, FileFact, Personal, RecoveryCodeFact, catalogue, personal_fields
from portal.domain.log.leaf import ZERO_HASH, build_leaf
from portal.services.audit import _RECORDED, record

SECRET = "Siti Aminah, NIK 1502010101900001"

st.register_type_strategy(
    FileFact,
    st.builds(
        FileFact,
        file=st.uuids(),
        sha256=st.just("0" * 64),
        crc32=st.just("0" * 8),
        size=st.integers(0, 2**45),
        media_type=st.just("application/pdf"),
    ),
)
st.register_type_strategy(RecoveryCodeFact, st.builds(RecoveryCodeFact, code=st.uuids(), sha256=st.just("0" * 64)))
st.register_type_strategy(Personal, st.just(Personal(SECRET)))


def test_every_name_has_exactly_one_event() -> None:
    kinds = [kind for kind in vars(events).values() if isinstance(kind, type) and "type" in vars(kind)]
    names = Counter(kind.type for kind in kinds if issubclass(kind, Event))
    wrong = {name.value: names[name] for name in EventName if names[name] != 1}
    assert not wrong, f"names and the number of their events: {wrong}"
    assert set(catalogue().values()) == set(kinds)


CODES = frozenset(
    {"code", "under", "unit", "member_area", "area_code", "indicator_code", "media_type", "object_key", "version_id"}
    | {"sha256", "crc32", "document_sha256", "manifest_sha256", "heads_sha256", "expected_sha256", "found_sha256"}
    | {"digest", "log_root", "token_sha256", "replaced_sha256", "password_sha256", "secret_sha256", "timezone"}
    | {"key", "origin", "old_origin", "root", "issuer"}
)
"""The fields of free type that enter a leaf as they are: codes, hashes and keys that the portal itself makes."""


def test_no_field_that_stays_open_can_hold_a_sentence() -> None:
    texts = {
        f"{kind.__name__}.{name}"
        for kind in (*catalogue().values(), FileFact, RecoveryCodeFact)
        for name, hint in get_type_hints(kind).items()
        if hint in {str, str | None} and name not in CODES
    }
    assert not texts, f"fields that could carry a sentence into the leaf; type them as an enum or Personal: {texts}"


@pytest.mark.parametrize("name", EventName)
def test_names_are_past_tense_codes(name: EventName) -> None:
    group, _, what = name.value.partition(".")
    assert group.isidentifier()
    assert what.isidentifier()
    assert name.value == name.value.lower()


@pytest.mark.parametrize("kind", catalogue().values(), ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(data=st.data())
def test_every_event_is_a_leaf_that_keeps_persons_out(kind: type[Event], data: Any) -> None:
    values: dict[str, Any] = {
        field.name: Personal(SECRET) if field.name in personal_fields(kind) else data.draw(_strategy(kind, field.name))
        for field in dataclasses.fields(kind)
    }
    session = Session()
    record(session, kind(**values), actor=Actor(user_id=uuid4()), now=datetime.now(UTC), scope="U/2026/I.1")
    (recorded,) = session.info[_RECORDED]
    leaf = build_leaf(seq=0, scope="U/2026/I.1", iseq=0, iprev=ZERO_HASH, event=recorded.ev)
    assert SECRET.encode() not in leaf.body
    assert {c.field for c in recorded.commitments} == personal_fields(kind)
    assert all(c.value == SECRET for c in recorded.commitments)


def _strategy(kind: type[Event], name: str) -> st.SearchStrategy[Any]:
    """Any value of the field's own type that a leaf can hold; no text of ours is longer than a hash."""
    hint = get_type_hints(kind)[name]
    if hint is int:
        return st.integers(0, 2**40)
    if hint is str:
        return st.text("0123456789abcdef-/.", max_size=64)
    return st.from_type(hint)


@pytest.mark.parametrize("kind", catalogue().values(), ids=lambda kind: kind.__name__)
def test_events_are_closed_and_frozen(kind: type[Event]) -> None:
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # what dataclass() leaves behind
    assert "dict" not in str(kind.__annotations__), "an event has closed fields"
