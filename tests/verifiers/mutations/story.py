"""A portal that lies about its evidence, with all keys and a log that fits: the rules of bukti.json find it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.verifiers.bag_maker import METADATA, Bag, Files, Plan
from tests.verifiers.mutations.mutation import Mutation, edit, good, mutation, planned, put, resigned
from tests.verifiers.story import (
    COLLEAGUE,
    LEAD,
    MINUTES,
    PLACE,
    REVIEWER,
    ROADMAP,
    SECRET,
    SENDER,
    TAKEN_BACK,
    TEAM,
    Event,
    Evidence,
    Json,
    classed,
    history,
    uid,
)


def _metadata(spoil: Callable[[Any], object]) -> Callable[[Bag], Bag]:
    """The object of bukti.json changed before it is written."""
    return planned(lambda: Plan(on_metadata=spoil))


def _items(document: Any) -> list[Any]:
    return [
        item
        for area in document["areas"]
        for component in area["components"]
        for indicator in component["indicators"]
        for requirement in indicator["requirements"]
        for item in requirement["evidence"]
    ]


def _evidence(spoil: Callable[[Any], object]) -> Callable[[Bag], Bag]:
    """The first evidence of bukti.json changed: the one with two files, a link and two approvals."""
    return _metadata(lambda document: spoil(_items(document)[0]))


def _but(values: dict[str, Any], part: str | None = None) -> Callable[[Any], object]:
    """These values in the object, or in the first of one of its lists."""
    return lambda item: (item if part is None else item[part][0]).update(values)


def _without_key(name: str) -> Callable[[Any], object]:
    return lambda item: item.pop(name)


def _told(item: Evidence, events: Callable[[list[Event]], list[Event]]) -> Callable[[Bag], Bag]:
    """The events of one evidence replaced by others."""

    def plan() -> Plan:
        kept = [event for event in history() if event.obj != item.id]
        return Plan(events=[*kept, *events(item.whole())])

    return planned(plan)


def _without(kind: str) -> Callable[[list[Event]], list[Event]]:
    return lambda events: [event for event in events if event.type != f"evidence.{kind}"]


def _as(**values: Any) -> Callable[[Bag], Bag]:
    """The first evidence as it would be with other values, in the log and in bukti.json."""

    def plan() -> Plan:
        other = replace(TEAM, **values)
        kept = [event for event in history() if event.obj != TEAM.id]
        return Plan(events=[*kept, *other.whole()], evidence=(other, MINUTES, ROADMAP))

    return planned(plan)


def _final(events: list[Event], *finals: bool) -> list[Event]:
    """The approvals with these values of `final`."""
    values: Iterator[bool] = iter(finals)
    return [
        replace(event, data={**event.data, "final": next(values)}) if event.type == "evidence.approved" else event
        for event in events
    ]


def _data(kind: str, **values: Json) -> Callable[[list[Event]], list[Event]]:
    """Fields of the first event of this kind replaced."""

    def change(events: list[Event]) -> list[Event]:
        at = next(n for n, event in enumerate(events) if event.type == f"evidence.{kind}")
        return [*events[:at], replace(events[at], data={**events[at].data, **values}), *events[at + 1 :]]

    return change


def _without_class_of(item: Evidence) -> list[Event]:
    return [event for event in history() if event.obj != uid(item.requirement)]


def _classed(item: Evidence, after: Any) -> Callable[[Bag], Bag]:
    """The class of its requirement changed last of all, and bukti.json says nothing of it."""
    return planned(lambda: Plan(events=[*history(), classed(item, 1, "biasa", after)]))


FOREIGN_ITEM = replace(MINUTES, requirement="Yang tidak dijawab siapa pun")


def _raw(change: Callable[[bytes], bytes]) -> Callable[[Bag], Bag]:
    def spoil(files: Files) -> None:
        files[METADATA] = change(files[METADATA])

    return resigned(spoil)


def _later_submission(events: list[Event]) -> list[Event]:
    """After the approval a further version was submitted: the approved one is no longer what counts."""
    opened = TEAM.event("reopened", actor=LEAD, texts={"note": "Salah"}, membership=uid("m"))
    return [*events, opened, replace(TEAM, revision=2).submitted()]


def _indicator(document: Any) -> Any:
    return document["areas"][0]["components"][0]["indicators"][0]


def _requirement(document: Any) -> Any:
    return _indicator(document)["requirements"][0]


def _exchange(document: Any) -> None:
    """The requirements of both indicators change places."""
    first, second = document["areas"][0]["components"][0]["indicators"]
    first["requirements"], second["requirements"] = second["requirements"], first["requirements"]


def _stray() -> Plan:
    """A file lies in the payload and in its manifest, and no evidence knows it."""

    def forget(document: Any) -> None:
        _items(document)[0]["files"].pop()

    return Plan(on_metadata=forget)


def _left_out(*entries: tuple[str, int]) -> Callable[[Bag], Bag]:
    told = [{"classification": kind, "evidence": number, "rule": "x"} for kind, number in entries]
    return _metadata(_but({"left_out": told}))


def _indicator_more(**values: Any) -> Callable[[Bag], Bag]:
    """A further indicator, of which there is nothing in the bag."""

    def add(document: Any) -> None:
        indicators = document["areas"][0]["components"][0]["indicators"]
        indicators.append({**indicators[0], "requirements": [], **values})

    return _metadata(add)


def _other_link(events: list[Event]) -> list[Event]:
    """The link was added a second time, as another one."""
    at = next(n for n, event in enumerate(events) if event.type == "evidence.link_added")
    return [*events[: at + 1], replace(events[at], texts={"url": "https://lain", "note": "x"}), *events[at + 1 :]]


def _resubmitted(events: list[Event]) -> list[Event]:
    """The same version was submitted once more, with other content."""
    at = next(n for n, event in enumerate(events) if event.type == "evidence.submitted")
    other = replace(events[at], data={**events[at].data, "digest": "0" * 64})
    return [*events[: at + 1], other, *events[at + 1 :]]


def _copied(**redacts: str | None) -> Callable[[Bag], Bag]:
    """The first evidence with files marked as copies: each the one of that name, by what it is said to redact."""
    files = tuple(replace(file, redacts=redacts.get(file.key, file.redacts)) for file in TEAM.files)
    return _as(files=files)


_DECREE, _INVITATION = (str(file.fact["sha256"]) for file in TEAM.files)


def _redacted() -> Evidence:
    return replace(TEAM, files=(TEAM.files[0], replace(TEAM.files[1], redacts=_DECREE)))


def _read(events: list[Event]) -> list[Event]:
    return [*events[:-1], *TEAM.read(REVIEWER), events[-1], *TEAM.read(SENDER)]


_SIZE = {"log": {"size": 1, "root": "0" * 64}}

STORIES: tuple[Mutation, ...] = (
    mutation("own approver", _as(reviewers=(SENDER,)), "metadata"),
    mutation("approver sent a file", _as(reviewers=(COLLEAGUE,)), "metadata"),
    mutation("approver sent a file, in the second tier", _as(reviewers=(REVIEWER, COLLEAGUE)), "metadata"),
    mutation("one person in both tiers", _as(reviewers=(REVIEWER, REVIEWER)), "metadata"),
    mutation("uploader not who sent it", _evidence(lambda e: e["files"][1].update(uploader=SENDER)), "metadata"),
    mutation(
        "uploader of a reused file not who sent it",
        _metadata(lambda d: _items(d)[1]["files"][0].update(uploader=LEAD)),
        "metadata",
    ),
    mutation("evidence without approval", _told(TEAM, _without("approved")), "metadata"),
    mutation("evidence without submission", _evidence(lambda e: e["leaves"].pop(4)), "metadata", "opening"),
    mutation("first tier only", _told(TEAM, lambda events: events[:-1]), "metadata"),
    mutation("no approval is final", _told(TEAM, lambda events: _final(events, False, False)), "metadata"),
    mutation("both approvals are final", _told(TEAM, lambda events: _final(events, True, True)), "metadata"),
    mutation("the first approval is final", _told(TEAM, lambda events: _final(events, True, False)), "metadata"),
    mutation("approval of other content", _told(TEAM, _data("approved", digest="0" * 64)), "metadata"),
    mutation("submission of other content", _told(TEAM, _data("submitted", digest="0" * 64)), "metadata"),
    mutation("submission with other files", _told(TEAM, _data("submitted", files=[])), "metadata"),
    mutation("submission with other links", _told(TEAM, _data("submitted", links=[])), "metadata"),
    mutation("submission for other months", _told(TEAM, _data("submitted", months=["2026-01-01"])), "metadata"),
    mutation("submission with another date", _told(TEAM, _data("submitted", document_date=None)), "metadata"),
    mutation("submitted twice", _told(TEAM, lambda events: [*events[:4], events[4], *events[4:]]), "metadata"),
    mutation("file that was never sent", _told(TEAM, _without("file_uploaded")), "metadata"),
    mutation(
        "file sent with other bytes",
        _told(TEAM, _data("file_uploaded", fact={**TEAM.files[0].fact, "sha256": "0" * 64})),
        "metadata",
    ),
    mutation(
        "file sent with another size",
        _told(TEAM, _data("file_uploaded", fact={**TEAM.files[0].fact, "size": 1})),
        "metadata",
    ),
    mutation("link that was never added", _told(TEAM, _without("link_added")), "metadata"),
    mutation("taken back", _told(TEAM, _later_submission), "metadata"),
    mutation("taken back evidence in the bag", planned(lambda: Plan(evidence=(TEAM, TAKEN_BACK, ROADMAP))), "metadata"),
    mutation("approved evidence kept back", planned(lambda: Plan(evidence=(TEAM, MINUTES))), "metadata"),
    mutation("more left out than there is", planned(lambda: Plan(left_out=2)), "metadata"),
    mutation("nothing said to be left out", planned(lambda: Plan(left_out=0)), "metadata"),
    mutation(
        "left out under a false number", _metadata(lambda d: d["left_out"][0].update(evidence=2)), "metadata", "seal"
    ),
    good("a redacted copy beside its original", _copied(undangan=_DECREE)),
    good("a redacted copy before its original", _copied(sk=_INVITATION)),
    mutation("a copy of a file that is not there", _copied(undangan="0" * 64), "metadata"),
    mutation("a copy of itself", _copied(undangan=_INVITATION), "metadata"),
    mutation("copies of one another", _copied(sk=_INVITATION, undangan=_DECREE), "metadata"),
    mutation("a copy that nobody marked", _evidence(lambda e: e["files"][1].update(redacts=_DECREE)), "metadata"),
    mutation("a copy of null", _evidence(lambda e: e["files"][1].update(redacts=None)), "metadata"),
    mutation(
        "a copy that passes for an original",
        planned(
            lambda: Plan(
                events=[*(e for e in history() if e.obj != TEAM.id), *_redacted().whole()],
                evidence=(_redacted(), MINUTES, ROADMAP),
                on_metadata=lambda d: _items(d)[0]["files"][1].pop("redacts"),
            )
        ),
        "metadata",
    ),
    good("read before and after the approval", _told(TEAM, _read)),
    good("read by somebody whom the bag does not name", _told(TEAM, lambda events: [*events, *TEAM.read(uid("agus"))])),
    good(
        "restricted evidence in the bag", planned(lambda: Plan(evidence=(TEAM, MINUTES, ROADMAP, SECRET), left_out=0))
    ),
    *(
        mutation(
            f"evidence with another {name}",
            _evidence(_but({name: value})),
            "metadata",
        )
        for name, value in {
            "id": uid("lain"),
            "revision": 2,
            "digest": "0" * 64,
            "digest_salt": "0" * 32,
            "document_date": "2026-01-21",
            "months": ["2026-01-01"],
            "note": "Lain",
            "submitted_by": LEAD,
            "submitted_at": "2026-03-01T00:00:00.000000Z",
            "decisions": [],
            "links": [],
        }.items()
    ),
    *(
        mutation(
            f"decision with another {name}",
            _evidence(_but({name: value}, "decisions")),
            "metadata",
        )
        for name, value in {
            "at": "2026-03-01T00:00:00.000000Z",
            "digest": "0" * 64,
            "id": uid("lain"),
            "membership": uid("lain"),
            "note": "Lain",
            "reviewer": uid("lain"),
            "tier": 7,
            "verdict": "returned",
        }.items()
    ),
    *(
        mutation(
            f"file with another {name}",
            _evidence(_but({name: value}, "files")),
            "metadata",
        )
        for name, value in {
            "id": uid("lain"),
            "media_type": "image/png",
            "name": "Lain.pdf",
            "path": TEAM.files[1].path,
            "sha256": "0" * 64,
            "size": 1,
            "uploader": uid("lain"),
        }.items()
    ),
    *(
        mutation(
            f"link with another {name}",
            _evidence(_but({name: "https://lain"}, "links")),
            "metadata",
        )
        for name in ("id", "url", "note")
    ),
    mutation("evidence without leaves", _evidence(lambda e: e["leaves"].clear()), "metadata", "opening"),
    mutation("files in another order", _evidence(lambda e: e["files"].reverse()), "metadata"),
    mutation("decisions in another order", _evidence(lambda e: e["decisions"].reverse()), "metadata"),
    mutation("decision twice", _evidence(lambda e: e["decisions"].append(e["decisions"][1])), "metadata"),
    mutation("evidence twice", _metadata(lambda d: _requirement(d)["evidence"].append(_items(d)[0])), "metadata"),
    mutation("evidence under another indicator", _metadata(_exchange), "metadata"),
    mutation(
        "evidence under another requirement", _metadata(lambda d: _requirement(d).update(text="Lain")), "metadata"
    ),
    mutation(
        "requirement of another classification",
        _metadata(lambda d: _requirement(d).update(classification="rahasia")),
        "metadata",
    ),
    mutation("a raised class that is not told", planned(lambda: Plan(events=_without_class_of(SECRET))), "metadata"),
    mutation("a class of before it was raised", _classed(MINUTES, "rahasia"), "metadata"),
    mutation("a class that there is not", _classed(MINUTES, "umum"), "metadata"),
    mutation("a class that is no text", _classed(MINUTES, None), "metadata"),
    good("another requirement raised", _classed(FOREIGN_ITEM, "rahasia")),
    mutation(
        "requirement without a text",
        _metadata(lambda d: _indicator(d)["requirements"].append({"evidence": []})),
        "metadata",
    ),
    mutation("area without a code", _metadata(lambda d: d["areas"].append({"components": []})), "metadata"),
    mutation("left out under another classification", _left_out(("rahasia", 1)), "metadata"),
    mutation(
        "left out under two classifications, one negative", _left_out(("terbatas", 5), ("rahasia", -4)), "metadata"
    ),
    mutation("left out in two halves", _left_out(("terbatas", 1), ("terbatas", 1)), "metadata"),
    mutation("left out of none", _left_out(("terbatas", 1), ("rahasia", 0)), "metadata"),
    mutation("an indicator twice", _indicator_more(text="Lain"), "metadata"),
    mutation("an empty indicator of another area", _indicator_more(code="II.9", scope=f"{PLACE}/II.9"), "metadata"),
    mutation("a person twice", _metadata(lambda d: d["people"].append({**d["people"][0], "name": "Lain"})), "metadata"),
    mutation("a person left out", _metadata(lambda d: d["people"].pop()), "metadata"),
    mutation("a person without a name", _metadata(lambda d: d["people"][0].update(name="")), "metadata"),
    mutation(
        "a stranger among the people", _metadata(lambda d: d["people"].append({"id": "x", "name": "Lain"})), "metadata"
    ),
    mutation("approver had a hand in it", _told(TEAM, _data("submitted", contributors=[SENDER, LEAD])), "metadata"),
    mutation("nobody is said to have had a hand in it", _told(TEAM, _data("submitted", contributors=None)), "metadata"),
    mutation("submitted twice with other content", _told(TEAM, _resubmitted), "metadata"),
    good("a link that was added twice", _told(TEAM, _other_link)),
    mutation("leaf that is not there", _evidence(lambda e: e["leaves"].append(100_000)), "metadata"),
    mutation(
        "leaf of another evidence",
        _metadata(lambda d: _items(d)[0]["leaves"].extend(_items(d)[1]["leaves"])),
        "metadata",
    ),
    mutation("leaf named twice", _evidence(lambda e: e["leaves"].append(e["leaves"][0])), "metadata"),
    mutation("leaf that is bare", _evidence(lambda e: e["leaves"].append(0)), "metadata"),
    mutation("payload that no evidence names", planned(_stray), "metadata"),
    mutation("sealed at another moment", _metadata(_but({"sealed_at": "2026-03-01T00:00:00.000000Z"})), "seal"),
    mutation("another checkpoint in bukti.json", _metadata(lambda d: d.update(_SIZE)), "metadata"),
    mutation("another format", _metadata(lambda d: d.update(format="bukti-zi/bundle/1")), "metadata"),
    mutation("another unit", _metadata(lambda d: d["unit"].update(code="KPU-1503")), "seal", "metadata"),
    mutation("another year", _metadata(lambda d: d["plan"].update(year=2027)), "seal", "metadata"),
    mutation("another scope", _metadata(lambda d: d["scope"].update(area="II")), "seal", "metadata"),
    mutation(
        "indicator under another scope",
        _metadata(lambda d: _indicator(d).update(scope="KPU-1502/2026/I.9")),
        "metadata",
    ),
    mutation("indicator of another area", _metadata(lambda d: d["areas"][0].update(code="II")), "metadata"),
    *(
        mutation(f"bukti.json without {name}", _metadata(_without_key(name)), "metadata")
        for name in ("areas", "format", "left_out", "log", "people", "plan", "scope", "sealed_at", "unit")
    ),
    *(
        mutation(f"bukti.json whose {name} is a word", _metadata(_but({name: "x"})), "metadata")
        for name in ("areas", "left_out", "log", "people", "plan", "scope", "unit")
    ),
    mutation("evidence that is a word", _metadata(lambda d: _requirement(d).update(evidence=["x"])), "metadata"),
    mutation("leaves that are words", _evidence(lambda e: e.update(leaves=["x"])), "metadata"),
    mutation("a size that is a word", _evidence(lambda e: e["files"][0].update(size="1")), "metadata"),
    mutation("a size that is true", _evidence(lambda e: e["files"][0].update(size=True)), "metadata"),
    mutation("bukti.json with a space", _raw(lambda data: data.replace(b'"areas":', b'"areas": ')), "metadata"),
    mutation("bukti.json with a key twice", _raw(lambda data: b'{"areas":[],' + data[1:]), "metadata"),
    mutation("bukti.json nested 100,000 deep", resigned(put(METADATA, b'{"areas":' + b"[" * 100_000)), "metadata"),
    mutation(
        "bukti.json nested 100,000 deep and closed",
        resigned(put(METADATA, b"[" * 100_000 + b"]" * 100_000)),
        "metadata",
    ),
    mutation("bukti.json of 10,000 keys at once", resigned(put(METADATA, b"{" + b'"a":{' * 10_000)), "metadata"),
    mutation(
        "bukti.json with a number of a million digits",
        resigned(put(METADATA, b'{"areas":' + b"9" * 1_000_000 + b"}")),
        "metadata",
    ),
    mutation(
        "bukti.json of four million numbers",
        resigned(put(METADATA, b'{"areas":[' + b"1," * 4_000_000 + b"1]}")),
        "metadata",
    ),
    mutation("bukti.json that is a list", resigned(put(METADATA, b"[]")), "metadata"),
    mutation("bukti.json that is empty", resigned(put(METADATA, b"")), "metadata"),
    mutation("bukti.json that is no UTF-8", resigned(edit(METADATA, b"Siti", b"\xff\xfe\xff\xfe")), "metadata"),
    mutation("bukti.json with a NUL", resigned(edit(METADATA, b"Siti", b"\0iti")), "metadata"),
    mutation("bukti.json with half a surrogate pair", resigned(edit(METADATA, b"Siti", b"\\ud800")), "metadata"),
)
