"""`portal import-plan` as a separate program, on both databases."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from portal.cli import main
from portal.models import Plan
from portal.services.unit_of_work import transaction
from tests.services.plan_file.small_plan import broken_plan
from tests.services.units import add_merangin_units

MERANGIN = str(Path(__file__).parents[2] / "portal" / "data" / "plans" / "kpu-merangin-2025.yaml")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(app_context: Flask, database_url: str, tmp_path: Path) -> dict[str, str]:
    """Settings of a portal on the test's database, in which the units of the plan are."""
    add_merangin_units()
    return {
        "PORTAL_SECRET_KEY": str(app_context.secret_key),
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_STORE_DIR": str(tmp_path / "objects"),
    }


@pytest.fixture
def import_plan(environment: dict[str, str]) -> Run:
    """Run the command as a program of its own."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    program = [str(Path(sys.executable).with_name("portal")), "import-plan"]

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*program, *arguments],
            env={**around, **environment, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def plans() -> int:
    with transaction(write=False) as session:
        return session.scalar(select(func.count()).select_from(Plan)) or 0


def test_a_dry_run_a_run_and_a_second_run(import_plan: Run) -> None:
    arguments = (MERANGIN, "--unit", "KPU-1502", "--year", "2025", "--json")
    for options, outcome, stored in ((["--dry-run"], "would_create", 0), ([], "created", 1), ([], "unchanged", 1)):
        done = import_plan(*arguments, *options)
        assert (done.returncode, done.stderr) == (0, "")
        answer = json.loads(done.stdout)
        assert [warning["place"] for warning in answer.pop("warnings")] == ["V.4.4"]
        assert answer == {
            "outcome": outcome,
            "unit": "KPU-1502",
            "year": 2025,
            "areas": 6,
            "components": 23,
            "indicators": 70,
            "requirements": 105,
            "slots": 151,
        }
        assert plans() == stored


def test_it_speaks_to_people_and_names_what_is_suspicious(import_plan: Run) -> None:
    done = import_plan(MERANGIN, "--unit", "KPU-1502", "--year", "2025")
    lines = done.stdout.splitlines()
    assert lines[0] == "Rencana aksi KPU-1502 tahun 2025 diimpor."
    assert lines[1] == "6 area, 23 komponen, 70 indikator, 105 bukti fisik, 151 slot waktu."
    assert lines[2].startswith("Perlu dicek, V.4.4: Target tertulis Juni 2022")


def test_a_broken_file_is_refused_with_every_place(import_plan: Run, tmp_path: Path) -> None:
    file = tmp_path / "rusak.yaml"
    file.write_bytes(broken_plan(('place: "Bangko"', "place:"), ('"2025-08"', '"2025-13"')))
    done = import_plan(str(file), "--unit", "KPU-1502", "--year", "2025")
    assert (done.returncode, done.stdout) == (2, "")
    headline, *places = done.stderr.splitlines()
    assert headline.startswith("Rencana aksi ditolak; tidak ada yang disimpan.")
    assert [line.partition(": ")[0] for line in places] == [
        "- document.place, baris 14",
        "- areas[0].components[0].indicators[0].due[0], baris 30",
    ]
    answer = json.loads(import_plan(str(file), "--unit", "KPU-1502", "--year", "2025", "--json").stdout)
    assert [error["place"] for error in answer["errors"]] == [line.partition(": ")[0][2:] for line in places]
    assert plans() == 0


def test_another_plan_is_refused_with_the_difference(import_plan: Run, tmp_path: Path) -> None:
    import_plan(MERANGIN, "--unit", "KPU-1502", "--year", "2025")
    other = tmp_path / "lain.yaml"
    other.write_text(
        Path(MERANGIN).read_text(encoding="utf-8").replace('place: "Bangko"', 'place: "Jambi"'), encoding="utf-8"
    )
    done = import_plan(str(other), "--unit", "KPU-1502", "--year", "2025", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout) == {"differences": [{"place": "document.place", "old": "Bangko", "new": "Jambi"}]}
    spoken = import_plan(str(other), "--unit", "KPU-1502", "--year", "2025").stderr
    assert '- document.place: tersimpan "Bangko", dalam berkas "Jambi"' in spoken


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([MERANGIN, "--unit", "KPU-9999", "--year", "2025"], "Unit KPU-9999 tidak ada"),
        ([MERANGIN, "--unit", "", "--year", "2025"], "tidak ada"),
        ([MERANGIN, "--unit", "x" * 9999, "--year", "2025"], "tidak ada"),
        ([MERANGIN, "--unit", "\udcff", "--year", "2025"], "tidak ada"),
        ([MERANGIN, "--unit", "\0", "--year", "2025"], "tidak ada"),
        (["\udcff", "--unit", "KPU-1502", "--year", "2025"], "Berkas tidak dapat dibaca"),
        ([MERANGIN, "--unit", "KPU\u202e", "--year", "2025"], "tidak ada"),
        ([MERANGIN, "--unit", "KPU-1502", "--year", "2026"], "document.year"),
        ([MERANGIN, "--unit", "KPU-1502", "--year", "dua"], "'--year'"),
        ([MERANGIN, "--unit", "KPU-1502", "--year", "-1"], "'--year'"),
        ([MERANGIN, "--unit", "KPU-1502"], "'--year'"),
        ([MERANGIN, "--year", "2025"], "'--unit'"),
        (["--unit", "KPU-1502", "--year", "2025"], "'FILE'"),
        (["", "--unit", "KPU-1502", "--year", "2025"], "Berkas tidak dapat dibaca"),
        (["/tidak/ada.yaml", "--unit", "KPU-1502", "--year", "2025"], "Berkas tidak dapat dibaca"),
        (["/dev/zero", "--unit", "KPU-1502", "--year", "2025"], "Berkas lebih besar dari 1 MiB"),
    ],
)
def test_wrong_arguments_are_told_and_change_nothing(
    environment: dict[str, str], arguments: list[str], said: str
) -> None:
    done = CliRunner().invoke(main, ["import-plan", *arguments], env=environment)
    assert (done.exit_code, type(done.exception)) == (2, SystemExit)
    assert said in done.stderr
    assert plans() == 0


def test_a_database_without_tables_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    empty = {**environment, "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    done = CliRunner().invoke(main, ["import-plan", MERANGIN, "--unit", "KPU-1502", "--year", "2025"], env=empty)
    assert done.exit_code == 2
    assert done.stderr.startswith("Basis data tidak terjangkau atau belum disiapkan; tidak ada yang diubah.")


def test_wrong_settings_are_named(environment: dict[str, str]) -> None:
    weak = {**environment, "PORTAL_SECRET_KEY": "x"}
    done = CliRunner().invoke(main, ["import-plan", MERANGIN, "--unit", "KPU-1502", "--year", "2025"], env=weak)
    assert done.exit_code == 2
    assert done.stderr.startswith("PORTAL_SECRET_KEY:")
    assert plans() == 0
