"""Lists, counts, filters, pages, trail, bundles and downloads agree about what somebody sees, for every kind of person:
each is held to the same file, and a disagreement is named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pytest

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.slot_state import SlotState
from portal.services.bundles.page import get_bundle_page
from portal.services.indicator_list import IndicatorFilter, list_indicators
from portal.services.people import get_actor_by_email
from portal.services.review_queue import QueueFilter, list_queue
from portal.services.tasks import TaskKind, get_tasks
from tests.matrix.asking import Answer, Visitor, visit
from tests.matrix.authorisation import Kind, authorisation
from tests.matrix.cells import WORD
from tests.matrix.expected import has_role_for, holds, reads_copies, sees
from tests.matrix.facts import Evidence, Place, Thing, Version
from tests.matrix.office import UNITS, Office, email_of
from tests.matrix.standing import Standing

PEOPLE = [kind for kind in authorisation().people.values() if kind.may_sign_in and kind.in_force]
UUID4 = r"([0-9a-f]{8}-[0-9a-f-]{27})"
STANDS = {TaskKind.ANSWER_RETURN: {"returned", "reopened"}, TaskKind.FINISH_DRAFT: {"draft"}}
UPLOADS = {kind for kind in TaskKind if kind.value.startswith("upload")}


@pytest.fixture(scope="module")
def visitors(standing: Standing) -> list[Visitor]:
    return [visit(standing.app, standing.office, kind) for kind in PEOPLE]


def _open(visitor: Visitor, path: str) -> Answer:
    """A page as it is, with the ids of what it leads to."""
    return visitor.send("GET", path, keep_ids=True)


def _ids(answer: Answer, path: str) -> set[str]:
    """The ids behind links to this path."""
    return set(re.findall(rf'href="{path}{UUID4}["?#]', answer.text))


def _seen(kind: Kind, versions: Iterable[Version]) -> set[str]:
    return {word for version in versions if sees(kind, version) for word in version.words}


def _told(kind: Kind, version: Version) -> set[str]:
    """What the trail tells of a version: of a note only what was handed in."""
    is_told = version.was_submitted or version.link_id
    return _seen(kind, [version]) - (set() if is_told else {version.text})


def _is_open(kind: Kind, evidence: Evidence) -> bool:
    return any(sees(kind, version) for version in evidence.versions if version.state != "discarded")


def _reads_copies_alone(kind: Kind, evidence: Evidence) -> bool:
    version = evidence.handed_in
    return bool(version and reads_copies(kind, version) and not sees(kind, version))


def _differences(kind: Kind, what: str, found: set[str], wanted: set[str]) -> Iterator[str]:
    if found - wanted:
        yield f"{kind.name}: {what} shows {sorted(found - wanted)}, which he may not see"
    if wanted - found:
        yield f"{kind.name}: {what} lacks {sorted(wanted - found)}, which he may see"


def _of_indicator(office: Office, indicator: Thing) -> list[Evidence]:
    where = (indicator.place.unit, indicator.place.area)
    return [evidence for evidence in office.evidence if (evidence.place.unit, evidence.place.area) == where]


def test_req_04_indicator_and_trail_show_what_the_evidence_shows(standing: Standing, visitors: list[Visitor]) -> None:
    wrong: list[str] = []
    for visitor in visitors:
        for indicator in standing.office.indicators:
            wrong += _wrong_on_indicator(standing.office, visitor, indicator)
    assert not wrong, "\n".join(wrong)


def _wrong_on_indicator(office: Office, visitor: Visitor, indicator: Thing) -> Iterator[str]:
    kind, evidence = visitor.kind, _of_indicator(office, indicator)
    if holds(kind, "see_plan", indicator.place):
        page = _open(visitor, f"/indikator/{indicator.id}")
        wanted = {str(each.id) for each in evidence if _is_open(kind, each)}
        yield from _differences(kind, f"page of {indicator}", _ids(page, "/bukti/"), wanted)
        copies = {str(each.id) for each in evidence if _reads_copies_alone(kind, each)}
        found = set(re.findall(rf'href="/bukti/{UUID4}/salinan"', page.text))
        yield from _differences(kind, f"copies on the page of {indicator}", found, copies)
    if holds(kind, "see_trail", indicator.place):
        page = _open(visitor, f"/riwayat/{indicator.id}")
        wanted = {word for each in evidence for version in each.versions for word in _told(kind, version)}
        yield from _differences(kind, f"trail of {indicator}", set(WORD.findall(page.text)), wanted)


def test_req_04_a_page_shows_just_the_versions_that_one_may_see(standing: Standing, visitors: list[Visitor]) -> None:
    """Older versions, receipts, reviews and what can be used again, for each evidence that somebody sees."""
    wrong: list[str] = []
    for turn, visitor in enumerate(visitors):
        for evidence in standing.office.evidence[turn % 6 :: 6]:
            if has_role_for(visitor.kind, "see_evidence") and _is_open(visitor.kind, evidence):
                wrong += _wrong_on_evidence(visitor, evidence)
    assert not wrong, "\n".join(wrong)


def _wrong_on_evidence(visitor: Visitor, evidence: Evidence) -> Iterator[str]:
    kind, versions = visitor.kind, [version for version in evidence.versions if version.state != "discarded"]
    page = _open(visitor, f"/bukti/{evidence.id}")
    yield from _differences(kind, f"page of {evidence}", set(WORD.findall(page.text)), _seen(kind, versions))
    for at, version in enumerate(versions):
        if not sees(kind, version):
            continue
        up_to_here = _seen(kind, versions[: at + 1])
        for path, wanted in _pages_of(kind, version, up_to_here):
            found = set(WORD.findall(_open(visitor, path).text))
            yield from _differences(kind, f"{path} of {version}", found, wanted)


def _pages_of(kind: Kind, version: Version, up_to_here: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Further pages of a version with the words that they must show."""
    yield f"/berkas/{version.id}/{version.file_ids[-1]}", {version.newest_file}
    if has_role_for(kind, "edit_draft"):
        yield f"/bukti/versi/{version.id}/pakai-juga", set(version.files)
    if version.was_submitted:
        yield f"/bukti/tanda-terima/{version.id}", set(version.words)
    if has_role_for(kind, "decide") and version.was_submitted and holds(kind, "see_evidence", version.place, version):
        yield f"/periksa/{version.id}", up_to_here


