"""What the portal adds to the decree in the plan that it ships: units, official names, classes, suspicion."""

from datetime import date

from portal.domain.classification import Classification
from portal.domain.plan import PlanTotals, SuspiciousMonth, suspicious_months
from tests.services.plan_file.merangin import merangin_plan

PLAN = merangin_plan()


def test_totals() -> None:
    assert PLAN.totals == PlanTotals(areas=6, components=23, indicators=70, requirements=105, slots=151)


def test_slots_of_each_area() -> None:
    slots = {
        area.code: sum(len(i.requirements) * len(i.slots) for c in area.components for i in c.indicators)
        for area in PLAN.areas
    }
    assert slots == {"I": 40, "II": 11, "III": 38, "IV": 19, "V": 30, "VI": 13}


def test_units_lead_from_the_ministry_to_the_regency() -> None:
    assert [(unit.code, unit.under) for unit in PLAN.units] == [
        ("KPU", None),
        ("KPU-15", "KPU"),
        ("KPU-1502", "KPU-15"),
    ]


def test_official_area_names() -> None:
    assert [area.official_name for area in PLAN.areas] == [
        "Manajemen Perubahan",
        "Penataan Tatalaksana",
        "Penataan Sistem Manajemen SDM Aparatur",
        "Penguatan Akuntabilitas",
        "Penguatan Pengawasan",
        "Peningkatan Kualitas Pelayanan Publik",
    ]


def test_sensitive_indicators_are_restricted_with_a_reason() -> None:
    """Numbers are those of the decree's rows from 1 to 70."""
    classes = {
        number: requirement.classification
        for number, indicator in enumerate(PLAN.indicators, start=1)
        for requirement in indicator.requirements
    }
    secret = {number for number, found in classes.items() if found is Classification.RAHASIA}
    limited = {number for number, found in classes.items() if found is Classification.TERBATAS}
    assert secret == {47, 48, 49, 51, 52, 53}
    assert limited == {7, 14, 15, 16, 20, 21, 23, 24, 25, 26, 27, 28, 29, 56, 66, 68}
    reasoned = {number for number, indicator in enumerate(PLAN.indicators, start=1) if indicator.classification_reason}
    assert reasoned == secret | limited


def test_june_2022_stays_and_is_suspicious() -> None:
    assert suspicious_months(PLAN) == (SuspiciousMonth(indicator_code="V.4.4", month=date(2022, 6, 1)),)
    indicator = next(indicator for indicator in PLAN.indicators if indicator.code == "V.4.4")
    assert indicator.target_text == "Juni 2022"
    assert [indicator.code for indicator in PLAN.indicators if indicator.suspicion] == ["V.4.4"]


def test_lateness_counts_from_the_decree() -> None:
    assert PLAN.lateness_from == PLAN.decree_date == date(2025, 9, 22)
