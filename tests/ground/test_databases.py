"""Each test has a migrated database of its own, on both engines, whatever the test before it wrote."""

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from portal.db import db
from portal.models import Unit
from portal.services.unit_of_work import transaction

pytestmark = pytest.mark.usefixtures("app_context")


def test_the_database_is_made_by_the_migrations_and_holds_every_table_of_the_models() -> None:
    assert set(inspect(db.engine).get_table_names()) == {*db.metadata.tables, "alembic_version"}


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_one_test_writes_no_other_test_sees(turn: str) -> None:
    with transaction() as session:
        assert session.execute(select(Unit.code)).first() is None, f"the {turn} test found what the other wrote"
        session.add(Unit(code="A", name="A", path="/A/", timezone="Asia/Jakarta"))


MAY_BE_SUPERUSER = {
    "builders/attacker.py",
    "cli/test_database.py",
    "fixtures/databases.py",
    "migration_check.py",
    "servers/postgres.py",
    "services/verify/laboratory.py",
    "services/verify/test_schema.py",
    "test_migrations.py",
}
"""Files that make a database, or attack one."""


def test_nothing_but_what_makes_or_attacks_a_database_signs_in_as_its_superuser() -> None:
    tests = Path(__file__).parents[1]
    naming = re.compile(r"\bSUPERUSER\b|\bsuperuser_url\b|user=.?postgres\b")
    found = {str(file.relative_to(tests)) for file in tests.rglob("*.py") if naming.search(file.read_text("utf-8"))}
    assert found - {"ground/test_databases.py"} == MAY_BE_SUPERUSER
