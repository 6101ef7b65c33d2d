"""Migrations: up from nothing, down on an empty trail only, the same guards on both databases, one head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, inspect, select, text

from portal import create_app
from portal.adapters.local_store import LocalStore
from portal.db import db
from portal.domain.log.merkle import root_of
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import LogSubtree, RevisionFile
from portal.models.guards import Guard, existing_guards
from portal.services.bundles.members import add_members, bundle_plan, store_member
from portal.services.bundles.page import ReadyBundle, get_sealed
from portal.services.log_tree import LogTree
from portal.services.unit_of_work import transaction
from tests.builders.bundles import Bag, Office, open_office
from tests.builders.long_log import hash_at, write_leaves
from tests.builders.world import NOW, act, add_person, build_world, submitted
from tests.fixtures.databases import as_owner, settings_for
from tests.models.scene import key
from tests.servers.postgres import SUPERUSER, PostgresServer

HEAD = "0013"
"""The one revision that the code runs on; a new migration changes it here on purpose."""


@pytest.fixture
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """An application on a database without any table."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        url = server.url(request.getfixturevalue("empty_postgres"), user=SUPERUSER)
    return create_app(settings_for(url, tmp_path))


@pytest.fixture
def empty_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database() as name:
        yield name


both = pytest.mark.parametrize("empty_app", ["sqlite", "postgresql"], indirect=True)


def guards() -> frozenset[str]:
    with db.engine.connect() as connection:
        return existing_guards(connection)


SCRIPTS = ScriptDirectory(str(Path(__file__).parents[1] / "migrations"))


def migration_guards(revision: str = HEAD) -> list[Guard]:
    """What the migrations up to `revision` create."""
    scripts = SCRIPTS.walk_revisions(head=revision)
    return [guard for script in scripts for guard in getattr(script.module, "GUARDS", ())]


def expected_guards(dialect: str, revision: str = HEAD) -> frozenset[str]:
    """Names of the guards that are on this database at `revision`."""
    return frozenset(guard.name for guard in migration_guards(revision) if guard.created_by(dialect))


@contextmanager
def later_tables() -> Iterator[None]:
    """What today's code asks for when it fills a database of long ago."""
    table = db.metadata.tables["redaction"]
    with as_owner() as connection:
        table.create(connection)
        connection.commit()
    yield
    with as_owner() as connection:
        table.drop(connection)
        connection.commit()


def test_there_is_one_head_and_it_is_the_pinned_one() -> None:
    assert SCRIPTS.get_heads() == [HEAD]


@pytest.mark.usefixtures("app_context")
def test_the_models_ask_for_nothing_that_no_migration_makes() -> None:
    flask_migrate.check()


@both
def test_after_every_step_there_are_just_the_guards_of_the_steps_so_far(empty_app: Flask) -> None:
    revisions = [script.revision for script in SCRIPTS.walk_revisions()]
    with empty_app.app_context():
        for revision in reversed(revisions):
            flask_migrate.upgrade(revision=revision)
            assert guards() == expected_guards(db.engine.dialect.name, revision), f"after going up to {revision}"
        for revision in revisions[1:]:
            flask_migrate.downgrade(revision=revision)
            assert guards() == expected_guards(db.engine.dialect.name, revision), f"after going down to {revision}"
        db.engine.dispose()


@both
def test_up_from_nothing_down_again_and_up_once_more(empty_app: Flask) -> None:
    with empty_app.app_context():
        flask_migrate.upgrade()
        tables = set(inspect(db.engine).get_table_names())
        assert {table.name for table in db.metadata.sorted_tables} <= tables
        assert guards() == expected_guards(db.engine.dialect.name)
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade()
        assert guards() == expected_guards(db.engine.dialect.name)
        db.engine.dispose()


@both
def test_the_guards_come_after_tables_that_hold_rows(empty_app: Flask) -> None:
    with empty_app.app_context():
        flask_migrate.upgrade(revision="0001")
        assert guards() == frozenset()
        with later_tables():
            world = build_world()
            act(
                world,
                add_person(world, Role.TPI_MEMBER),
                Action.APPROVE,
                submitted(world, add_person(world, Role.UPLOADER)),
            )
        before = _counts()
        flask_migrate.upgrade()
        assert _counts() | before == _counts()
        assert guards() == expected_guards(db.engine.dialect.name)
        db.engine.dispose()


