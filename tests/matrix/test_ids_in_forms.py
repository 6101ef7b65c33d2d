"""Ids that stand in a form or behind a question mark are held to one's scope as those in addresses are: what is foreign
there is answered like what does not exist, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.matrix.asking import Answer, Visitor, visit
from tests.matrix.authorisation import authorisation
from tests.matrix.changes import watched
from tests.matrix.expected import sees
from tests.matrix.facts import Evidence, Place, Thing, Version
from tests.matrix.office import Office
from tests.matrix.standing import Standing

OWN = Place(unit="own", area="I")


@dataclass(frozen=True)
class Pair:
    """The same request with an id that is somebody else's and with one that nobody has."""

    who: str
    method: str
    path: str
    foreign: Any
    nothing: Any

    def __str__(self) -> str:
        return f"{self.who}: {self.method} {self.path}"


def _find(office: Office, name: str, class_name: str = "biasa", place: Place = OWN) -> Evidence:
    where = (place.unit, place.area)
    return next(
        e for e in office.evidence if (e.name, e.class_name, e.place.unit, e.place.area) == (name, class_name, *where)
    )


def _requirement(office: Office, unit: str, area: str) -> Thing:
    return next(r for r in office.requirements if (r.place.unit, r.place.area) == (unit, area))


def _pairs(office: Office) -> Iterator[Pair]:
    draft, elsewhere = _find(office, "draft"), _find(office, "draft", place=Place(unit="other", area="I"))
    approved, secret = _find(office, "approved").newest, _secret(office)
    yield from _in_drafts(draft, elsewhere)
    yield from _in_reuse(office, approved, secret)
    yield from _in_accounts(office)
    plan, unit = office.plans["other"], office.units["other"]
    for path, name, foreign in (
        ("/indikator", "rencana", plan),
        ("/paket", "rencana", plan),
        ("/antrean", "unit", unit),
    ):
        yield Pair("lead", "GET", path, {name: str(foreign)}, {name: str(uuid4())})
    # A file is only found in the version that holds it.
    for who in ("uploader", "reviewer", "auditor"):
        path = f"/berkas/{approved.id}"
        yield Pair(who, "GET", path, str(secret.file_ids[0]), str(uuid4()))


def _secret(office: Office) -> Version:
    """Something that nobody of area I of `own` may see."""
    return _find(office, "approved", "terbatas", Place(unit="other", area="I")).newest


def _in_drafts(draft: Evidence, elsewhere: Evidence) -> Iterator[Pair]:
    address = f"/bukti/{draft.id}"
    other = {"note": "Lain.", "document_date": ""}
    yield Pair(
        "uploader",
        "POST",
        f"{address}/draf",
        {**other, "slots": str(elsewhere.slot_id)},
        {**other, "slots": str(uuid4())},
    )
    begin = f"/bukti/baru/{draft.requirement_id}"
    yield Pair("uploader", "POST", begin, {"slots": str(elsewhere.slot_id)}, {"slots": str(uuid4())})
    for part, foreign in (("berkas", elsewhere.newest.file_ids[0]), ("tautan", elsewhere.newest.link_id)):
        path = f"{address}/{part}/{{}}/keluarkan"
        yield Pair("uploader", "POST", path, foreign, uuid4())


def _in_reuse(office: Office, approved: Version, secret: Version) -> Iterator[Pair]:
    path = f"/bukti/versi/{approved.id}/pakai-juga"
    target = str(next(r.id for r in office.requirements if r.place == Place(unit="own", area="I", restricted=True)))
    own_files = [str(file) for file in approved.file_ids]
    yield Pair(
        "uploader", "POST", path,
        {"files": str(secret.file_ids[0]), "requirement": target}, {"files": str(uuid4()), "requirement": target},
    )  # fmt: skip
    for unit, area in (("own", "II"), ("other", "I")):
        foreign = str(_requirement(office, unit, area).id)
        yield Pair(
            "uploader", "POST", path,
            {"files": own_files, "requirement": foreign}, {"files": own_files, "requirement": str(uuid4())},
        )  # fmt: skip


def _in_accounts(office: Office) -> Iterator[Pair]:
    slot = next(slot for slot in office.slots if slot.place == OWN)
    stranger = office.accounts["uploader of another unit"].id
    yield Pair("coordinator", "POST", f"/slot/{slot.id}/pic", {"pic": str(stranger)}, {"pic": str(uuid4())})
    role = {"role": "leader"}
    for path in (f"/pengguna/{office.accounts['leader'].id}/peran", "/pengguna/baru"):
        new = {**role, "name": "Orang Baru", "email": "orang.baru@contoh.go.id"}
        yield Pair("admin", "POST", path, {**new, "unit": "KPU-1503"}, {**new, "unit": "KPU-9999"})


def _ask(visitor: Visitor, pair: Pair, value: Any) -> Answer:
    if isinstance(value, UUID):
        return visitor.send(pair.method, pair.path.format(value), {})
    if isinstance(value, str):
        return visitor.send(pair.method, f"{pair.path}/{value}")
    if pair.method == "GET":
        ((name, wanted),) = value.items()
        return visitor.send("GET", f"{pair.path}?{name}={wanted}")
    return visitor.send("POST", pair.path, value)


def _shown(answer: Answer) -> tuple[int, str, str]:
    """Without what was typed, which a form gives back."""
    return answer.status, answer.location, answer.text.replace("KPU-1503", "").replace("KPU-9999", "")


def test_req_05_an_id_in_a_form_is_asked_for_like_one_in_an_address(standing: Standing) -> None:
    people = authorisation().people
    visitors = {name: visit(standing.app, standing.office, kind) for name, kind in people.items()}
    wrong: list[str] = []
    with watched(standing.app) as changes:
        for pair in _pairs(standing.office):
            changes.take()
            foreign, nothing = (_ask(visitors[pair.who], pair, value) for value in (pair.foreign, pair.nothing))
            written = changes.take()
            if written:
                wrong.append(f"{pair} has changed {sorted(written)}")
            if pair.method == "POST" and foreign.status < 400:
                wrong.append(f"{pair} was taken: {foreign.status} {foreign.location}")
            if _shown(foreign) != _shown(nothing):
                wrong.append(f"{pair} tells a foreign id from one that nobody has: {foreign.status}, {nothing.status}")
    assert not wrong, "\n".join(wrong)


def test_the_foreign_ids_are_foreign(standing: Standing) -> None:
    """Else the test above would compare nothing with nothing."""
    secret, people = _secret(standing.office), authorisation().people
    for who in ("uploader", "reviewer", "auditor", "coordinator", "lead"):
        assert not sees(people[who], secret), who


@pytest.mark.parametrize("of", ["evidence", "versions", "requirements", "slots", "indicators", "bundles", "logins"])
def test_req_10_ids_are_random_and_none_can_be_counted_to(standing: Standing, of: str) -> None:
    """122 random bits (RFC 9562 §5.4) in what never is the only guard."""
    ids = [thing.id for thing in getattr(standing.office, of)]
    assert len(ids) == len(set(ids)) > 1
    assert {id_.version for id_ in ids} == {4}
