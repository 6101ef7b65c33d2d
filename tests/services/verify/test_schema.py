"""Guards that are gone or only look like guards, and whatever else could act behind the portal's back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from portal.services.verify.findings import FindingCode as C
from portal.services.verify.findings import Findings
from portal.services.verify.schema import check_schema
from tests.builders.attacker import forget_foreign_keys
from tests.fixtures.databases import ROLES, sqlite_url, superuser_url
from tests.servers.postgres import PostgresServer


@pytest.fixture(scope="module")
def sqlite_owner(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("schema") / "portal.sqlite3"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    yield from _owner(sqlite_url(path))


@pytest.fixture(scope="module")
def postgresql_owner(postgres_server: PostgresServer, postgres_template: str) -> Iterator[Engine]:
    with postgres_server.database(template=postgres_template, owner=ROLES.owner) as name:
        yield from _owner(postgres_server.url(name))


def _owner(url: str) -> Iterator[Engine]:
    engine = create_engine(superuser_url(url) or url)
    event.listen(engine, "connect", forget_foreign_keys)
    yield engine
    engine.dispose()


def told(engine: Engine, *statements: str) -> list[tuple[C, str, str]]:
    """Code, place and what was found after these statements, which leave nothing behind."""
    findings = Findings()
    with Session(engine) as session:
        connection = session.connection()
        for statement in statements:
            connection.exec_driver_sql(statement)
        check_schema(session, findings)
        session.rollback()
    return [(finding.code, finding.place, finding.found) for finding in findings.kept]


GUARD = "guard_decision_no_update"
SQLITE_ATTACKS = {
    "gone": ((f"DROP TRIGGER {GUARD}",), C.GUARD_MISSING, "penjaga", f"1 tidak terpasang: {GUARD}"),
    "toothless": (
        (
            f"DROP TRIGGER {GUARD}",
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON decision FOR EACH ROW WHEN 1 = 0 "
            f"BEGIN SELECT RAISE(ABORT, '{GUARD}'); END",
        ),
        C.GUARD_CHANGED,
        GUARD,
        "1 = 0",
    ),
    "rewriter": (
        (
            "CREATE TRIGGER quiet AFTER INSERT ON decision BEGIN "
            "UPDATE decision SET verdict = 'approve' WHERE id = NEW.id; END",
        ),
        C.GUARD_CHANGED,
        "quiet",
        "CREATE TRIGGER quiet",
    ),
    "index": (("DROP INDEX uq_revision_open_per_evidence",), C.SCHEMA_CHANGED, "", "uq_revision_open_per_evidence"),
}
POSTGRESQL_ATTACKS = {
    "gone": ((f"DROP TRIGGER {GUARD} ON decision",), C.GUARD_MISSING, "penjaga", f"1 tidak terpasang: {GUARD}"),
    "asleep": ((f"ALTER TABLE decision DISABLE TRIGGER {GUARD}",), C.GUARD_CHANGED, GUARD, " D "),
    "only for replicas": ((f"ALTER TABLE decision ENABLE REPLICA TRIGGER {GUARD}",), C.GUARD_CHANGED, GUARD, " R "),
    "toothless": (
        (f"CREATE OR REPLACE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",),
        C.GUARD_CHANGED,
        GUARD,
        "BEGIN RETURN NEW",
    ),
    "never asked": (
        (
            f"DROP TRIGGER {GUARD} ON decision",
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON decision FOR EACH ROW WHEN (false) EXECUTE FUNCTION {GUARD}()",
            f"ALTER TABLE decision ENABLE ALWAYS TRIGGER {GUARD}",
        ),
        C.GUARD_CHANGED,
        GUARD,
        "WHEN (false)",
    ),
    "rewriter": (
        (
            "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.verdict = 'approve'; RETURN NEW; END $$",
            "CREATE TRIGGER quiet BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION quiet()",
        ),
        C.GUARD_CHANGED,
        "quiet",
        "CREATE TRIGGER quiet",
    ),
    "rule": (
        ("CREATE RULE nothing AS ON DELETE TO slot_claim DO INSTEAD NOTHING",),
        C.SCHEMA_CHANGED,
        "",
        "rule nothing on slot_claim",
    ),
    "policy": (("CREATE POLICY hide ON log_leaf USING (seq > 9)",), C.SCHEMA_CHANGED, "", "policy hide on log_leaf"),
    "check": (
        ("ALTER TABLE decision DROP CONSTRAINT ck_decision_refusal_explained",),
        C.SCHEMA_CHANGED,
        "",
        "add_check decision ck_decision_refusal_explained",
    ),
    "foreign key": (
        ("ALTER TABLE decision DROP CONSTRAINT fk_decision_reviewer_id_user",),
        C.SCHEMA_CHANGED,
        "",
        "add_fk",
    ),
}
ATTACKS_ON_BOTH = {
    "column": (("ALTER TABLE revision ADD COLUMN secret TEXT",), C.SCHEMA_CHANGED, "", "remove_column revision secret"),
    "table": (("CREATE TABLE aside (id INTEGER)",), C.SCHEMA_CHANGED, "", "remove_table aside"),
    "view": (("CREATE VIEW aside AS SELECT 1 AS one",), C.SCHEMA_CHANGED, "", "remove_view aside"),
    "revision": (("UPDATE alembic_version SET version_num = '0002'",), C.SCHEMA_CHANGED, "", "revision 0002"),
}
CASES = [
    pytest.param(f"{engine}_owner", *attack, id=f"{engine}-{name.replace(' ', '-')}")
    for engine, attacks in (("sqlite", SQLITE_ATTACKS), ("postgresql", POSTGRESQL_ATTACKS))
    for name, attack in (attacks | ATTACKS_ON_BOTH).items()
]


@pytest.mark.parametrize("engine", ["sqlite_owner", "postgresql_owner"])
def test_a_database_as_the_migrations_left_it_is_clean(request: pytest.FixtureRequest, engine: str) -> None:
    assert told(request.getfixturevalue(engine)) == []


@pytest.mark.parametrize(("engine", "statements", "code", "place", "shown"), CASES)
def test_what_no_migration_did_to_the_database_is_seen(
    request: pytest.FixtureRequest, engine: str, statements: tuple[str, ...], code: C, place: str, shown: str
) -> None:
    found = told(request.getfixturevalue(engine), *statements)
    assert any(each is code and place in where and shown in what for each, where, what in found), found
