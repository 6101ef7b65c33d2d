"""An action plan is imported whole, once, and with one event."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.db import Base
from portal.domain.actor import Actor, Grant
from portal.domain.classification import Classification
from portal.domain.errors import InvalidInput, NotPermitted
from portal.domain.log.leaf import commitment
from portal.domain.plan import PlanDocument, PlanIndicator, PlanTotals
from portal.domain.roles import Role
from portal.models import Area, Component, Indicator, LogLeaf, LogOpening, Plan, Requirement, ReviewTier, Slot, Unit
from portal.services.classifying import change_classification
from portal.services.plan_content import plan_content, read_content
from portal.services.plan_differences import PlanDiffers
from portal.services.plan_file import PlanFileInvalid, read_plan
from portal.services.plans import ImportOutcome, PlanImport, import_plan
from portal.services.unit_of_work import transaction
from tests.builders.world import World, add_person
from tests.services.plan_file.decree_table import read_decree
from tests.services.plan_file.merangin import merangin_bytes, merangin_plan
from tests.services.plan_file.test_decree import assert_split, joined
from tests.services.units import add_merangin_units

NOW = datetime(2025, 10, 1, 2, 3, 4, tzinfo=UTC)
ADMIN = Actor.system("import-plan")
MERANGIN = merangin_plan()


@pytest.fixture(autouse=True)
def _units(app_context: Flask) -> None:  # noqa: ARG001  # the context is what the units are added in
    add_merangin_units()


def import_merangin(
    document: PlanDocument = MERANGIN, *, actor: Actor = ADMIN, unit_code: str = "KPU-1502", dry_run: bool = False
) -> PlanImport:
    return import_plan(actor=actor, unit_code=unit_code, year=2025, document=document, dry_run=dry_run, now=NOW)


def admin_of(unit_path: str) -> Actor:
    return Actor(user_id=uuid4(), grants=(Grant(membership_id=uuid4(), role=Role.ADMIN, unit_path=unit_path),))


def counts() -> dict[str, int]:
    """Rows of each table that an import touches."""
    tables: list[type[Base]] = [Plan, ReviewTier, Area, Component, Indicator, Requirement, Slot, LogLeaf]
    with transaction(write=False) as session:
        return {t.__name__: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def changed(code: str, change: Callable[[PlanIndicator], PlanIndicator]) -> PlanDocument:
    """The Merangin plan with one indicator changed."""
    areas = tuple(
        replace(
            area,
            components=tuple(
                replace(c, indicators=tuple(change(i) if i.code == code else i for i in c.indicators))
                for c in area.components
            ),
        )
        for area in MERANGIN.areas
    )
    return replace(MERANGIN, areas=areas)


def test_the_whole_plan_is_stored() -> None:
    done = import_merangin()
    assert done.created
    assert done.totals == PlanTotals(areas=6, components=23, indicators=70, requirements=105, slots=151)
    assert counts() == {
        "Plan": 1,
        "ReviewTier": 1,
        "Area": 6,
        "Component": 23,
        "Indicator": 70,
        "Requirement": 105,
        "Slot": 151,
        "LogLeaf": 1,
    }


def test_every_stored_cell_is_the_decrees() -> None:
    import_merangin()
    decree = read_decree()
    with transaction(write=False) as session:
        stored = session.execute(
            select(Area, Component, Indicator)
            .join(Component, Component.area_id == Area.id)
            .join(Indicator, Indicator.component_id == Component.id)
            .order_by(Area.position, Component.number, Indicator.seq)
        ).all()
        assert len(stored) == len(decree)
        for row, (area, component, indicator) in zip(decree, stored, strict=True):
            assert (area.code, area.name) == (row.area_code, row.area_name)
            assert (str(component.number), component.name) == (row.component_number, joined(row.component_name))
            assert indicator.text == joined(row.indicator)
            assert indicator.evidence_text == joined(row.evidence)
            assert indicator.target_text == row.target
            assert_split(row.actions, tuple(indicator.actions.split("\n")))
            assert_split(row.evidence, tuple(requirement.text for requirement in indicator.requirements))


def test_head_classes_and_slots_are_stored() -> None:
    import_merangin()
    with transaction(write=False) as session:
        plan = session.scalars(select(Plan)).one()
        assert (plan.unit.code, plan.year, plan.decree_number) == ("KPU-1502", 2025, "19 Tahun 2025")
        assert plan.lateness_from == date(2025, 9, 22)
        assert plan.document_sha256 == MERANGIN.sha256
        assert [(tier.position, tier.role, tier.quorum) for tier in plan.tiers] == [(0, Role.TPI_MEMBER, 1)]
        late = session.scalars(select(Indicator).where(Indicator.code == "V.4.4")).one()
        assert late.suspicion == next(i.suspicion for i in MERANGIN.indicators if i.code == "V.4.4")
        (requirement,) = late.requirements
        assert requirement.classification is Classification.RAHASIA
        assert [(slot.month, slot.due_on) for slot in requirement.slots] == [(date(2022, 6, 1), date(2022, 6, 30))]


def test_the_import_is_one_event_by_its_actor() -> None:
    import_merangin()
    with transaction(write=False) as session:
        plan_id = session.scalars(select(Plan.id)).one()
        (body,) = session.scalars(select(LogLeaf.body)).all()
        content = session.scalars(select(LogOpening)).one()
        stored = plan_content(session.get_one(Plan, plan_id))
        assert read_content(content.value) == stored
        assert Counter(table for table, _ in stored)["slot"] == 151
        session.expunge_all()
    ev = json.loads(body)["ev"]
    assert (ev["type"], ev["actor"], ev["role"], ev["obj"]) == (
        "plan.imported",
        "system:import-plan",
        "admin",
        str(plan_id),
    )
    assert ev["data"] == {
        "content_c": commitment(content.salt, content.value),
        "unit": "KPU-1502",
        "year": 2025,
        "document_sha256": MERANGIN.sha256,
        "indicators": 70,
        "requirements": 105,
        "slots": 151,
    }


def test_a_second_import_changes_nothing_and_says_so() -> None:
    import_merangin()
    before = counts()
    assert import_merangin().outcome is ImportOutcome.UNCHANGED
    assert counts() == before


def test_comments_and_layout_of_a_file_are_no_difference() -> None:
    import_merangin()
    rewritten = read_plan(merangin_bytes().replace(b"\n", b"\r\n") + b"# diperiksa\r\n")
    assert rewritten.sha256 != MERANGIN.sha256
    assert import_merangin(rewritten).outcome is ImportOutcome.UNCHANGED


def test_a_dry_run_stores_nothing_and_finds_what_a_run_would() -> None:
    before = counts()
    dry = import_merangin(dry_run=True)
    assert dry.outcome is ImportOutcome.WOULD_CREATE
    assert counts() == before
    done = import_merangin()
    assert (done.totals, done.warnings) == (dry.totals, dry.warnings)
    assert import_merangin(dry_run=True).outcome is ImportOutcome.UNCHANGED
    with pytest.raises(PlanDiffers):
        import_merangin(replace(MERANGIN, title="Judul lain"), dry_run=True)


def test_another_plan_is_refused_with_every_differing_place() -> None:
    import_merangin()
    before = counts()
    other = changed(
        "III.2.1",
        lambda indicator: replace(
            indicator,
            target_text="Juni 2025",
            months=(date(2025, 6, 1),),
            requirements=tuple(replace(r, classification=Classification.BIASA) for r in indicator.requirements),
        ),
    )
    with pytest.raises(PlanDiffers) as refused:
        import_merangin(replace(other, place="Jambi"))
    assert [(d.place, d.old, d.new) for d in refused.value.differences] == [
        ("document.place", "Bangko", "Jambi"),
        ("III.2.1 target_text", "April-Mei 2025", "Juni 2025"),
        ("III.2.1 evidence[0] classification", "terbatas", "biasa"),
        ("III.2.1 evidence[0] due", "2025-05", "2025-06"),
    ]
    assert counts() == before


def test_a_class_that_was_changed_in_the_portal_is_no_difference_of_the_file() -> None:
    """Neither of the file as it was imported nor of one that says what the portal says; a third class is one."""
    import_merangin()
    with transaction(write=False) as session:
        code = Indicator.code == "III.2.1"
        requirement_id = session.scalars(select(Requirement.id).join(Indicator).where(code)).one()
        unit_id, path = session.execute(select(Unit.id, Unit.path).where(Unit.code == "KPU-1502")).one()
    world = World(unit_id=unit_id, unit_path=path, plan_id=requirement_id)
    change_classification(
        actor=add_person(world, Role.TPI_LEAD),
        requirement_id=requirement_id,
        seen=Classification.TERBATAS,
        wanted=Classification.RAHASIA,
        reason="Menyangkut pelapor.",
        now=NOW,
    )
    assert import_merangin().outcome is ImportOutcome.UNCHANGED
    assert import_merangin(with_class(Classification.RAHASIA)).outcome is ImportOutcome.UNCHANGED
    with pytest.raises(PlanDiffers) as refused:
        import_merangin(with_class(Classification.BIASA))
    assert [str(difference) for difference in refused.value.differences] == [
        'III.2.1 evidence[0] classification: tersimpan "rahasia", dalam berkas "biasa"'
    ]


def with_class(classification: Classification) -> PlanDocument:
    """The plan with another class in III.2.1."""
    return changed(
        "III.2.1",
        lambda indicator: replace(
            indicator,
            requirements=tuple(replace(r, classification=classification) for r in indicator.requirements),
        ),
    )


def test_what_is_missing_or_new_is_a_difference() -> None:
    import_merangin()
    shorter = changed("I.1.1", lambda indicator: replace(indicator, requirements=indicator.requirements[:1]))
    with pytest.raises(PlanDiffers) as refused:
        import_merangin(shorter)
    assert [(d.place, d.old, d.new) for d in refused.value.differences] == [
        ("I.1.1 evidence[1]", "Prosedur pemilihan Tim Kerja ZI", None),
        ("I.1.1 evidence[1] classification", "biasa", None),
        ("I.1.1 evidence[1] due", "2025-08", None),
    ]


def test_a_month_of_another_year_is_kept_and_flagged_even_if_the_file_is_silent() -> None:
    silent = changed("V.4.4", lambda indicator: replace(indicator, suspicion=None))
    (warning,) = import_merangin(silent).warnings
    assert warning.place == "V.4.4"
    assert warning.message.startswith("Target jatuh pada tahun 2022, di luar tahun rencana 2025.")
    with transaction(write=False) as session:
        stored = session.scalars(select(Indicator.suspicion).where(Indicator.code == "V.4.4")).one()
    assert stored == warning.message


def test_the_plan_of_another_unit_is_imported_with_a_warning() -> None:
    warnings = import_merangin(unit_code="KPU-15").warnings
    assert [warning.place for warning in warnings] == ["units", "V.4.4"]


def test_a_document_of_another_year_is_refused() -> None:
    with pytest.raises(PlanFileInvalid) as refused:
        import_plan(actor=ADMIN, unit_code="KPU-1502", year=2026, document=MERANGIN, now=NOW)
    assert [error.place for error in refused.value.errors] == ["document.year"]


@pytest.mark.parametrize("unit_path", ["/KPU/KPU-15/", "/KPU/KPU-15/KPU-1503/"])
def test_a_unit_out_of_reach_is_answered_as_one_that_is_not_there(unit_path: str) -> None:
    with pytest.raises(InvalidInput) as foreign:
        import_merangin(actor=admin_of(unit_path))
    with pytest.raises(InvalidInput) as missing:
        import_merangin(unit_code="KPU-9999")
    assert foreign.value.message == missing.value.message.replace("KPU-9999", "KPU-1502")
    assert counts()["Plan"] == 0


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_only_an_admin_imports(role: Role) -> None:
    actor = Actor(user_id=uuid4(), grants=(Grant(membership_id=uuid4(), role=role, unit_path="/", below=True),))
    with pytest.raises(NotPermitted):
        import_merangin(actor=actor)


def test_the_admin_of_the_unit_imports() -> None:
    assert import_merangin(actor=admin_of("/KPU/KPU-15/KPU-1502/")).created


def test_of_two_imports_at_the_same_time_one_creates(app: Flask) -> None:
    start = Barrier(2, timeout=30)

    def run(_number: int) -> ImportOutcome:
        with app.app_context():
            start.wait()
            return import_merangin().outcome

    with ThreadPoolExecutor(max_workers=2) as pool:
        assert sorted(pool.map(run, range(2))) == [ImportOutcome.CREATED, ImportOutcome.UNCHANGED]
    assert counts()["Plan"] == counts()["LogLeaf"] == 1