def test_req_04_queue_counts_and_lists_agree(standing: Standing, visitors: list[Visitor]) -> None:
    wrong: list[str] = []
    for visitor in visitors:
        if has_role_for(visitor.kind, "decide"):
            wrong += _wrong_in_queue(standing, visitor)
    assert not wrong, "\n".join(wrong)


def _wrong_in_queue(standing: Standing, visitor: Visitor) -> Iterator[str]:
    kind = visitor.kind
    waiting = [v for v in standing.office.versions if v.state == "submitted" and holds(kind, "decide", v.place, v)]
    wanted = {str(version.id) for version in waiting}
    yield from _differences(kind, "queue", _ids(_open(visitor, "/antrean"), "/periksa/"), wanted)
    for unit, area in (("own", "I"), ("own", "II"), ("other", "I")):
        here = {str(v.id) for v in waiting if (v.place.unit, v.place.area) == (unit, area)}
        there = {str(v.id) for v in waiting if v.place.area == area}
        found = _ids(_open(visitor, f"/antrean?area={area}"), "/periksa/")
        yield from _differences(kind, f"queue of area {area}", found, there)
        with standing.app.app_context():
            actor, now = _actor(kind), datetime.now(UTC)
            units = list_queue(actor=actor, narrow=QueueFilter(), page=1, now=now).units
            unit_id = next((u.unit_id for u in units if u.name == f"Kantor {unit}"), None)
            if unit_id:
                narrow = QueueFilter(unit_id=unit_id, area_code=area)
                items = list_queue(actor=actor, narrow=narrow, page=1, now=now).items
                yield from _differences(kind, f"queue of {unit}/{area}", {str(i.revision_id) for i in items}, here)
            total = get_tasks(actor=actor, now=now).queue
        if total is None or total.total != len(wanted):
            yield f"{kind.name}: Tugas counts {total and total.total} of {len(wanted)} that wait"


