"""What happened in a made-up office: the evidence of a few indicators and the events that the trail holds of it.

Everything is spelled as `docs/bundle-format.md` spells it, without the portal's own types, so that a bag made of it is
a second reading of that page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeAlias
from uuid import NAMESPACE_URL, uuid5

from tests.verifiers.tree import leaf_hash

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

UNIT, YEAR = "KPU-1502", 2026
PLACE = f"{UNIT}/{YEAR}"


def uid(name: str) -> str:
    """The id of a named thing of this office."""
    return str(uuid5(NAMESPACE_URL, f"https://kpu-1502.example/{name}"))


def canonical(value: Json) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


SENDER, COLLEAGUE, REVIEWER, LEAD = (uid(name) for name in ("siti", "budi", "hendra", "dewi"))
NAMES = {SENDER: "Siti Rahmawati", COLLEAGUE: "Budi Santoso", REVIEWER: "Hendra Gunawan", LEAD: "Dewi Lestari"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event before it has a place in the log: `data` stands openly in the leaf, `texts` as commitments."""

    type: str
    obj: str
    scope: str = "sys"
    actor: str = SENDER
    rev: int | None = None
    data: Mapping[str, Json] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """An event in its place: the exact bytes, their leaf hash, and salt and text behind each commitment."""

    event: Event
    seq: int
    at: str
    body: bytes
    openings: Mapping[str, tuple[str, str]]

    @property
    def hash(self) -> bytes:
        return leaf_hash(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of an evidence; `path` is where it lies in the bag, `reused` that somebody sent it for another one,
    `redacts` the SHA-256 of the file that it is the redacted copy of.
    """

    key: str
    name: str
    content: bytes
    path: str
    uploader: str = SENDER
    reused: bool = False
    redacts: str | None = None

    @property
    def id(self) -> str:
        return uid(f"file {self.key}")

    @property
    def fact(self) -> dict[str, Json]:
        """As leaves state it."""
        return {
            "crc32": "0" * 8,
            "file": self.id,
            "media_type": "application/pdf",
            "sha256": sha256(self.content).hexdigest(),
            "size": len(self.content),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    url: str
    note: str

    @property
    def id(self) -> str:
        return uid(f"link {self.url}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """An approved revision. `reviewers` approved it in this order, the last one finally; `begun_as` is the class under
    which it was begun, where that was another one.
    """

    key: str
    indicator: str
    requirement: str
    position: int = 1
    revision: int = 1
    classification: str = "biasa"
    begun_as: str = ""
    files: tuple[File, ...] = ()
    links: tuple[Link, ...] = ()
    months: tuple[str, ...] = ("2026-01-01",)
    document_date: str | None = "2026-01-20"
    note: str = "Sudah ditandatangani – lengkap."
    submitted_by: str = SENDER
    reviewers: tuple[str, ...] = (REVIEWER,)
    verdict_note: str = "Sesuai."

    @property
    def id(self) -> str:
        return uid(f"evidence {self.key}")

    @property
    def scope(self) -> str:
        return f"{PLACE}/{self.indicator}"

    @property
    def salt(self) -> str:
        return sha256(f"salt of {self.key}".encode()).hexdigest()[:32]

    @property
    def digest(self) -> str:
        """§6, item 6."""
        files: list[Json] = [
            {
                key: value
                for key, value in {**file.fact, "name": file.name, "redacts": file.redacts}.items()
                if key not in {"crc32", "file"} and value is not None
            }
            for file in self.files
        ]
        content: dict[str, Json] = {
            "document_date": self.document_date,
            "files": files,
            "format": "bukti-zi/revision/1",
            "links": [{"note": link.note, "url": link.url} for link in self.links],
            "months": list(self.months),
            "note": self.note,
            "requirement": self.requirement,
            "salt": self.salt,
        }
        return sha256(canonical(content)).hexdigest()

    def event(
        self, kind: str, *, actor: str | None = None, texts: Mapping[str, str] | None = None, **data: Json
    ) -> Event:
        return Event(
            type=f"evidence.{kind}",
            obj=self.id,
            scope=self.scope,
            actor=actor or self.submitted_by,
            rev=self.revision,
            data=data,
            texts=texts or {},
        )

    def started(self) -> Event:
        begun_as = self.begun_as or self.classification
        return self.event("started", requirement=uid(self.requirement), classification=begun_as)

    def sent(self) -> Iterator[Event]:
        """Each file and link, as it came into this draft."""
        for file in self.files:
            texts = {"name": file.name}
            if file.reused:
                yield self.event("file_reused", texts=texts, fact=file.fact, uploader=file.uploader)
            else:
                place: dict[str, Json] = {"object_key": uid(f"key {file.key}"), "version_id": None}
                yield self.event("file_uploaded", actor=file.uploader, texts=texts, fact=file.fact, **place)
        for link in self.links:
            yield self.event("link_added", texts={"url": link.url, "note": link.note}, link=link.id)

    @property
    def contributors(self) -> list[Json]:
        """Everybody who had a hand in it, sorted."""
        return [*sorted({self.submitted_by, *(file.uploader for file in self.files)})]

    def submitted(self) -> Event:
        return self.event(
            "submitted",
            texts={"note": self.note},
            contributors=self.contributors,
            digest=self.digest,
            document_date=self.document_date,
            files=[file.fact for file in self.files],
            links=[link.id for link in self.links],
            months=list(self.months),
        )

    def read(self, reader: str) -> Iterator[Event]:
        """Somebody opens the page and takes the first file, in two parts."""
        yield self.event("page_read", actor=reader, page="evidence")
        size = len(self.files[0].content)
        for start, stop in ((0, 5), (5, size)):
            yield self.event("file_read", actor=reader, file=self.files[0].id, size=size, start=start, stop=stop)

    def approved(self) -> Iterator[Event]:
        for tier, reviewer in enumerate(self.reviewers, start=1):
            yield self.event(
                "approved", actor=reviewer, texts={"note": self.verdict_note}, **self.decision(tier, reviewer)
            )

    def decision(self, tier: int, reviewer: str) -> dict[str, Json]:
        """What the leaf of one approval says openly."""
        return {
            "decision": uid(f"decision {self.key} {self.revision} {tier}"),
            "digest": self.digest,
            "final": tier == len(self.reviewers),
            "membership": uid(f"membership {reviewer}"),
            "tier": tier,
        }

    def whole(self) -> list[Event]:
        """From the first draft to the approval."""
        return [self.started(), *self.sent(), self.submitted(), *self.approved()]


def pdf(words: str) -> bytes:
    """Bytes that no other file of the office has."""
    return b"%PDF-1.7\n" + "".join(f"{words} {n}\n" for n in range(40)).encode()


_FOLDER_1 = "data/01_manajemen-perubahan/I.1_penyusunan-tim-kerja"
_FOLDER_2 = "data/01_manajemen-perubahan/I.2_rencana-pembangunan-zi"
_FOLDER_3 = "data/02_penataan-tatalaksana/II.1_prosedur-operasional"
_TEAM_DECREE = File(key="sk", name="SK Tim.pdf", content=pdf("SK"), path=f"{_FOLDER_1}/01_sk-tim_aaaaaaaa.pdf")

TEAM = Evidence(
    key="tim",
    indicator="I.1",
    requirement="SK Tim Kerja – ditetapkan",
    files=(
        _TEAM_DECREE,
        File(
            key="undangan",
            name="Undangan rapat “awal”.pdf",
            content=pdf("Undangan"),
            path=f"{_FOLDER_1}/02_undangan_bbbbbbbb.pdf",
            uploader=COLLEAGUE,
        ),
    ),
    links=(Link(url="https://contoh.go.id/rapat?x=1", note="Rekaman rapat"),),
    months=("2026-01-01", "2026-02-01"),
    reviewers=(REVIEWER, LEAD),
)
MINUTES = Evidence(
    key="notula",
    indicator="I.1",
    requirement="Notula rapat tim",
    position=2,
    files=(replace(_TEAM_DECREE, path=f"{_FOLDER_1}/03_sk-tim_aaaaaaaa.pdf", reused=True),),
    document_date=None,
    note="",
    submitted_by=COLLEAGUE,
)
ROADMAP = Evidence(
    key="rencana",
    indicator="I.2",
    requirement="Dokumen rencana kerja",
    revision=2,
    files=(
        File(key="v1", name="Rencana.pdf", content=pdf("Rencana"), path=f"{_FOLDER_2}/01_rencana_cccccccc.pdf"),
        File(key="v2", name="Lampiran.pdf", content=pdf("Lampiran"), path=f"{_FOLDER_2}/02_lampiran_dddddddd.pdf"),
    ),
)
SECRET = Evidence(
    key="rahasia",
    indicator="I.2",
    requirement="Hasil pemeriksaan",
    position=2,
    classification="terbatas",
    begun_as="biasa",
    files=(File(key="tertutup", name="Tertutup.pdf", content=pdf("Tertutup"), path=f"{_FOLDER_2}/03_x_eeeeeeee.pdf"),),
)
TAKEN_BACK = Evidence(
    key="dibuka",
    indicator="I.1",
    requirement="Notula rapat tim",
    position=2,
    files=(File(key="lama", name="Lama.pdf", content=pdf("Lama"), path=f"{_FOLDER_1}/04_lama_ffffffff.pdf"),),
)
FOREIGN = Evidence(
    key="sop",
    indicator="II.1",
    requirement="Peta proses bisnis",
    files=(File(key="sop", name="SOP.pdf", content=pdf("SOP"), path=f"{_FOLDER_3}/01_sop_99999999.pdf"),),
)


def second_try(item: Evidence) -> list[Event]:
    """An evidence whose first version was returned: the first file came with it, the others with the second."""
    first = replace(item, revision=1, files=item.files[:1])
    verdict = first.decision(1, REVIEWER)
    del verdict["final"]
    returned = first.event(
        "returned", actor=REVIEWER, texts={"note": "Belum distempel"}, reason="incomplete", **verdict
    )
    facts: list[Json] = [file.fact for file in first.files]
    drafted = item.event("revision_drafted", answers=1, files=facts, links=[])
    later = replace(item, files=item.files[1:])
    return [
        first.started(),
        *first.sent(),
        first.submitted(),
        returned,
        drafted,
        *later.sent(),
        item.submitted(),
        *item.approved(),
    ]


def classed(item: Evidence, number: int, before: str, after: str) -> Event:
    """The requirement that the evidence answers gets another class."""
    return Event(
        type="requirement.classification_changed",
        obj=uid(item.requirement),
        scope=item.scope,
        actor=LEAD,
        data={"after": after, "before": before, "membership": uid(f"membership {LEAD}"), "number": number},
        texts={"reason": "Memuat nama pelapor"},
    )


def system(count: int, kind: str = "login.succeeded") -> list[Event]:
    """That many events of no indicator."""
    return [Event(type=kind, obj=uid(f"{kind} {n}")) for n in range(count)]


def foreign(count: int) -> list[Event]:
    """That many events of other units."""
    return [
        Event(type="evidence.started", obj=uid(f"foreign {n}"), scope="KPU-9999/2026/I.1", rev=1) for n in range(count)
    ]


def history() -> list[Event]:
    """Everything up to the moment at which the bundle was read."""
    reopened = TAKEN_BACK.event(
        "reopened", actor=LEAD, texts={"note": "Salah dokumen"}, membership=uid(f"membership {LEAD}")
    )
    return [
        *system(21),
        *TEAM.whole(),
        *foreign(37),
        *second_try(ROADMAP),
        *FOREIGN.whole(),
        *SECRET.whole(),
        classed(SECRET, 1, "biasa", "terbatas"),
        classed(ROADMAP, 1, "biasa", "rahasia"),
        classed(ROADMAP, 2, "rahasia", "biasa"),
        *TAKEN_BACK.whole(),
        reopened,
        *MINUTES.whole(),
        *foreign(9),
    ]


def write_log(events: Iterable[Event]) -> list[Leaf]:
    """Number and chain the events (§3)."""
    leaves: list[Leaf] = []
    ends: dict[str, tuple[int, str]] = {}
    for seq, event in enumerate(events):
        iseq, iprev = ends.get(event.scope, (0, "0" * 64))
        at = f"2026-03-{1 + seq // 1440:02d}T{seq // 60 % 24:02d}:{seq % 60:02d}:00.000000Z"
        salts = {name: sha256(f"{seq} {name}".encode()).hexdigest()[:32] for name in event.texts}
        body = canonical({"ev": _ev(event, at, salts), "iprev": iprev, "iseq": iseq, "seq": seq, "v": 1})
        openings = {name: (salts[name], text) for name, text in event.texts.items()}
        leaves.append(Leaf(event=event, seq=seq, at=at, body=body, openings=openings))
        ends[event.scope] = (iseq + 1, leaves[-1].hash.hex())
    return leaves


def _ev(event: Event, at: str, salts: Mapping[str, str]) -> dict[str, Json]:
    hidden: dict[str, Json] = {
        f"{name}_c": sha256(bytes.fromhex(salts[name]) + text.encode()).hexdigest()
        for name, text in event.texts.items()
    }
    ev: dict[str, Json] = {
        "actor": f"u:{event.actor}",
        "area": None,
        "data": {**event.data, **hidden},
        "ip_c": sha256(at.encode()).hexdigest(),
        "obj": event.obj,
        "role": None,
        "scope": event.scope,
        "ts": at,
        "type": event.type,
    }
    return ev if event.rev is None else {**ev, "rev": event.rev}
