"""Attacks on the log and on what stands on it, by somebody who has the keys of the bag and signs again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from tests.verifiers.bag_maker import CHECKPOINT, HEADS, LOG, OPENINGS, PROOF, Bag, Files, Plan, relist, sign
from tests.verifiers.keys import SIGNER, STRANGER, Keys
from tests.verifiers.mutations.mutation import (
    Mutation,
    both,
    drop,
    edit,
    good,
    mutation,
    planned,
    put,
    relisted,
    resigned,
)
from tests.verifiers.story import (
    FOREIGN,
    LEAD,
    MINUTES,
    PLACE,
    REVIEWER,
    ROADMAP,
    SECRET,
    TEAM,
    Event,
    Json,
    canonical,
    uid,
    write_log,
)

_NOTE = "audit/checkpoints/000000000032.txt"
_FIRST_BODY = b'{"ev":'


def _lines(spoil: Callable[[list[bytes]], object]) -> Callable[[Bag], Bag]:
    """The lines of the log changed."""

    def change(files: Files) -> None:
        lines = files[LOG].splitlines(keepends=True)
        spoil(lines)
        files[LOG] = b"".join(lines)

    return resigned(change)


def _body(nth: int, spoil: Callable[[bytes], bytes]) -> Callable[[Bag], Bag]:
    """The nth of the bodies changed, counted from 0 or from the end."""

    def change(lines: list[bytes]) -> None:
        at = [n for n, line in enumerate(lines) if line.startswith(_FIRST_BODY)][nth]
        lines[at] = spoil(lines[at])

    return _lines(change)


def _object(nth: int, spoil: Callable[[Any], object]) -> Callable[[Bag], Bag]:
    """The object of a body changed, and written canonically again."""

    def change(line: bytes) -> bytes:
        body = json.loads(line)
        spoil(body)
        return canonical(body) + b"\n"

    return _body(nth, change)


def _event(nth: int, key: str, value: str) -> Callable[[Bag], Bag]:
    return _object(nth, lambda body: body["ev"].update({key: value}))


def _hash_line(spoil: Callable[[Any], object], *, subtree: bool) -> Callable[[Bag], Bag]:
    """The first line of a bare hash changed."""

    def change(lines: list[bytes]) -> None:
        at = next(n for n, line in enumerate(lines) if line.startswith(b'{"h"') and (b'"n"' in line) is subtree)
        value = json.loads(lines[at])
        spoil(value)
        lines[at] = canonical(value) + b"\n"

    return _lines(change)


def _approver(line: bytes) -> bytes:
    assert REVIEWER.encode() in line
    return line.replace(REVIEWER.encode(), LEAD.encode())


def _remove_body(lines: list[bytes]) -> None:
    lines.remove(next(line for line in lines if line.startswith(_FIRST_BODY)))


def _swap_bodies(lines: list[bytes]) -> None:
    at = next(n for n, line in enumerate(lines) if line.startswith(_FIRST_BODY))
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def _replay(bag: Bag) -> Bag:
    """An earlier checkpoint in place of the bag's own."""
    return resigned(lambda files: files.__setitem__(CHECKPOINT, files["audit/checkpoints/000000000070.txt"]))(bag)


def _renoted(text: bytes, keys: Keys = SIGNER, *, path: str = CHECKPOINT) -> Callable[[Files], object]:
    """Another text of a note, signed, in the proof as well."""

    def spoil(files: Files) -> None:
        made = text + b"\n" + keys.note_line(text)
        files[PROOF] = files[PROOF].replace(files[path], made)
        files[path] = made

    return spoil


def _note(spoil: Callable[[bytes], bytes]) -> Callable[[Bag], Bag]:
    """The checkpoint's bytes changed, the proof with them."""

    def change(files: Files) -> None:
        made = spoil(files[CHECKPOINT])
        files[PROOF] = files[PROOF].replace(files[CHECKPOINT], made)
        files[CHECKPOINT] = made

    return resigned(change)


def _other_origin(bag: Bag) -> Bag:
    """All by the same person under another name, which the auditor's key does not bear."""
    keys = replace(SIGNER, origin="bukti-zi.kpu-9999/log")
    files = dict(bag.files)
    text = b"\n".join([keys.origin.encode(), *files[CHECKPOINT].split(b"\n")[1:3], b""])
    _renoted(text, keys)(files)
    relist(files)
    sign(files, keys)
    return replace(bag, files=files)