@both
def test_full_subtrees_of_an_older_log_are_kept_from_then_on(empty_app: Flask) -> None:
    size = 65_536 + 256 + 44
    with empty_app.app_context():
        flask_migrate.upgrade(revision="0001")
        with db.engine.begin() as connection:
            write_leaves(connection, size)
        flask_migrate.upgrade()
        with transaction(write=False) as session:
            kept = session.execute(select(func.count()).select_from(LogSubtree)).scalar_one()
            assert kept == size // 256 + size // 65_536
            assert LogTree(session, size).root_at(size) == root_of(hash_at(seq) for seq in range(size))
        db.engine.dispose()


@pytest.mark.parametrize("revision", ["base", "0001"])
@pytest.mark.usefixtures("app_context")
def test_a_trail_with_leaves_is_not_cut(revision: str) -> None:
    world = build_world()
    submitted(world, add_person(world, Role.UPLOADER))
    before = _counts()
    with pytest.raises(SystemExit, match="Downgrade refused: the audit trail holds 1 leaves"):
        flask_migrate.downgrade(revision=revision)
    assert _counts() == before
    assert guards() == expected_guards(db.engine.dialect.name)


@both
def test_a_bundle_of_the_first_format_is_sent_as_it_was(empty_app: Flask, tmp_path: Path) -> None:
    with empty_app.app_context():
        flask_migrate.upgrade(revision="0007")
        with later_tables():
            office = open_office(LocalStore(tmp_path / "objects"))
            bundle_id = _sealed_as_before(office, office.approved("I.1", office.file(b"lama")))
        flask_migrate.upgrade()
        view = get_sealed(actor=office.auditor, bundle_id=bundle_id, now=office.world.clock)
        content = office.fetch(bundle_id)
        db.engine.dispose()
    assert Bag.of(content).files == {"manifest-sha256.txt": b"daftar", "data/lama.pdf": b"lama"}
    assert (view.evidence_size, view.ready) == (
        len(b"lama"),
        ReadyBundle(size=len(content), checkpoint_size=1, checkpoint_root="0" * 64, keys=()),
    )


def _sealed_as_before(office: Office, revision_id: UUID) -> UUID:
    """The rows of a bundle as they were at revision 0007; returns its id."""
    bundle_id, (grant,) = uuid4(), office.auditor.grants
    documents = {"manifest-sha256.txt": b"daftar", "data/lama.pdf": b"lama"}
    members = [store_member(path, BytesIO(content), office.store) for path, content in documents.items()]
    values = {
        "id": key(bundle_id),
        "plan": key(office.world.plan_id),
        "person": key(office.auditor.person),
        "membership": key(grant.membership_id),
        "revision": key(revision_id),
        "at": NOW.replace(tzinfo=None) if db.engine.dialect.name == "sqlite" else NOW,
        "zero": "0" * 64,
        "size": bundle_plan("paket", [member.bag for member in members], NOW).total_size,
    }
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO bundle (id, plan_id, name, sealed_by, membership_id, sealed_at, log_size, log_root,"
                " manifest_sha256, heads_sha256, files, left_out, size)"
                " VALUES (:id, :plan, 'paket', :person, :membership, :at, 1, :zero, :zero, :zero, 1, 0, :size)"
            ),
            values,
        )
        session.execute(text("INSERT INTO bundle_revision (bundle_id, revision_id) VALUES (:id, :revision)"), values)
        evidence = select(RevisionFile.file_id).where(RevisionFile.revision_id == revision_id)
        members[-1] = replace(members[-1], file_id=session.execute(evidence).scalar_one())
        add_members(session, bundle_id, members)
    return bundle_id


def _counts() -> dict[str, int]:
    """Rows of every table that is there."""
    with db.engine.connect() as connection:
        return {
            name: connection.execute(text(f'SELECT COUNT(*) FROM "{name}"')).scalar_one()  # noqa: S608
            for name in inspect(connection).get_table_names()
            if name in db.metadata.tables
        }