def _actor(kind: Kind) -> Actor:
    return get_actor_by_email(email=email_of(kind.name), now=datetime.now(UTC))


def _slots(office: Office, kind: Kind) -> Iterator[tuple[Place, str]]:
    """Every slot with what it shows to somebody: a draft looks like nothing to who may not see it."""
    for evidence in office.evidence:
        slot = authorisation().evidence[evidence.name].slot
        hidden = slot == "draft" and not holds(kind, "see_draft", evidence.place)
        yield evidence.place, "missing" if hidden else slot
    for place, missing in _never_answered(office):
        yield from [(place, "missing")] * missing


def _never_answered(office: Office) -> Iterator[tuple[Place, int]]:
    """Slots that no evidence ever covered: those of the later tiers elsewhere."""
    for requirement in office.requirements:
        answered = sum(evidence.requirement_id == requirement.id for evidence in office.evidence)
        yield requirement.place, len(authorisation().evidence) - answered


def test_req_04_the_counts_of_slots_agree(standing: Standing) -> None:
    wrong: list[str] = []
    with standing.app.app_context():
        for kind in PEOPLE:
            actor, slots = _actor(kind), list(_slots(standing.office, kind))
            wrong += _wrong_tasks(kind, actor, slots)
            for unit in ("own", "other"):
                wrong += _wrong_list(standing.office, kind, actor, unit, [s for s in slots if s[0].unit == unit])
    assert not wrong, "\n".join(wrong)


def _wrong_tasks(kind: Kind, actor: Actor, slots: list[tuple[Place, str]]) -> Iterator[str]:
    tasks = get_tasks(actor=actor, now=datetime.now(UTC))
    own = Counter(state for place, state in slots if holds(kind, "edit_draft", place))
    counted = Counter[str]()
    for group in tasks.groups:
        counted["missing" if group.kind in UPLOADS else group.kind.value] += group.count
    wanted = {
        "missing": own["missing"],
        "answer_return": own["returned"] + own["reopened"],
        "finish_draft": own["draft"],
        "wait_for_review": own["submitted"],
    }
    for name, count in wanted.items():
        if counted[name] != count:
            yield f"{kind.name}: Tugas counts {counted[name]} as {name}, there are {count}"
    for plan in tasks.progress:
        unit = next(name for name in UNITS if plan.unit_name == f"Kantor {name}")
        there = Counter(state for place, state in slots if place.unit == unit)
        if (plan.submitted, plan.approved) != (there["submitted"], there["approved"]):
            yield f"{kind.name}: Tugas says {plan}, there are {there}"
    units = {plan.unit_name for plan in tasks.progress}
    seen = {f"Kantor {unit}" for unit in ("own", "other") if holds(kind, "see_state", Place(unit=unit))}
    yield from _differences(kind, "progress of Tugas", units, seen)


def _wrong_list(office: Office, kind: Kind, actor: Actor, unit: str, slots: list[tuple[Place, str]]) -> Iterator[str]:
    now, plan_id = datetime.now(UTC), office.plans[unit]
    if not holds(kind, "see_plan", Place(unit=unit)):
        with pytest.raises(NotFound):
            list_indicators(actor=actor, narrow=IndicatorFilter(plan_id=plan_id), now=now)
        return
    found = list_indicators(actor=actor, narrow=IndicatorFilter(plan_id=plan_id), now=now)
    for area in found.areas:
        there = Counter(state for place, state in slots if place.area == area.code)
        if {state: n for state, n in area.states.items() if n} != there:
            yield f"{kind.name}: Indikator counts {dict(area.states)} in {unit}/{area.code}, there are {there}"
    for state in SlotState:
        rows = list_indicators(actor=actor, narrow=IndicatorFilter(plan_id=plan_id, state=state), now=now).rows
        wanted = {place.area or "" for place, standing in slots if standing == state}
        yield from _differences(kind, f"Indikator {unit} {state.value}", {row.area_code for row in rows}, wanted)