def _second_signature(files: Files) -> None:
    """A further signature by a key that nobody gave to the verifier."""
    text = files[CHECKPOINT].partition(b"\n\n")[0] + b"\n"
    old = files[CHECKPOINT]
    files[CHECKPOINT] = old + replace(STRANGER, origin="saksi.example").note_line(text)
    files[PROOF] = files[PROOF].replace(old, files[CHECKPOINT])


def _deep(_: bytes) -> bytes:
    return b'{"ev":' + b"[" * 30_000 + b"]" * 30_000 + b"}\n"


def _heads(spoil: Callable[[list[Json]], object]) -> Callable[[Bag], Bag]:
    return planned(lambda: Plan(on_heads=spoil))


def _openings(spoil: Callable[[list[Json]], object]) -> Callable[[Bag], Bag]:
    return planned(lambda: Plan(on_openings=spoil))


def _changed(index: int, **values: Json) -> Callable[[list[Json]], object]:
    """Fields of one object of a document."""

    def spoil(lines: list[Json]) -> None:
        line = lines[index]
        assert isinstance(line, dict)
        lines[index] = {**line, **values}

    return spoil


def _spanning(cut: int) -> Callable[[], Plan]:
    """A log whose lines join across a cut: two subtrees become one."""

    def spoil(lines: list[bytes]) -> None:
        at = 0
        for n, line in enumerate(lines):
            size = json.loads(line).get("n", 1)
            if at == cut:
                left, right = json.loads(lines[n - 1]), json.loads(line)
                assert left["n"] == right["n"]
                both = sha256(b"\1" + bytes.fromhex(left["h"]) + bytes.fromhex(right["h"])).hexdigest()
                lines[n - 1 : n + 1] = [canonical({"h": both, "n": 2 * left["n"]})]
                return
            at += size
        raise AssertionError("no line begins at the cut")

    events = [Event(type="login.succeeded", obj=uid(f"{n}")) for n in range(32)]
    return lambda: Plan(events=[*events, *Plan().events], note_sizes=(cut,), on_lines=spoil)


def _nested(depth: int) -> Json:
    """A list in a list in a list."""
    value: Json = []
    for _ in range(depth):
        value = [value]
    return value


def _by(keys: Keys, note: bytes) -> bytes:
    """The same note, signed by somebody else only."""
    text = note.partition(b"\n\n")[0] + b"\n"
    return text + b"\n" + keys.note_line(text)


def _later(files: Files) -> None:
    """A true note of the same log when it had grown."""
    text = f"{SIGNER.origin}\n999\n{'A' * 43}=\n".encode()
    files["audit/checkpoints/000000000999.txt"] = text + b"\n" + SIGNER.note_line(text)


def _foreign_opening(lines: list[Json]) -> None:
    """An opening, and a true one, of a leaf that no evidence of the bag names."""
    leaf = next(leaf for leaf in write_log(Plan().events) if leaf.event.obj == SECRET.id and leaf.openings)
    name, (salt, value) = next(iter(leaf.openings.items()))
    lines.append({"field": name, "salt": salt, "seq": leaf.seq, "value": value})
    lines.sort(key=_place)


def _place(line: Any) -> tuple[int, str]:
    return line["seq"], line["field"]


def _show_system_leaf(lines: list[bytes]) -> None:
    """A true leaf of no indicator in place of its hash."""
    at = next(n for n, line in enumerate(lines) if line.startswith(b'{"h"') and b'"n"' not in line)
    seq = sum(json.loads(line).get("n", 1) for line in lines[:at])
    lines[at] = write_log(Plan().events)[seq].body
    assert b'"scope":"sys"' in lines[at]


def _wider() -> Plan:
    """The whole unit's trail in a bag that claims to be of one area."""

    def narrow(document: Any) -> None:
        document["scope"]["area"] = "I"

    return Plan(area=None, left_out=2, on_metadata=narrow, on_seal=lambda data: data.update(area_code="I"))


def _nowhere() -> Plan:
    """A chain that belongs to no indicator."""
    events = [*Plan().events, Event(type="plan.noted", obj=uid("x"), scope=f"{PLACE}/")]
    return Plan(area=None, evidence=(TEAM, MINUTES, ROADMAP, FOREIGN), events=events)


def _unsealed() -> Plan:
    """The last body is of an indicator, and asks for a root as a seal does."""

    def hide(lines: list[bytes]) -> None:
        at = next(n for n, line in enumerate(lines) if b'"bundle.sealed"' in line)
        lines[at] = canonical({"h": "0" * 64})

    return Plan(events=[*Plan().events, TEAM.event("noted", log_size=1)], on_lines=hide)


