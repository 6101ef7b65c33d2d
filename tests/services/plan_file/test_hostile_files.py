"""Files made to hurt a parser are refused before it works on them, and no bytes get another answer than a refusal."""

import contextlib
import tracemalloc

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from portal.services.plan_file import PlanFileInvalid, read_plan, yaml_nodes
from tests.services.plan_file.merangin import merangin_bytes
from tests.services.plan_file.small_plan import SMALL_PLAN, broken_plan
from tests.services.plan_file.test_refusals import errors_of

BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


@pytest.fixture(params=["libyaml", "pure"])
def _each_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML comes with libyaml or without; both must refuse."""
    if request.param == "libyaml" and not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml here; its wheels have it")
    monkeypatch.setattr(yaml_nodes, "_Loader", yaml.CSafeLoader if request.param == "libyaml" else yaml.SafeLoader)


pytestmark = pytest.mark.usefixtures("_each_parser")


def test_both_parsers_read_the_same_plan() -> None:
    assert read_plan(merangin_bytes()).totals.slots == 151


def test_50_mb_are_refused_without_being_looked_at() -> None:
    data = b"[" * 50_000_000
    tracemalloc.start()
    try:
        ((place, message),) = errors_of(data)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert place == "berkas"
    assert message.startswith("Berkas lebih besar dari 1 MiB.")


def test_one_byte_too_many_is_too_many() -> None:
    assert read_plan(SMALL_PLAN.encode().ljust(yaml_nodes.MAX_BYTES, b"\n")).year == 2025
    assert errors_of(SMALL_PLAN.encode().ljust(yaml_nodes.MAX_BYTES + 1, b"\n"))[0][0] == "berkas"


def test_latin_1_is_not_utf_8() -> None:
    ((place, message),) = errors_of(SMALL_PLAN.replace("Bangko", "Bangk\xf3").encode("latin-1"))
    assert place == "baris 14"
    assert message.startswith("Berkas bukan teks UTF-8.")


def test_every_raw_control_character_is_named() -> None:
    errors = errors_of(broken_plan(("Bangko", "Bang\x00ko"), ("KETUA", "KE\x1bTUA")))
    assert [(place, message[:23]) for place, message in errors] == [
        ("baris 14", "Karakter kendali U+0000"),
        ("baris 16", "Karakter kendali U+001B"),
    ]


def test_every_anchor_and_alias_is_named() -> None:
    messages = [message for _, message in errors_of(BOMB)]
    assert sum(message.startswith("Jangkar YAML &") for message in messages) == 3
    assert sum(message.startswith("Rujukan YAML *") for message in messages) == 4


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!str", "!!binary", "!own", "!"])
def test_tags_are_refused(tag: str) -> None:
    ((place, message),) = errors_of(broken_plan(('"Bangko"', f'{tag} "Bangko"')))
    assert place == "baris 14"
    assert message.startswith("Tag YAML ")


@pytest.mark.parametrize("data", [b"[" * 100_000, b"{a: " * 100_000, b"- " * 100_000, b"? " * 100_000])
def test_deep_nesting_is_refused(data: bytes) -> None:
    assert errors_of(data)[-1][1].startswith("Susunan bertingkat lebih dari 12.")


def test_a_file_of_nothing_but_small_nodes_is_refused() -> None:
    assert errors_of(b"- a\n" * 250_000)[-1][1].startswith("Berkas berisi terlalu banyak unsur.")


@pytest.mark.parametrize(
    "data",
    [
        b"a: [1, 2",
        b"a: 'open",
        b"a: b: c",
        b"\ta: b",
        b"--- a\n--- b\n",
        b"%YAML 2.0\n---\na: b",
        b'a: "\\UFFFFFFFF"',
        b'a: "\\ud800"',
        b"%YAML 1." + b"9" * 5000 + b"\n---\na: b",
    ],
)
def test_broken_yaml_is_refused(data: bytes) -> None:
    assert errors_of(data)


def mutations(data: bytes) -> st.SearchStrategy[bytes]:
    """`data` with a few stretches of it cut out, doubled or overwritten."""
    snippets = st.one_of(
        st.binary(max_size=4),
        st.sampled_from(
            [b"&a ", b"*a", b"!!x ", b"[", b"{", b"\n", b"- ", b": ", b"no", b"~", b"'", b'"', b"%", b"\t"]
        ),
    )
    edit = st.tuples(st.integers(0, len(data)), st.integers(0, 40), snippets, st.booleans())
    return st.lists(edit, min_size=1, max_size=4).map(lambda edits: _edited(data, edits))


def _edited(data: bytes, edits: list[tuple[int, int, bytes, bool]]) -> bytes:
    for start, length, snippet, doubles in edits:
        kept = data[start : start + length] * 2 if doubles else b""
        data = data[:start] + snippet + kept + data[start + length :]
    return data


@given(mutations(SMALL_PLAN.encode()))
def test_a_mutated_file_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(PlanFileInvalid):
        assert read_plan(data).totals.areas >= 1


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert errors_of(data)
