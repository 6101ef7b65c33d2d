"""The matrix itself: every kind of person asks every address about every kind of object, and each answer is held to
what the file says.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sql
from flask import Flask

from portal.db import db
from portal.models import LogLeaf
from tests.matrix.addressed import objects_of
from tests.matrix.asking import Answer, Visitor
from tests.matrix.authorisation import Address, Kind, authorisation
from tests.matrix.changes import Changes
from tests.matrix.expected import Object, Outcome, expected, reads_copies, sees
from tests.matrix.facts import Version
from tests.matrix.office import Office
from tests.matrix.selection import Depth, few, select
from tests.matrix.undoing import Undoing
from tests.web.walk.contents import contents_of

LOG = frozenset({"log_leaf", "log_head", "log_opening", "log_subtree", "scope_head"})
"""Tables of the trail: all that a GET may write to, and only where the file says so."""

WORD = re.compile(r"tanda\d{3}[tfc]")
TRIED = 2
"""Objects on which one person does what one address allows, where not everything is asked."""

SHOWN = 40
"""Complaints of one run that are told."""


@dataclass
class Tally:
    """What was asked and what was wrong."""

    asked: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.asked += other.asked
        self.complaints += other.complaints

    @property
    def report(self) -> str:
        """All complaints, or the first of them and how many there are."""
        rest = len(self.complaints) - SHOWN
        return "\n".join(self.complaints[:SHOWN] + ([f"… and {rest} more"] if rest > 0 else []))


@dataclass(kw_only=True)
class Matrix:
    """An application with its office. `undoing` is None where allowed changes are not tried."""

    app: Flask
    office: Office
    changes: Changes
    depth: Depth
    undoing: Undoing | None
    known_leaves: int = 0

    def new_events(self) -> set[str]:
        """What has entered the trail since this was asked last, or since it was set back."""
        query = sql.select(LogLeaf.seq, LogLeaf.body).where(LogLeaf.seq >= self.known_leaves)
        with self.app.app_context(), db.engine.connect() as connection:
            rows = connection.execute(query).all()
        self.known_leaves = max([self.known_leaves, *(row.seq + 1 for row in rows)])
        return {json.loads(row.body)["ev"]["type"] for row in rows}

    def ask_all(self, visitor: Visitor, turn: int) -> Tally:
        """All that one kind of person can ask; `turn` is another number for each."""
        tally, kind = Tally(), visitor.kind
        may_know = {word for version in self.office.versions for word in known_words(kind, version)}
        before = contents_of(self.app)
        self.new_events()
        for at, address in enumerate(authorisation().addresses, start=turn):
            _Asking(self, address, visitor, may_know, tally).ask(at)
        after = contents_of(self.app)
        changed = sorted(table for table in before if before[table] != after[table] and table not in LOG)
        tally.complaints += [f"{kind.name}: {table} has changed" for table in changed]
        return tally


@dataclass
class _Asking:
    """One person before one address."""

    matrix: Matrix
    address: Address
    visitor: Visitor
    may_know: set[str]
    tally: Tally
    did_something: bool = False

    def ask(self, turn: int) -> None:
        office, kind = self.matrix.office, self.visitor.kind
        objects = self._chosen(objects_of(office, self.address), turn)
        tried = 0
        nothing = self._answer(None) if None not in objects else None
        for object_ in objects:
            wanted = expected(kind, self.address, object_)
            if wanted is Outcome.ALLOWED and self.address.method == "POST":
                if tried < TRIED or self.matrix.depth is Depth.WHOLE:
                    self._try(object_)
                tried += 1
            else:
                self.matrix.changes.take()
                self._judge(self._answer(object_), nothing, wanted, object_)
        if tried and self.matrix.undoing and not (self.did_something or self.address.idle):
            self._complain("is allowed, but nothing ever comes of it", None)

    def _chosen(self, objects: Sequence[Object], turn: int) -> list[Object]:
        """Few where the role alone decides."""
        outcome = expected(self.visitor.kind, self.address, objects[0])
        if self.matrix.depth is not Depth.WHOLE and outcome in {Outcome.LOGIN, Outcome.FORBIDDEN}:
            return few(objects)
        return select(objects, self.matrix.depth, turn=turn, reads=self.address.method == "GET")

    def _answer(self, object_: Object) -> Answer:
        return self.visitor.ask(self.matrix.office, self.address, object_)

    def _try(self, object_: Object) -> None:
        """Do what is allowed, and take it back."""
        if self.matrix.undoing is None:
            return
        self.matrix.changes.take()
        with self.matrix.undoing.undone():
            answer = self.visitor.twin(self.matrix.app).ask(self.matrix.office, self.address, object_)
        self.matrix.known_leaves = 0
        self.matrix.new_events()
        self.did_something |= bool(self.matrix.changes.take())
        self._count(Outcome.ALLOWED)
        if not is_allowed(answer):
            self._complain(f"was to be allowed and answered {answer.status} {answer.location}", object_)

    def _judge(self, answer: Answer, nothing: Answer | None, wanted: Outcome, object_: Object) -> None:
        self._count(wanted)
        if not fits(wanted, answer):
            self._complain(f"was to be {wanted.value}, and was answered {answer.status} {answer.location}", object_)
        elif wanted in {Outcome.MISSING, Outcome.FORBIDDEN} and nothing is not None and answer != nothing:
            self._complain("is told from something that does not exist", object_)
        unknown = sorted(set(WORD.findall(answer.text)) - self.may_know)
        if unknown:
            self._complain(f"shows {', '.join(unknown)}", object_)
        written = self.matrix.changes.take()
        if written:
            self._judge_change(written, wanted, object_)

    def _judge_change(self, written: set[str], wanted: Outcome, object_: Object) -> None:
        """Nothing may be written, but for the events that the file names, by who knows the object."""
        named = set(self.address.leaves) if wanted in {Outcome.ALLOWED, Outcome.REFUSED} else set()
        told = self.matrix.new_events()
        if written - LOG or told - named:
            self._complain(f"has changed {', '.join(sorted(written | told))}", object_)

    def _count(self, outcome: Outcome) -> None:
        self.tally.asked[str(self.address), outcome] += 1

    def _complain(self, what: str, object_: Object) -> None:
        about = f" about {object_}" if object_ is not None else ""
        self.tally.complaints.append(f"{self.visitor.kind.name}: {self.address}{about} {what}")


def known_words(kind: Kind, version: Version) -> frozenset[str]:
    """The words of a version that a page may show to somebody."""
    if sees(kind, version):
        return version.words
    return version.copies if reads_copies(kind, version) else frozenset()


def is_allowed(answer: Answer) -> bool:
    return answer.status < 400 and not answer.is_login


def fits(wanted: Outcome, answer: Answer) -> bool:
    """Whether an answer is of this outcome, by its status."""
    return {
        Outcome.ALLOWED: is_allowed(answer),
        Outcome.LOGIN: answer.is_login,
        Outcome.FORBIDDEN: answer.status == 403,
        Outcome.MISSING: answer.status == 404,
        Outcome.REFUSED: 400 <= answer.status < 500,
    }[wanted]
