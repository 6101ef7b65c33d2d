"""Attempts on the trail: as the app nothing helps; as owner or superuser no statement on rows does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.db import WRITE_OPTION, db
from portal.services.constraint_names import find_constraint
from tests.fixtures.databases import ROLES, as_owner
from tests.models.attempts import ON_ROWS, ON_ROWS_OF, ON_SCHEMA_OF, ON_SERVER_OF, Attempts
from tests.models.scene import NOT_REFUSED, Scene

BY_PRIVILEGE = "privilege"


def refusal_of(connection: Connection, statement: str, ids: Mapping[str, Any]) -> str:
    """A guard's name, BY_PRIVILEGE or NOT_REFUSED; leaves nothing behind. Any other error is one of the test."""
    with connection.begin_nested() as nested:
        try:
            connection.execute(text(statement), ids)
        except IntegrityError as error:
            return find_constraint(error)
        except DBAPIError as error:
            if not is_by_privilege(error):
                raise
            return BY_PRIVILEGE
        finally:
            nested.rollback()
    return NOT_REFUSED


def is_by_privilege(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == "42501" or "not authorized" in str(error.orig)


@contextmanager
def as_app() -> Iterator[Connection]:
    """The portal's own connection, and nothing of what it does stays."""
    with db.engine.connect().execution_options(**{WRITE_OPTION: True}) as connection:
        yield connection
        connection.rollback()


def on_rows() -> Attempts:
    return {**ON_ROWS, **ON_ROWS_OF[db.engine.dialect.name]}


@pytest.fixture
def ids(scene: Scene) -> Mapping[str, Any]:
    """Of a scene whose own transaction is over, so that others may write."""
    scene.connection.rollback()
    return scene.ids


def test_req_18_whatever_the_app_tries_is_refused(ids: Mapping[str, Any]) -> None:
    dialect = db.engine.dialect.name
    passed = []
    with as_app() as connection:
        for name, statement in {**on_rows(), **ON_SCHEMA_OF[dialect], **ON_SERVER_OF[dialect]}.items():
            refusal = refusal_of(connection, statement, ids)
            by_rows = name in on_rows() and refusal.startswith("guard_")
            if not by_rows and refusal != BY_PRIVILEGE:
                passed.append(f"{name}: {refusal}")
    assert not passed, "\n".join(passed)


def test_what_changes_rows_is_refused_to_the_owner_too(ids: Mapping[str, Any]) -> None:
    with as_owner() as connection:
        told = {name: refusal_of(connection, statement, ids) for name, statement in on_rows().items()}
    assert not {name: refusal for name, refusal in told.items() if not refusal.startswith("guard_")}


def test_the_owner_may_change_the_schema_which_only_a_checkpoint_elsewhere_shows(ids: Mapping[str, Any]) -> None:
    """Were one of these refused, the attempt would be badly written and prove nothing of the app."""
    with as_owner() as connection:
        attempts = ON_SCHEMA_OF[db.engine.dialect.name]
        told = {name: refusal_of(connection, statement, ids) for name, statement in attempts.items()}
    assert set(told.values()) == {NOT_REFUSED}, told


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_superuser_in_a_replica_role_is_refused_as_well(ids: Mapping[str, Any]) -> None:
    with as_owner() as connection:
        connection.execute(text("RESET ROLE"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        told = {name: refusal_of(connection, statement, ids) for name, statement in on_rows().items()}
    assert not {name: refusal for name, refusal in told.items() if not refusal.startswith("guard_")}


@pytest.mark.usefixtures("app_context")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nobody_gets_from_the_app_to_another_role() -> None:
    with as_app() as connection:
        for role in (ROLES.owner, ROLES.reader, "postgres"):
            assert refusal_of(connection, f"SET ROLE {role}", {}) == BY_PRIVILEGE, role
