"""In what two versions of one plan differ, place by place. Compares what is stored of a plan, not how its file is
written: comments and layout never count, nor do PIC and review tiers, which no file states.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from portal.domain.classification import Classification
from portal.domain.errors import DomainError
from portal.models import Area, Component, Indicator, Plan, Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """`place` names a field of the file, for instance `V.4.4 target_text`; None stands for not there at all."""

    place: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        return f"{self.place}: tersimpan {_shown(self.old)}, dalam berkas {_shown(self.new)}"


class PlanDiffers(DomainError):
    """The unit has another plan for this year; it stays, and `differences` (never empty) tells all that differs."""

    def __init__(self, differences: tuple[PlanDifference, ...]) -> None:
        super().__init__("; ".join(str(difference) for difference in differences))
        self.differences = differences


def find_differences(
    stored: Plan, offered: Plan, *, imported: Mapping[UUID, Classification]
) -> tuple[PlanDifference, ...]:
    """Every place where the two differ, in the order of the plan.

    A class that was changed in the portal agrees with the file that says what it was (`imported`, of
    services.imported_classes) and with one that says what it is: neither asks for anything.
    """
    old, new = dict(_plan_facts(stored)), dict(_plan_facts(offered))
    before = dict(_imported_facts(stored, imported))
    return tuple(
        PlanDifference(place=place, old=old.get(place), new=new.get(place))
        for place in _all_places(old, new)
        if new.get(place) not in {old.get(place), before.get(place, old.get(place))}
    )


def _all_places(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    return list(dict.fromkeys((*old, *new)))


def _plan_facts(plan: Plan) -> Iterator[tuple[str, str | None]]:
    for name in (
        "title",
        "decree_number",
        "decree_date",
        "lateness_from",
        "issuer",
        "place",
        "year",
        "signatory",
    ):
        yield f"document.{name}", str(getattr(plan, name))
    for area in plan.areas:
        yield from _area_facts(area)


def _area_facts(area: Area) -> Iterator[tuple[str, str | None]]:
    yield f"{area.code} urutan", str(area.position)
    yield f"{area.code} name", area.name
    yield f"{area.code} official_name", area.official_name
    for component in area.components:
        yield from _component_facts(component, code=f"{area.code}.{component.number}")


def _component_facts(component: Component, *, code: str) -> Iterator[tuple[str, str | None]]:
    yield f"{code} name", component.name
    for indicator in component.indicators:
        yield from _indicator_facts(indicator)


def _indicator_facts(indicator: Indicator) -> Iterator[tuple[str, str | None]]:
    code = indicator.code
    yield f"{code} indicator", indicator.text
    yield f"{code} actions", indicator.actions
    yield f"{code} evidence_text", indicator.evidence_text
    yield f"{code} target_text", indicator.target_text
    yield f"{code} note", indicator.note
    yield f"{code} suspicion", indicator.suspicion
    for requirement in indicator.requirements:
        yield from _requirement_facts(requirement, place=_requirement_place(requirement, indicator))


def _requirement_facts(requirement: Requirement, *, place: str) -> Iterator[tuple[str, str | None]]:
    yield place, requirement.text
    yield f"{place} classification", requirement.classification.value
    yield f"{place} due", ", ".join(slot.month.strftime("%Y-%m") for slot in requirement.slots)


def _imported_facts(plan: Plan, imported: Mapping[UUID, Classification]) -> Iterator[tuple[str, str]]:
    """The places of changed classes with what they were."""
    indicators = (i for area in plan.areas for component in area.components for i in component.indicators)
    for indicator in indicators:
        for requirement in indicator.requirements:
            if requirement.id in imported:
                yield f"{_requirement_place(requirement, indicator)} classification", imported[requirement.id].value


def _requirement_place(requirement: Requirement, indicator: Indicator) -> str:
    return f"{indicator.code} evidence[{requirement.position - 1}]"


def _shown(value: str | None) -> str:
    return "tidak ada" if value is None else f'"{value}"'
