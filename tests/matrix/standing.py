"""An application with the office in its database, and the whole matrix asked there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask

from portal import create_app
from tests.fixtures.databases import settings_for
from tests.fixtures.signer import signer_in
from tests.matrix.asking import visit
from tests.matrix.authorisation import authorisation
from tests.matrix.cells import Matrix, Tally
from tests.matrix.changes import watched
from tests.matrix.office import Office, build_office
from tests.matrix.selection import Depth
from tests.matrix.undoing import UndoingSqlite


@dataclass(frozen=True)
class Standing:
    """An application with the office in its database; `engine` is the database's kind."""

    app: Flask
    office: Office
    engine: str

    def ask(self, depth: Depth, people: Collection[str] | None = None) -> Tally:
        """Ask everything for everybody, or for these kinds of `people`; what is allowed is only tried where it can be
        taken back, on SQLite.
        """
        undoing = UndoingSqlite(self.app) if self.engine == "sqlite" else None
        tally = Tally()
        with watched(self.app) as changes:
            matrix = Matrix(app=self.app, office=self.office, changes=changes, depth=depth, undoing=undoing)
            for turn, kind in enumerate(authorisation().people.values()):
                if people is not None and kind.name not in people:
                    continue
                visitor = visit(self.app, self.office, kind)
                if undoing:
                    undoing.keep()
                tally.add(matrix.ask_all(visitor, turn))
        if undoing:
            undoing.close()
        return tally


def open_standing(url: str, folder: Path) -> Standing:
    """Build the office in an empty, migrated database."""
    app = create_app(replace(settings_for(url, folder), security_contact="mailto:aman@contoh.go.id"))
    app.testing = True
    app.extensions["portal.signer"] = signer_in(folder)
    return Standing(app, build_office(app), url.split(":")[0])