def test_req_04_a_link_in_a_list_leads_somewhere(standing: Standing, visitors: list[Visitor]) -> None:
    """Nothing that somebody may not open is linked to, by id, on any list."""
    wrong: list[str] = []
    for visitor in visitors:
        opened = {str(evidence.id) for evidence in standing.office.evidence if _is_open(visitor.kind, evidence)}
        for path in ("/tugas", "/indikator", "/antrean", "/paket", "/checkpoint"):
            linked = _ids(_open(visitor, path), "/bukti/")
            wrong += _differences(visitor.kind, path, linked, linked & opened)
    assert not wrong, "\n".join(wrong)


def test_req_04_preview_and_sealed_bundles_hold_what_one_reads(standing: Standing, visitors: list[Visitor]) -> None:
    wrong: list[str] = []
    for visitor in visitors:
        if has_role_for(visitor.kind, "seal_bundle"):
            wrong += _wrong_preview(standing, visitor.kind)
            wrong += _wrong_bundles(standing.office, visitor)
    assert not wrong, "\n".join(wrong)


def _wrong_preview(standing: Standing, kind: Kind) -> Iterator[str]:
    for unit, area in (("own", "I"), ("own", "II"), ("other", "I")):
        if not holds(kind, "seal_bundle", Place(unit=unit, area=area)):
            continue
        approved = [
            v for v in standing.office.versions
            if v.state == "approved" and (v.place.unit, v.place.area) == (unit, area)
        ]  # fmt: skip
        read = sum(sees(kind, version) for version in approved)
        with standing.app.app_context():
            page = get_bundle_page(
                actor=_actor(kind), plan_id=standing.office.plans[unit], area_code=area, indicator_code=None, page=1,
                now=datetime.now(UTC),
            )  # fmt: skip
        assert page.preview
        counted = (page.preview.total.evidence, sum(page.preview.restricted.values()))
        if counted != (read, len(approved) - read):
            yield f"{kind.name}: preview of {unit}/{area} counts {counted}, there are {(read, len(approved) - read)}"


def _wrong_bundles(office: Office, visitor: Visitor) -> Iterator[str]:
    own = [bundle for bundle in office.bundles if bundle.owner == visitor.kind.name]
    page = _open(visitor, "/paket")
    yield from _differences(visitor.kind, "Paket", _ids(page, "/paket/"), {str(bundle.id) for bundle in own})
    for bundle in own:
        if bundle.is_complete:
            words = {word for version in bundle.holds for word in version.words}
            found = set(WORD.findall(_open(visitor, f"/paket/{bundle.id}/unduh").text))
            yield from _differences(visitor.kind, str(bundle), found, words)


def test_req_04_a_file_is_known_by_its_hash_to_who_reads_it(standing: Standing, visitors: list[Visitor]) -> None:
    wrong: list[str] = []
    for turn, visitor in enumerate(visitors):
        for version in standing.office.versions[turn % 9 :: 9]:
            page = _open(visitor, f"/verifikasi/berkas?sha256={version.sha256}")
            known = version.state == "approved" and sees(visitor.kind, version)
            wanted = {str(version.evidence_id)} if known else set()
            wrong += _differences(visitor.kind, f"check of a file of {version}", _ids(page, "/bukti/"), wanted)
    assert not wrong, "\n".join(wrong)


def test_req_04_an_admin_finds_just_the_accounts_that_he_manages(standing: Standing, visitors: list[Visitor]) -> None:
    wrong: list[str] = []
    for visitor in visitors:
        if has_role_for(visitor.kind, "manage_accounts"):
            pages = [_open(visitor, f"/pengguna?halaman={page}") for page in (1, 2, 3)]
            found = {id_ for page in pages for id_ in _ids(page, "/pengguna/")}
            wanted = {
                str(account.id)
                for account in standing.office.accounts.values()
                for holding in account.memberships
                if holds(visitor.kind, "manage_accounts", Place(unit=holding.unit))
            }
            wrong += _differences(visitor.kind, "Pengguna", found, wanted)
    assert not wrong, "\n".join(wrong)
