"""The form of a plan file: which fields there are, and what must hold between them.

Bytes in, document out, nothing else: no file is opened and nothing is stored here.
"""

from __future__ import annotations

import hashlib
from datetime import date

from portal.domain.classification import Classification
from portal.domain.codes import MAX_AREA_CODE, MAX_UNIT_CODE
from portal.domain.plan import (
    PlanArea,
    PlanComponent,
    PlanDocument,
    PlanIndicator,
    PlanRequirement,
    PlanUnit,
    Recurrence,
    indicator_code,
    recurrence_fits,
)
from portal.services.plan_file.errors import Findings
from portal.services.plan_file.order import refuse_gaps, refuse_repeats
from portal.services.plan_file.section import Section
from portal.services.plan_file.spot import STAND_IN_DATE, YEARS, Spot
from portal.services.plan_file.yaml_nodes import compose

MAX_ITEMS = 200
MAX_MONTHS = 36
MAX_SLOTS = 20_000
"""The format multiplies evidence items by months; a small file must not fill a database."""


def read_plan(data: bytes) -> PlanDocument:
    """The document in `data`, UTF-8 YAML of at most 1 MiB; raises PlanFileInvalid with every error and its place."""
    findings = Findings()
    root = Spot(compose(data), "", findings)
    plan = _document(root, sha256=hashlib.sha256(data).hexdigest())
    if (slots := plan.totals.slots) > MAX_SLOTS:
        root.complain(
            f"Rencana ini menghasilkan {slots} slot waktu; paling banyak {MAX_SLOTS}. Kurangi bulan targetnya."
        )
    findings.refuse()
    return plan


def _document(root: Spot, *, sha256: str) -> PlanDocument:
    top = Section(root, required=("document", "areas"), optional=("units",))
    head = Section(
        top.at("document"),
        required=("title", "decree_number", "decree_date", "issuer", "place", "year", "signatory"),
        optional=("lateness_from",),
    )
    decree_date = head.at("decree_date").day()
    lateness_from = head.find("lateness_from")
    units = top.find("units")
    return PlanDocument(
        title=head.at("title").text(),
        decree_number=head.at("decree_number").text(longest=100),
        decree_date=decree_date,
        issuer=head.at("issuer").text(longest=300),
        place=head.at("place").text(longest=100),
        signatory=head.at("signatory").text(longest=200),
        year=head.at("year").number(low=YEARS[0], high=YEARS[-1]),
        lateness_from=lateness_from.day() if lateness_from else decree_date,
        units=_units(units) if units else (),
        areas=_areas(top.at("areas")),
        sha256=sha256,
    )


def _units(spot: Spot) -> tuple[PlanUnit, ...]:
    """The chain from the root: each unit lies directly under the one before it."""
    spots = spot.items(most=10)
    units = tuple(_unit(item) for item in spots)
    refuse_repeats(((item, unit.code) for item, unit in zip(spots, units, strict=True)), "Kode unit")
    above = None
    for item, unit in zip(spots, units, strict=True):
        if unit.under != above:
            item.complain("Unit harus berurutan dari yang teratas, masing-masing di bawah unit sebelumnya.")
        above = unit.code
    return units


def _unit(spot: Spot) -> PlanUnit:
    section = Section(spot, required=("code", "name", "timezone"), optional=("under",))
    under = section.find("under")
    return PlanUnit(
        code=section.at("code").code(longest=MAX_UNIT_CODE),
        name=section.at("name").text(longest=200),
        under=under.code(longest=MAX_UNIT_CODE) if under else None,
        timezone=section.at("timezone").text(longest=40),
    )


def _areas(spot: Spot) -> tuple[PlanArea, ...]:
    spots = spot.items(most=MAX_ITEMS)
    areas = tuple(_area(item) for item in spots)
    refuse_repeats(((item, area.code) for item, area in zip(spots, areas, strict=True)), "Kode area")
    return areas


def _area(spot: Spot) -> PlanArea:
    section = Section(spot, required=("code", "name", "components"), optional=("official_name",))
    code = section.at("code").code(longest=MAX_AREA_CODE)
    name = section.at("name").text()
    official_name = section.find("official_name")
    return PlanArea(
        code=code,
        name=name,
        official_name=official_name.text() if official_name else name,
        components=_components(section.at("components"), area_code=code),
    )