def _signed_as(name: str) -> Callable[[Files], object]:
    """A further signature of the checkpoint, by somebody of this name."""

    def spoil(files: Files) -> None:
        old = files[CHECKPOINT]
        files[CHECKPOINT] = old + f"— {name} AAAAAAAAAAAA\n".encode()
        files[PROOF] = files[PROOF].replace(old, files[CHECKPOINT])

    return spoil


_LONG = b'{"h":"' + b"0" * 70_000
_ALTERED = ("checkpoint", "chain", "seal")
_NO_UTF8 = b'{"ev":"\xff\xfe"}\n'

LOGS: tuple[Mutation, ...] = (
    mutation("leaf altered", _body(1, lambda b: b.replace(b'"crc32":"0', b'"crc32":"1')), *_ALTERED),
    mutation("leaf altered, nothing signed", relisted(edit(LOG, b'"crc32":"0', b'"crc32":"1')), *_ALTERED, "signature"),
    mutation("approval by somebody else", _body(5, _approver), *_ALTERED, "metadata"),
    mutation(
        "foreign leaf's hash altered", _hash_line(lambda v: v.update(h="0" * 64), subtree=False), "checkpoint", "seal"
    ),
    mutation(
        "foreign subtree's hash altered", _hash_line(lambda v: v.update(h="0" * 64), subtree=True), "checkpoint", "seal"
    ),
    mutation("leaf removed", _lines(_remove_body), "log"),
    mutation("leaf doubled", _lines(lambda lines: lines.insert(5, lines[5])), "log"),
    mutation("leaves swapped", _lines(_swap_bodies), "log"),
    mutation(
        "leaf replaced by its hash",
        _body(1, lambda _: canonical({"h": "0" * 64}) + b"\n"),
        *_ALTERED,
        "metadata",
        "opening",
    ),
    mutation("foreign subtree removed", _lines(lambda lines: lines.pop(0)), "log"),
    mutation("log cut by its last line", _lines(lambda lines: lines.pop()), "checkpoint"),
    mutation(
        "log longer than the checkpoint",
        _lines(lambda lines: lines.append(canonical({"h": "0" * 64}) + b"\n")),
        "checkpoint",
    ),
    mutation("log without the last line break", _lines(lambda lines: lines.append(lines.pop()[:-1])), "log"),
    mutation("log with an empty line", _lines(lambda lines: lines.insert(1, b"\n")), "log"),
    mutation("log with CRLF", _lines(lambda lines: lines.insert(0, lines.pop(0)[:-1] + b"\r\n")), "log"),
    mutation(
        "log with a byte order mark", _lines(lambda lines: lines.insert(0, b"\xef\xbb\xbf" + lines.pop(0))), "log"
    ),
    mutation("log of NULs", resigned(put(LOG, bytes(100_000))), "log"),
    mutation("log that is no UTF-8", _body(1, lambda _: _NO_UTF8), "log"),
    mutation("log with a line of 70,000 characters", _lines(lambda lines: lines.insert(0, _LONG + b'"}\n')), "log"),
    mutation("log that is one line without end", resigned(put(LOG, b" " * (1 << 22))), "log"),
    mutation("leaf with a space", _body(1, lambda b: b.replace(b'"iseq":1', b'"iseq": 1')), "log"),
    mutation("leaf with a key twice", _body(1, lambda b: b.replace(b'"iseq":1', b'"iseq":1,"iseq":1')), "log"),
    mutation(
        "leaf with its keys in another order",
        _body(1, lambda b: b.replace(b',"v":1}', b"}").replace(b'{"ev"', b'{"v":1,"ev"')),
        "log",
    ),
    mutation("leaf with an escape that needs none", _body(1, lambda b: b.replace(b'"data"', b'"\\u0064ata"')), "log"),
    mutation("leaf with a fraction", _body(1, lambda b: b.replace(b'"iseq":1', b'"iseq":1.0')), "log"),
    mutation("leaf with an exponent", _body(1, lambda b: b.replace(b'"iseq":1', b'"iseq":1e0')), "log"),
    mutation("leaf with minus zero", _body(0, lambda b: b.replace(b'"iseq":0', b'"iseq":-0')), "log"),
    mutation(
        "leaf with a number of 400 digits", _body(1, lambda b: b.replace(b'"rev":1', b'"rev":' + b"9" * 400)), "log"
    ),
    mutation("leaf with the number 2^53", _object(1, lambda o: o["ev"].update(rev=2**53)), "log"),
    mutation("leaf with NaN", _body(1, lambda b: b.replace(b'"iseq":1', b'"iseq":NaN')), "log"),
    mutation("leaf with true for a number", _body(1, lambda b: b.replace(b'"iseq":1', b'"iseq":true')), "log"),
    mutation(
        "leaf with half a surrogate pair", _body(1, lambda b: b.replace(b'"role":null', b'"role":"\\ud800"')), "log"
    ),
    mutation("leaf with a capital in a key", _object(1, lambda o: o["ev"]["data"].update(Kunci=1)), "log"),
    mutation("leaf nested 30,000 deep", _body(1, _deep), "log"),
    mutation("leaf nested 33 deep", _object(1, lambda o: o["ev"]["data"].update(x=_nested(40))), "log"),
    mutation("leaf of another version", _object(1, lambda o: o.update(v=2)), "log"),
    mutation("leaf with a further key", _object(1, lambda o: o.update(x=1)), "log"),
    mutation("leaf without its place in the scope", _object(1, lambda o: o.pop("iseq")), "log"),
    mutation("leaf that is a list", _body(1, lambda _: b"[]\n"), "log"),
    mutation("leaf at another place of the scope", _object(1, lambda o: o.update(iseq=7)), *_ALTERED),
    mutation("leaf after another one", _object(1, lambda o: o.update(iprev="0" * 64)), *_ALTERED),
    mutation("hash in capitals", _hash_line(lambda v: v.update(h=str(v["h"]).upper()), subtree=False), "log"),
    mutation("hash of 31 bytes", _hash_line(lambda v: v.update(h=str(v["h"])[2:]), subtree=False), "log"),
    mutation("hash with a further key", _hash_line(lambda v: v.update(x=1), subtree=False), "log"),
    mutation("subtree of one leaf", _hash_line(lambda v: v.update(n=1), subtree=False), "log"),
    mutation("subtree of 3 leaves", _hash_line(lambda v: v.update(n=3), subtree=True), "log"),
    mutation("subtree of 0 leaves", _hash_line(lambda v: v.update(n=0), subtree=True), "log"),
    mutation("subtree of a negative number of leaves", _hash_line(lambda v: v.update(n=-16), subtree=True), "log"),
    mutation("subtree that is not aligned", _hash_line(lambda v: v.update(n=1 << 50), subtree=False), "log"),
    mutation("subtree that spans a cut", planned(_spanning(16)), "log"),
    mutation("a system leaf shown", planned(lambda: Plan(on_lines=_show_system_leaf)), "log"),
    mutation("a scope shown that the seal does not name", planned(_wider), "seal", "metadata"),
    *(
        mutation(f"a leaf whose {name}", _event(1, key, value), "log")
        for name, key, value in (
            ("scope is long", "scope", "x" * 201),
            ("scope is not ASCII", "scope", "KPU-1502/2026/I.\ue000"),
            ("object has a space", "obj", "a b"),
            ("actor is empty", "actor", ""),
        )
    ),
    mutation("a scope without an indicator", planned(_nowhere), "seal"),
    mutation("no seal, and a size that a subtree spans", planned(_unsealed), "seal", "checkpoint"),
    *(
        mutation(f"checkpoint with a further signature of {name}", resigned(_signed_as(signer)), "checkpoint")
        for name, signer in (("a control character", "a\x85b"), ("a byte order mark", "a\ufeffb"), ("é", "é"))
    ),
    mutation("checkpoint replayed", _replay, "checkpoint", "seal", "metadata"),
    mutation(
        "checkpoint of the same size with another root",
        resigned(_renoted(b"bukti-zi.kpu-1502/log\n109\n" + b"A" * 43 + b"=\n")),
        "checkpoint",
        "seal",
        "metadata",
    ),
    mutation("checkpoint under another name", _other_origin, "checkpoint", "checkpoint_signature"),
    good("checkpoint with a further signature", resigned(_second_signature)),
    *(
        mutation(f"checkpoint that is none: {name}", _note(spoil), "checkpoint")
        for name, spoil in {
            "empty": lambda _: b"",
            "no signature": lambda n: n.partition(b"\n\n")[0] + b"\n\n",
            "no empty line": lambda n: n.replace(b"\n\n", b"\n"),
            "a further line": lambda n: n.replace(b"\n\n", b"\nlagi\n\n"),
            "a size with a leading zero": lambda n: n.replace(b"\n109\n", b"\n0109\n"),
            "a size of a million digits": lambda n: n.replace(b"\n109\n", b"\n" + b"9" * 1_000_000 + b"\n"),
            "a root of 31 bytes": lambda n: n.replace(b"\n109\n", b"\n109\nAAAA"),
            "CRLF": lambda n: n.replace(b"\n", b"\r\n"),
            "not UTF-8": lambda n: n.replace(b"\n109\n", b"\n\xff\n"),
            "a signature that is no base64": lambda n: n[:-10] + b"%%%%\n",
            "a signature of 3 bytes": lambda n: n.rpartition(b" ")[0] + b" AAAA\n",
            "no last line break": lambda n: n[:-1],
        }.items()
    ),
    mutation(
        "checkpoint whose signature is of something else",
        _note(lambda n: n.partition(b"\n\n")[0] + b"\n\n" + SIGNER.note_line(b"x")),
        "checkpoint_signature",
        "checkpoint",
    ),
    mutation(
        "earlier note of a fork",
        resigned(_renoted(b"bukti-zi.kpu-1502/log\n32\n" + b"A" * 43 + b"=\n", path=_NOTE)),
        "checkpoint",
    ),
    mutation(
        "earlier note with a wrong signature",
        resigned(lambda f: f.__setitem__(_NOTE, f[_NOTE].partition(b"\n\n")[0] + b"\n\n" + SIGNER.note_line(b"x"))),
        "checkpoint_signature",
    ),
    good("earlier note by a key that is not given", resigned(lambda f: f.__setitem__(_NOTE, _by(STRANGER, f[_NOTE])))),
    mutation(
        "earlier note of another log",
        resigned(_renoted(b"lain\n32\n" + b"A" * 43 + b"=\n", replace(SIGNER, origin="lain"), path=_NOTE)),
        "checkpoint",
    ),
    mutation(
        "earlier note under another size",
        resigned(both(lambda f: f.__setitem__(_NOTE.replace("32", "33"), f[_NOTE]), drop(_NOTE))),
        "checkpoint",
    ),
    mutation("earlier note that is none", resigned(put(_NOTE, b"\xff\0")), "checkpoint"),
    mutation("earlier note under another kind of name", resigned(put("audit/checkpoints/x.txt", b"")), "checkpoint"),
    mutation("note later than the checkpoint", resigned(_later), "checkpoint"),
    mutation("heads without a scope", _heads(lambda lines: lines.pop()), "chain"),
    mutation("heads with another length", _heads(_changed(0, size=3)), "chain"),
    mutation("heads with another hash", _heads(_changed(0, leaf_hash="0" * 64)), "chain"),
    mutation("heads with a scope twice", _heads(lambda lines: lines.append(lines[-1])), "chain"),
    mutation("heads out of order", _heads(lambda lines: lines.reverse()), "chain"),
    mutation("heads with a further key", _heads(_changed(0, x=1)), "chain"),
    mutation(
        "heads of a foreign scope",
        _heads(lambda lines: lines.append({"leaf_hash": "0" * 64, "scope": "KPU-9999/2026/I.1", "size": 1})),
        "chain",
        "seal",
    ),
    mutation("heads altered", resigned(edit(HEADS, b'"size":1', b'"size":2')), "chain", "seal"),
    mutation("heads that are no JSON", resigned(put(HEADS, b"\xff\0\n")), "chain", "seal"),
    mutation("opening with another text", _openings(_changed(0, value="Lain.pdf")), "opening", "metadata"),
    mutation("opening with another salt", _openings(_changed(0, salt="0" * 32)), "opening", "metadata"),
    mutation("opening with half a salt", _openings(_changed(0, salt="00")), "opening"),
    mutation("opening removed", _openings(lambda lines: lines.pop()), "metadata"),
    mutation("opening twice", _openings(lambda lines: lines.insert(0, lines[0])), "opening"),
    mutation("openings out of order", _openings(lambda lines: lines.reverse()), "opening"),
    mutation(
        "opening of where a request came from",
        _openings(lambda lines: lines.append({"field": "ip", "salt": "0" * 32, "seq": 99999, "value": "::1"})),
        "opening",
    ),
    mutation("opening of a leaf outside the evidence", _openings(_foreign_opening), "opening"),
    mutation("openings that are no JSON", resigned(put(OPENINGS, b"{}\n\xff")), "opening"),
)
