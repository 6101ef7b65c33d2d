"""A second writer of evidence bundles, by `docs/bundle-format.md` alone: it shares no code with the portal.

A `Plan` says what the bag is about and holds hooks by which a test spoils one part of it before the rest is made, so
that everything else still fits, as it would if the portal itself lied.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from tests.verifiers.keys import SIGNER, Keys
from tests.verifiers.story import (
    MINUTES,
    NAMES,
    PLACE,
    ROADMAP,
    TEAM,
    UNIT,
    YEAR,
    Event,
    Evidence,
    File,
    Json,
    Leaf,
    canonical,
    foreign,
    history,
    system,
    uid,
    write_log,
)
from tests.verifiers.tree import inclusion_proof, root
from tests.verifiers.zip_writer import Archive, archive_of

Files = dict[str, bytes]
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
LOG, CHECKPOINT, HEADS, OPENINGS = "audit/log.jsonl", "audit/checkpoint", "audit/heads.jsonl", "audit/openings.jsonl"
PROOF, METADATA = "audit/seal.tlog-proof", "metadata/bukti.json"
SSH_SIGNATURE, ECDSA_SIGNATURE = f"sig/{TAG_MANIFEST}.sig", f"sig/{TAG_MANIFEST}.ecdsa"
TEXTS = {"I.1": "Tim kerja telah dibentuk", "I.2": "Rencana pembangunan telah disusun", "II.1": "SOP telah diterapkan"}


def _as_it_is(_: object) -> None:
    """The hook that spoils nothing."""


@dataclass(kw_only=True)
class Plan:
    """What a bag is made of. Hooks change what they are given, in place, right before it is used:

    `on_metadata` the object of bukti.json, `on_heads` and `on_openings` the objects of those lines, `on_seal` the data
    of the seal leaf, `on_lines` the lines of the log, `on_tags` the tag files before they are listed.
    """

    keys: Keys = SIGNER
    area: str | None = "I"
    indicator: str | None = None
    events: list[Event] = field(default_factory=history)
    between: list[Event] = field(default_factory=lambda: system(2, "login.ended"))
    after: list[Event] = field(default_factory=lambda: [*system(3, "bundle.downloaded"), *foreign(1)])
    evidence: tuple[Evidence, ...] = (TEAM, MINUTES, ROADMAP)
    left_out: int = 1
    note_sizes: tuple[int, ...] = (32, 70)
    on_metadata: Callable[[dict[str, Json]], object] = _as_it_is
    on_heads: Callable[[list[Json]], object] = _as_it_is
    on_openings: Callable[[list[Json]], object] = _as_it_is
    on_seal: Callable[[dict[str, Json]], object] = _as_it_is
    on_lines: Callable[[list[bytes]], object] = _as_it_is
    on_tags: Callable[[Files], object] = _as_it_is

    def holds(self, scope: str) -> bool:
        """Whether the bag is about this scope."""
        if self.indicator is not None:
            return scope == f"{PLACE}/{self.indicator}"
        return scope.startswith(f"{PLACE}/" if self.area is None else f"{PLACE}/{self.area}.")

    @property
    def payload(self) -> Files:
        return {file.path: file.content for item in self.evidence for file in item.files}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """A finished bag: its files by their path, and the checkpoint that was printed for it."""

    top: str
    files: Files
    printed: str
    keys: Keys

    def archive(self) -> Archive:
        """Its ZIP, still to be spoiled."""
        return archive_of((f"{self.top}/{path}", content) for path, content in sorted(self.files.items(), key=_rank))


def make_bag(plan: Plan | None = None) -> Bag:
    """The bag of a plan, listed and signed."""
    plan = plan or Plan()
    before = [*plan.events, *plan.between]
    read = write_log(plan.events)
    scope_leaves = [leaf for leaf in write_log(before) if plan.holds(leaf.event.scope)]
    heads = _document(_heads(scope_leaves), plan.on_heads)
    manifest = listing(plan.payload)
    seal = _seal_data(plan, manifest, heads, read)
    leaves = write_log([*before, Event(type="bundle.sealed", obj=uid("bundle"), data=seal), *plan.after])
    checkpoint = note(plan.keys, leaves)
    lines = list(_log_lines(plan, leaves, cuts={len(read), len(before), *plan.note_sizes}))
    plan.on_lines(lines)
    openings = _document(_openings(plan, scope_leaves), plan.on_openings)
    tags = {
        **_texts(),
        LOG: b"".join(line + b"\n" for line in lines),
        CHECKPOINT: checkpoint,
        **{f"audit/checkpoints/{size:012d}.txt": note(plan.keys, leaves[:size]) for size in plan.note_sizes},
        HEADS: heads,
        OPENINGS: openings,
        PROOF: _proof(len(before), leaves, checkpoint),
        "audit/keys.jsonl": _keys_history(plan.keys),
        METADATA: _metadata(plan, scope_leaves, leaves),
        "bag-info.txt": _bag_info(plan.payload, leaves),
        MANIFEST: manifest,
    }
    plan.on_tags(tags)
    files = {**plan.payload, **tags}
    relist(files)
    sign(files, plan.keys)
    top = f"bukti-zi_{UNIT.lower()}_{YEAR}_{len(leaves)}"
    return Bag(top=top, files=files, printed=f"{len(leaves)} {_root(leaves).hex()}", keys=plan.keys)


def listing(files: Mapping[str, bytes]) -> bytes:
    """A manifest of these files."""
    return b"".join(sha256(files[path]).hexdigest().encode() + f"  {path}\n".encode() for path in sorted(files))


def relist(files: Files) -> None:
    """Make the tag manifest fit the files again; the payload manifest is left as it is."""
    outside = ("data/", "sig/", TAG_MANIFEST, "fetch.txt")
    files[TAG_MANIFEST] = listing({path: data for path, data in files.items() if not path.startswith(outside)})


def relist_payload(files: Files) -> None:
    """Make the payload manifest fit the payload again."""
    files[MANIFEST] = listing({path: data for path, data in files.items() if path.startswith("data/")})


def sign(files: Files, keys: Keys) -> None:
    """All of `sig/`, over the tag manifest and the checkpoint as they are."""
    text = files[CHECKPOINT].partition(b"\n\n")[0] + b"\n"
    files[SSH_SIGNATURE] = keys.ssh_signature(files[TAG_MANIFEST])
    files[ECDSA_SIGNATURE] = keys.ecdsa_signature(files[TAG_MANIFEST])
    files["sig/checkpoint.body"] = text
    files["sig/checkpoint.ed25519"] = keys.raw_signature(text)


def note(keys: Keys, leaves: Sequence[Leaf]) -> bytes:
    """The signed checkpoint of a log of these leaves."""
    text = f"{keys.origin}\n{len(leaves)}\n{b64encode(_root(leaves)).decode()}\n".encode()
    return text + b"\n" + keys.note_line(text)


def _root(leaves: Sequence[Leaf]) -> bytes:
    return root([leaf.hash for leaf in leaves])


def _rank(member: tuple[str, bytes]) -> tuple[bool, str]:
    """Payload last."""
    return member[0].startswith("data/"), member[0]


def _document(lines: list[Json], spoil: Callable[[list[Json]], object]) -> bytes:
    spoil(lines)
    return b"".join(canonical(line) + b"\n" for line in lines)


def _heads(leaves: Iterable[Leaf]) -> list[Json]:
    counts: dict[str, int] = {}
    ends: dict[str, str] = {}
    for leaf in leaves:
        scope = leaf.event.scope
        counts[scope], ends[scope] = counts.get(scope, 0) + 1, leaf.hash.hex()
    return [{"leaf_hash": ends[scope], "scope": scope, "size": counts[scope]} for scope in sorted(counts)]


def _seal_data(plan: Plan, manifest: bytes, heads: bytes, read: Sequence[Leaf]) -> dict[str, Json]:
    data: dict[str, Json] = {
        "area_code": plan.area,
        "files": len(plan.payload),
        "heads_sha256": sha256(heads).hexdigest(),
        "indicator_code": plan.indicator,
        "left_out": plan.left_out,
        "log_root": _root(read).hex(),
        "log_size": len(read),
        "manifest_sha256": sha256(manifest).hexdigest(),
        "unit": UNIT,
        "year": YEAR,
    }
    plan.on_seal(data)
    return data


def _log_lines(plan: Plan, leaves: Sequence[Leaf], cuts: set[int]) -> Iterable[bytes]:
    """§3: each body as it is, everything between in the largest subtrees that span neither a body nor a cut."""
    sealed = max(leaf.seq for leaf in leaves if leaf.event.type == "bundle.sealed")
    shown = {leaf.seq for leaf in leaves if leaf.seq < sealed and plan.holds(leaf.event.scope)} | {sealed}
    at = 0
    while at < len(leaves):
        if at in shown:
            yield leaves[at].body
            at += 1
            continue
        size = 1
        while _may_span(at, size * 2, len(leaves), shown, cuts):
            size *= 2
        line: dict[str, Json] = {"h": _root(leaves[at : at + size]).hex()}
        yield canonical(line if size == 1 else {**line, "n": size})
        at += size


def _may_span(at: int, size: int, end: int, shown: set[int], cuts: set[int]) -> bool:
    inside = range(at, at + size)
    return at % size == 0 and at + size <= end and shown.isdisjoint(inside) and cuts.isdisjoint(inside[1:])


def _openings(plan: Plan, leaves: Iterable[Leaf]) -> list[Json]:
    named = {seq for item in plan.evidence for seq in _leaves_about(item, leaves)}
    return [
        {"field": name, "salt": leaf.openings[name][0], "seq": leaf.seq, "value": leaf.openings[name][1]}
        for leaf in leaves
        if leaf.seq in named
        for name in sorted(leaf.openings)
    ]


def _leaves_about(item: Evidence, leaves: Iterable[Leaf]) -> list[int]:
    files = {file.id for file in item.files}
    found = []
    for leaf in leaves:
        fact = leaf.event.data.get("fact")
        came = fact["file"] in files if isinstance(fact, dict) else leaf.event.rev == item.revision
        if leaf.event.obj == item.id and came and not leaf.event.type.endswith("_read"):
            found.append(leaf.seq)
    return found


def _proof(index: int, leaves: Sequence[Leaf], checkpoint: bytes) -> bytes:
    path = inclusion_proof(index, [leaf.hash for leaf in leaves])
    head = "".join(f"{line}\n" for line in ("c2sp.org/tlog-proof@v1", f"index {index}"))
    return head.encode() + b"".join(b64encode(node) + b"\n" for node in path) + b"\n" + checkpoint


def _keys_history(keys: Keys) -> bytes:
    known = (("checkpoint", keys.verifier_key), ("ecdsa", keys.ecdsa_pem), ("ssh", keys.ssh_public))
    lines: list[dict[str, Json]] = [
        {"from_size": 0, "key": key, "kind": kind, "until_size": None} for kind, key in known
    ]
    return b"".join(canonical(line) + b"\n" for line in lines)


def _bag_info(payload: Mapping[str, bytes], leaves: Sequence[Leaf]) -> bytes:
    oxum = f"{sum(map(len, payload.values()))}.{len(payload)}"
    lines = {
        "Source-Organization": "KPU Kabupaten Merangin",
        "Payload-Oxum": oxum,
        "Checkpoint-Size": len(leaves),
        "Checkpoint-Root": _root(leaves).hex(),
    }
    return "".join(f"{label}: {value}\n" for label, value in lines.items()).encode()


def _texts() -> Files:
    """Files of which a verifier reads nothing, or only that they are as always."""
    return {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "BACA-SAYA.txt": "Paket bukti – baca dahulu.\n".encode(),
        "index.html": b"<!doctype html><title>Paket bukti</title>",
        "metadata/bukti.schema.json": b"{}",
    }


def _metadata(plan: Plan, scope_leaves: Sequence[Leaf], leaves: Sequence[Leaf]) -> bytes:
    left_out: list[Json] = [
        {"classification": "terbatas", "evidence": plan.left_out, "rule": "restricted_only_if_granted"}
    ]
    named = {person for item in plan.evidence for person in (*item.contributors, *item.reviewers)}
    people: list[Json] = [{"id": person, "name": name} for person, name in sorted(NAMES.items()) if person in named]
    document: dict[str, Json] = {
        "areas": _areas(plan, scope_leaves),
        "format": "bukti-zi/bundle/2",
        "left_out": left_out if plan.left_out else [],
        "log": {"root": _root(leaves).hex(), "size": len(leaves)},
        "people": people,
        "plan": {"decree_date": "2026-01-02", "decree_number": "19/2026", "title": "Rencana aksi", "year": YEAR},
        "scope": {"area": plan.area, "indicator": plan.indicator},
        "sealed_at": next(leaf.at for leaf in leaves if leaf.event.type == "bundle.sealed"),
        "unit": {"code": UNIT, "name": "KPU Kabupaten Merangin"},
    }
    plan.on_metadata(document)
    return canonical(document)


def _areas(plan: Plan, leaves: Sequence[Leaf]) -> list[Json]:
    codes = sorted({item.indicator.partition(".")[0] for item in plan.evidence})
    return [
        {
            "code": code,
            "components": [{"indicators": _indicators(plan, code, leaves), "name": "Pemenuhan", "number": 1}],
            "name": f"Area {code}",
            "official_name": f"Area Perubahan {code}",
        }
        for code in codes
    ]


def _indicators(plan: Plan, area: str, leaves: Sequence[Leaf]) -> list[Json]:
    codes = sorted({item.indicator for item in plan.evidence if item.indicator.startswith(f"{area}.")})
    return [
        {
            "code": code,
            "requirements": [_requirement(item, leaves) for item in plan.evidence if item.indicator == code],
            "scope": f"{PLACE}/{code}",
            "target": "100%",
            "text": TEXTS[code],
        }
        for code in codes
    ]


def _requirement(item: Evidence, leaves: Sequence[Leaf]) -> Json:
    return {
        "classification": item.classification,
        "evidence": [_evidence(item, leaves)],
        "position": item.position,
        "text": item.requirement,
    }


def _evidence(item: Evidence, leaves: Sequence[Leaf]) -> Json:
    own = [leaf for leaf in leaves if leaf.event.obj == item.id and leaf.event.rev == item.revision]
    submitted = next(leaf for leaf in own if leaf.event.type == "evidence.submitted")
    return {
        "decisions": [_decision(item, leaf) for leaf in own if leaf.event.type == "evidence.approved"],
        "digest": item.digest,
        "digest_salt": item.salt,
        "document_date": item.document_date,
        "files": [_file(file) for file in item.files],
        "id": item.id,
        "leaves": list(_leaves_about(item, leaves)),
        "links": [{"id": link.id, "note": link.note, "url": link.url} for link in item.links],
        "months": list(item.months),
        "note": item.note,
        "revision": item.revision,
        "submitted_at": submitted.at,
        "submitted_by": submitted.event.actor,
    }


def _file(file: File) -> Json:
    entry: dict[str, Json] = {
        "id": file.id,
        "media_type": "application/pdf",
        "name": file.name,
        "path": file.path,
        "sha256": sha256(file.content).hexdigest(),
        "size": len(file.content),
        "uploader": file.uploader,
    }
    return entry if file.redacts is None else {**entry, "redacts": file.redacts}


def _decision(item: Evidence, leaf: Leaf) -> Json:
    data = leaf.event.data
    return {
        "at": leaf.at,
        "digest": item.digest,
        "id": data["decision"],
        "membership": data["membership"],
        "note": leaf.event.texts["note"],
        "reviewer": leaf.event.actor,
        "tier": data["tier"],
        "verdict": "approve",
    }