def _components(spot: Spot, *, area_code: str) -> tuple[PlanComponent, ...]:
    spots = spot.items(most=MAX_ITEMS)
    components = tuple(_component(item, area_code=area_code) for item in spots)
    refuse_gaps((item, component.number) for item, component in zip(spots, components, strict=True))
    return components


def _component(spot: Spot, *, area_code: str) -> PlanComponent:
    section = Section(spot, required=("no", "name", "indicators"))
    number = section.at("no").number(low=1, high=999)
    return PlanComponent(
        number=number,
        name=section.at("name").text(),
        indicators=_indicators(section.at("indicators"), area_code=area_code, component_number=number),
    )


def _indicators(spot: Spot, *, area_code: str, component_number: int) -> tuple[PlanIndicator, ...]:
    spots = spot.items(most=MAX_ITEMS)
    indicators = tuple(_indicator(item, area_code=area_code, component_number=component_number) for item in spots)
    refuse_gaps((item, indicator.seq) for item, indicator in zip(spots, indicators, strict=True))
    return indicators


def _indicator(spot: Spot, *, area_code: str, component_number: int) -> PlanIndicator:
    section = Section(
        spot,
        required=("seq", "indicator", "actions", "evidence", "evidence_text", "target_text", "due", "recurrence"),
        optional=("classification", "classification_reason", "note", "suspicion"),
    )
    seq = section.at("seq").number(low=1, high=999)
    recurrence = section.at("recurrence").choice(Recurrence)
    classification, reason = _classification(section)
    return PlanIndicator(
        code=indicator_code(area_code, component_number, seq),
        seq=seq,
        text=section.at("indicator").text(),
        actions=tuple(item.text() for item in section.at("actions").items(most=MAX_ITEMS)),
        requirements=_requirements(section.at("evidence"), classification),
        evidence_text=section.at("evidence_text").text(),
        target_text=section.at("target_text").text(),
        months=_months(section.at("due"), recurrence),
        recurrence=recurrence or Recurrence.ONCE,
        classification_reason=reason,
        note=_optional_text(section, "note"),
        suspicion=_optional_text(section, "suspicion"),
    )


def _classification(section: Section) -> tuple[Classification, str | None]:
    """The default of all evidence items of one indicator; one that restricts is given with its reason."""
    field = section.find("classification")
    classification = field.choice(Classification) if field else Classification.BIASA
    reason = _optional_text(section, "classification_reason")
    if field and classification and classification.is_restricted and reason is None:
        field.complain('Klasifikasi ini memerlukan alasan. Tambahkan isian "classification_reason".')
    if reason and classification is Classification.BIASA:
        section.at("classification_reason").complain("Ada alasan tanpa klasifikasi terbatas atau rahasia.")
    return classification or Classification.BIASA, reason


def _requirements(spot: Spot, classification: Classification) -> tuple[PlanRequirement, ...]:
    spots = spot.items(most=MAX_ITEMS)
    texts = [item.text() for item in spots]
    refuse_repeats(zip(spots, texts, strict=True), "Bukti fisik")
    return tuple(
        PlanRequirement(position=position, text=text, classification=classification)
        for position, text in enumerate(texts, start=1)
    )


def _months(spot: Spot, recurrence: Recurrence | None) -> tuple[date, ...]:
    """Ascending months, as many as the recurrence has."""
    spots = spot.items(most=MAX_MONTHS)
    months = tuple(item.month() for item in spots)
    if STAND_IN_DATE in months or not months:
        return months
    for before, item, month in zip(months, spots[1:], months[1:], strict=False):
        if month <= before:
            item.complain("Bulan muncul dua kali atau tidak berurutan. Urutkan dari yang paling awal.")
    if recurrence and not recurrence_fits(recurrence, months):
        spot.complain(_RECURRENCE_RULES[recurrence])
    return months


_RECURRENCE_RULES = {
    Recurrence.ONCE: '"once" berarti tepat satu bulan.',
    Recurrence.LISTED: '"listed" berarti dua bulan atau lebih.',
    Recurrence.RANGE: '"range" berarti dua bulan atau lebih tanpa ada bulan yang terlewat.',
    Recurrence.MONTHLY: '"monthly" berarti dua bulan atau lebih tanpa ada bulan yang terlewat.',
}


def _optional_text(section: Section, name: str) -> str | None:
    field = section.find(name)
    return field.text() if field else None
