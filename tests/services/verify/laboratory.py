"""A true office on one database for many attacks: each is made and looked at in a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session

from portal import create_app
from portal.db import db
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.reconciling import reconcile_tables, sealed_sizes
from portal.services.verify.replay import ReplayedLog, replay_log
from tests.builders.attacker import drop_guards, forget_foreign_keys
from tests.builders.true_office import build_true_office
from tests.fixtures.databases import settings_for, superuser_url


@dataclass(frozen=True, slots=True)
class Laboratory:
    """`engine` reaches the database past the portal, and its guards are gone; `log` is the log as it was."""

    engine: Engine
    log: ReplayedLog

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """An attack that leaves nothing behind."""
        with Session(self.engine) as session:
            yield Attempt(session, self.log)
            session.rollback()


@dataclass(frozen=True, slots=True)
class Attempt:
    session: Session
    log: ReplayedLog

    def run(self, statement: str, **values: Any) -> None:
        """Send SQL; an attack that touches no row is a mistake of the test."""
        result = self.session.execute(text(statement), {n: self._bound(v) for n, v in values.items()})
        assert result.rowcount, f"nothing was attacked: {statement}"  # type: ignore[attr-defined]  # a cursor's result

    def value(self, query: str) -> Any:
        return self.session.execute(text(query)).scalars().first()

    def table_findings(self) -> list[tuple[FindingCode, str]]:
        """The same without a replay of the log, which was not touched."""
        findings = Findings()
        reconcile_tables(self.session, findings, self.log)
        return [(finding.code, finding.place) for finding in findings.kept]

    def findings(self) -> list[tuple[FindingCode, str]]:
        """Code and place of everything that the log and the tables show."""
        findings = Findings()
        self.session.flush()
        log = replay_log(self.session, findings, root_at=sealed_sizes(self.session))
        reconcile_tables(self.session, findings, log)
        return [(finding.code, finding.place) for finding in findings.kept]

    def _bound(self, value: Any) -> Any:
        as_text = self.session.get_bind().dialect.name == "sqlite"
        return (value.hex if as_text else str(value)) if isinstance(value, UUID) else value


@contextmanager
def open_laboratory(database_url: str, folder: Path) -> Iterator[Laboratory]:
    """Build the office, then let go of every guard and foreign key."""
    app = create_app(settings_for(database_url, folder))
    with app.app_context():
        build_true_office(app.extensions["portal.store"])
        db.engine.dispose()
    engine = create_engine(superuser_url(database_url) or database_url)
    event.listen(engine, "connect", forget_foreign_keys)
    drop_guards(engine)
    with Session(engine) as session:
        log = replay_log(session, Findings(), root_at=sealed_sizes(session))
    yield Laboratory(engine, log)
    engine.dispose()
