"""Attacks on the seal leaf and its proof: the portal commits to something else than what is in the bag."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from tests.verifiers.bag_maker import PROOF, Bag, Plan
from tests.verifiers.mutations.mutation import Mutation, edit, mutation, planned, put, resigned
from tests.verifiers.story import Json

_WRONG: tuple[tuple[str, Json], ...] = (
    ("manifest_sha256", "0" * 64),
    ("heads_sha256", "0" * 64),
    ("unit", "KPU-1503"),
    ("year", 2027),
    ("area_code", "II"),
    ("area_code", None),
    ("indicator_code", "I.1"),
    ("log_size", -1),
    ("log_size", 10_000),
    ("log_size", True),
    ("log_root", "0" * 64),
    ("files", 4),
    ("left_out", 0),
    ("left_out", "1"),
)


def _seal(spoil: Callable[[dict[str, Json]], object]) -> Callable[[Bag], Bag]:
    return planned(lambda: Plan(on_seal=spoil))


def _but(name: str, value: Json) -> Callable[[dict[str, Json]], object]:
    return lambda data: data.update({name: value})


def _without(name: str) -> Callable[[dict[str, Json]], object]:
    return lambda data: data.pop(name)


def _proof(old: bytes, new: bytes) -> Callable[[Bag], Bag]:
    return resigned(edit(PROOF, old, new))


def _other_type(lines: list[bytes]) -> None:
    at = next(n for n, line in enumerate(lines) if b'"bundle.sealed"' in line)
    lines[at] = lines[at].replace(b"bundle.sealed", b"bundle.opened")


_NODE = b64encode(bytes(32)) + b"\n"

SEALINGS: tuple[Mutation, ...] = (
    *(mutation(f"seal with {name} {value}", _seal(_but(name, value)), "seal") for name, value in _WRONG),
    *(
        mutation(f"seal without {name}", _seal(_without(name)), "seal")
        for name in ("manifest_sha256", "unit", "indicator_code", "log_size", "left_out")
    ),
    mutation("seal of a log size that a subtree spans", _seal(_but("log_size", 1)), "log"),
    mutation("no seal leaf", planned(lambda: Plan(on_lines=_other_type)), "seal", "checkpoint"),
    mutation("proof with one hash more", _proof(b"\n\n", b"\n" + _NODE + b"\n"), "seal"),
    mutation("proof of another leaf", _proof(b"index 1", b"index 2"), "seal"),
    mutation("proof of a leaf beyond the log", _proof(b"index 1", b"index 9991"), "seal"),
    mutation("proof with another checkpoint", _proof(b"\n\nbukti-zi", b"\n\nbukti-za"), "seal"),
    mutation("proof of another kind", _proof(b"@v1", b"@v2"), "seal"),
    mutation("proof that is empty", resigned(put(PROOF, b"")), "seal"),
    mutation("proof that is no UTF-8", resigned(put(PROOF, b"\xff\0")), "seal"),
    mutation(
        "proof of a million hashes",
        resigned(put(PROOF, b"c2sp.org/tlog-proof@v1\nindex 0\n" + _NODE * 100_000)),
        "seal",
    ),
)
