"""Turns untrusted bytes into a small, plain YAML tree that remembers its lines.

Whatever could make a parser work hard or construct something (size, depth, aliases, tags) is refused before a tree is
built. What the tree means is not known here: that is `reader.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import yaml

from portal.services.plan_file.errors import Findings, PlanError, PlanFileInvalid

# libyaml reads ten times faster; where PyYAML was built without it, its own parser gives the same tree.
if yaml.__with_libyaml__:
    _Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = yaml.CSafeLoader
else:
    _Loader = yaml.SafeLoader

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 12
MAX_EVENTS = 200_000

_TOO_LARGE = "Berkas lebih besar dari 1 MiB. Pastikan ini berkas rencana aksi."
_NOT_UTF8 = "Berkas bukan teks UTF-8. Simpan ulang dengan pengodean UTF-8."
_TOO_DEEP = f"Susunan bertingkat lebih dari {MAX_DEPTH}. Ikuti susunan contoh rencana aksi."
_TOO_MANY = "Berkas berisi terlalu banyak unsur. Pastikan ini berkas rencana aksi."

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


def compose(data: bytes) -> yaml.Node:
    """The root node of the one document in `data`; raises PlanFileInvalid."""
    text = _decode(data)
    try:
        _refuse_hard_work(yaml.parse(text, Loader=_Loader))
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    # PyYAML lets int() and chr() complain on their own about absurd numbers in directives and escapes.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise PlanFileInvalid((_broken(error),)) from error
    if node is None:
        raise PlanFileInvalid((PlanError("baris 1", "Berkas kosong. Pilih berkas rencana aksi yang berisi."),))
    return node


def line_of(node: yaml.Node | yaml.Event) -> int:
    """The line on which the node begins, counted from 1."""
    mark = node.start_mark
    return int(mark.line) + 1 if mark else 1


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise PlanFileInvalid((PlanError("berkas", _TOO_LARGE),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PlanFileInvalid((PlanError(f"baris {line}", _NOT_UTF8),)) from error
    _refuse_control_characters(text)
    return text


def _refuse_control_characters(text: str) -> None:
    findings = Findings()
    for line, content in enumerate(text.split("\n"), start=1):
        for character in sorted(set(_CONTROL.findall(content))):
            findings.add(path="", line=line, message=f"Karakter kendali U+{ord(character):04X} tidak boleh ada. Hapus.")
    findings.refuse()


def _refuse_hard_work(events: Iterable[yaml.Event]) -> None:
    """Walk the events, which are made one at a time and without recursion, and refuse what a plan never needs."""
    findings = Findings()
    depth = 0
    for count, event in enumerate(events):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        for message in _complaints(event):
            findings.add(path="", line=line_of(event), message=message)
        if depth > MAX_DEPTH or count > MAX_EVENTS:
            findings.add(path="", line=line_of(event), message=_TOO_DEEP if depth > MAX_DEPTH else _TOO_MANY)
            break
    findings.refuse()


def _complaints(event: yaml.Event) -> Iterable[str]:
    if isinstance(event, yaml.AliasEvent):
        yield f"Rujukan YAML *{event.anchor} tidak diterima. Tulis isinya di sini."
    elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
        yield f"Jangkar YAML &{event.anchor} tidak diterima. Hapus tandanya."
    if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
        yield f"Tag YAML {event.tag} tidak diterima. Hapus tandanya."


def _broken(error: Exception) -> PlanError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or error
    place = f"baris {mark.line + 1}" if mark else "berkas"
    return PlanError(place, f"Susunan YAML rusak di sini ({problem}). Perbaiki lalu impor lagi.")
