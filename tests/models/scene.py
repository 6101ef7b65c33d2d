"""A database with something in every guarded table, and a hand that sends it SQL as the owner of the schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from portal.db import db
from portal.domain.actor import Actor
from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.domain.classification import Classification
from portal.domain.events import UserDeactivated
from portal.domain.key_kind import KeyKind
from portal.domain.log.subtrees import WIDTH
from portal.domain.roles import Role
from portal.domain.second_admin import Settlement
from portal.domain.workflow import Action, State, Tier
from portal.models import (
    Bundle,
    BundleCompletion,
    BundleMember,
    BundleRevision,
    Decision,
    ExternalWindow,
    LinkedIdentity,
    LogAnchor,
    LogCheckpoint,
    Membership,
    MembershipProposal,
    PendingLogin,
    RecoveryCode,
    Redaction,
    Revision,
    RevisionLink,
    SecondFactor,
    SigningKey,
    StoredFile,
)
from portal.services import audit
from portal.services.classifying import change_classification
from portal.services.constraint_names import find_constraint
from portal.services.log_reader import get_head
from portal.services.unit_of_work import transaction
from tests.builders.world import NOW, World, act, add_draft, add_person, build_world, stored_file, submitted
from tests.fixtures.databases import as_owner

NOT_REFUSED = "not refused"


@dataclass(frozen=True)
class Scene:
    """`ids` are the parameters that every statement may use: rows by what they are, people, and fresh values."""

    connection: Connection
    ids: dict[str, Any]

    def refusal_of(self, statement: str, *, after: Sequence[str] = ()) -> str:
        """The name of the rule that refuses the statement, NOT_REFUSED when none does; leaves nothing behind.

        Those of `after` are sent before it, and must pass.
        """
        with self.connection.begin_nested() as nested:
            for earlier in after:
                self.connection.execute(text(earlier), self.ids)
            try:
                self.connection.execute(text(statement), self.ids)
            except IntegrityError as error:
                return find_constraint(error)
            finally:
                nested.rollback()
        return NOT_REFUSED


@contextmanager
def open_scene() -> Iterator[Scene]:
    """A revision of every state, a half approved one of a pair of reviewers, a sealed bundle, a checkpoint, and people.

    Who is named: `sender` sent everything, and could judge as far as his roles go; `reviewer` and `lead` judged;
    `neighbour` is another sender without any hand in it; of two admins `admin` proposed what `other_admin` confirmed.
    """
    world = build_world()
    sender = add_person(world, Role.UPLOADER, further=(Role.TPI_LEAD,))
    people = {
        "sender": sender,
        "reviewer": add_person(world, Role.TPI_MEMBER),
        "lead": add_person(world, Role.TPI_LEAD),
        "neighbour": add_person(world, Role.UPLOADER),
        "admin": add_person(world, Role.ADMIN),
        "other_admin": add_person(world, Role.ADMIN),
        "visitor": add_person(world, Role.AUDITOR, until=NOW.date()),
    }
    revisions = _revisions(world, sender, people["reviewer"], people["lead"])
    pairs = build_world(code="KPU-1503", tiers=(Tier(Role.TPI_MEMBER, 2), Tier(Role.TPI_LEAD)))
    people["second"] = add_person(pairs, Role.TPI_MEMBER)
    revisions["half"] = submitted(pairs, add_person(pairs, Role.UPLOADER))
    act(pairs, people["second"], Action.APPROVE, revisions["half"])
    people["coordinator"] = add_person(pairs, Role.AREA_COORDINATOR)
    change_classification(
        actor=people["lead"],
        requirement_id=world.requirements["I.1"],
        seen=Classification.BIASA,
        wanted=Classification.TERBATAS,
        reason="Memuat nama pelapor.",
        now=world.tick(),
    )
    rows = {**_records(world, revisions["approved"], sender), **_factor_of(people["lead"])}
    rows |= _grants(world, people)
    _fill_log()
    slots = {"own_slot": ("I.1", 2), "other_slot": ("I.2", 2)}
    ids = {
        **{name: key(revision_id) for name, revision_id in revisions.items()},
        **{name: key(person.person) for name, person in people.items()},
        **{f"{name}_membership": key(person.grants[-1].membership_id) for name, person in people.items()},
        **{name: key(world.slots[world.requirements[place]][month]) for name, (place, month) in slots.items()},
        **{name: key(value) for name, value in rows.items()},
        **{name: key(world.requirements[place]) for name, place in (("limited", "I.1"), ("open", "I.2"))},
        **{f"{name}_code": person.code for name, person in people.items()},
        "new": key(uuid4()),
        "now": datetime.now(UTC).isoformat(sep=" "),
        "fresh": b"\x01" * 32,
    }
    with as_owner() as connection:
        yield Scene(connection, ids)
        connection.rollback()


def key(value: UUID) -> str:
    """A UUID as this database's columns hold it."""
    return value.hex if db.engine.dialect.name == "sqlite" else str(value)


def _revisions(world: World, sender: Actor, reviewer: Actor, lead: Actor) -> dict[str, UUID]:
    """One revision of each state; `waiting` is the submitted one; like the draft it has a link and
    three files, of which the second is the redacted copy of the first.
    """
    found = {}
    for name, place, action in (
        ("approved", "I.1", Action.APPROVE),
        ("reopened", "I.2", Action.APPROVE),
        ("returned", "II.1", Action.RETURN),
        ("rejected", "II.2", Action.REJECT),
    ):
        found[name] = submitted(world, sender, place)
        act(world, reviewer, action, found[name])
    act(world, lead, Action.REOPEN, found["reopened"])
    found["withdrawn"], found["discarded"] = (
        submitted(world, sender, months=(2,)),
        add_draft(world, sender, months=(3,)),
    )
    act(world, sender, Action.WITHDRAW, found["withdrawn"])
    act(world, sender, Action.DISCARD, found["discarded"])
    for name, place in (("waiting", "II.1"), ("draft", "II.2")):
        files = tuple(stored_file(sender.person) for _ in range(3))
        found[name] = add_draft(world, sender, place, months=(2,), files=files)
    with transaction() as session:
        for name in ("waiting", "draft"):
            session.add(RevisionLink(revision_id=found[name], position=0, url="https://kantor.invalid", note=""))
        original, copy, _ = session.get_one(Revision, found["waiting"]).files
        session.add(Redaction(revision_id=found["waiting"], file_id=copy.file_id, original_id=original.file_id))
    act(world, sender, Action.SUBMIT, found["waiting"])
    return found


def _records(world: World, revision_id: UUID, sealer: Actor) -> dict[str, UUID]:
    """Ids of a sealed bundle and of rows that the services wrote."""
    with transaction() as session:
        bundle = Bundle(
            plan_id=world.plan_id,
            name="paket",
            sealed_by=sealer.person,
            membership_id=sealer.grants[0].membership_id,
            sealed_at=NOW,
            log_size=1,
            log_root="0" * 64,
            manifest_sha256="0" * 64,
            heads_sha256="0" * 64,
            files=1,
            left_out=0,
            evidence_size=9,
        )
        session.add(bundle)
        session.flush()
        session.add(
            BundleCompletion(
                bundle_id=bundle.id, size=99, checkpoint_size=2, checkpoint_root="0" * 64, completed_at=NOW
            )
        )
        session.add(BundleRevision(bundle_id=bundle.id, revision_id=revision_id))
        session.add(
            BundleMember(
                bundle_id=bundle.id, position=0, path="data/a", size=1, crc32=1, sha256="0" * 64, object_key="k"
            )
        )
        session.add(LogCheckpoint(size=1, origin="log", root="0" * 64, note="note", signed_at=NOW))
        session.add(SigningKey(kind=KeyKind.SSH, key="key", from_size=0))
        session.flush()  # an anchor is of a checkpoint that is there
        session.add(
            LogAnchor(
                size=1,
                kind=AnchorKind.PAPER,
                target="",
                outcome=AnchorOutcome.ANCHORED,
                detail="",
                actor="system:test",
                tried_at=NOW,
            )
        )
        return {
            "bundle": bundle.id,
            "decision": session.execute(select(Decision.id).limit(1)).scalar_one(),
            "file": session.execute(select(StoredFile.id).limit(1)).scalar_one(),
        }


def _factor_of(person: Actor) -> dict[str, UUID]:
    """Ids of a second factor and of its one recovery code; a login of the person waits for its code."""
    with transaction() as session:
        factor = SecondFactor(user_id=person.person, secret="A" * 32, last_step=9, enrolled_at=NOW)
        session.add(factor)
        session.flush()
        code = RecoveryCode(factor_id=factor.id, code_sha256="0" * 64, issued_at=NOW)
        session.add(code)
        session.add(LinkedIdentity(user_id=person.person, issuer="https://a.invalid", subject="s", linked_at=NOW))
        session.add(PendingLogin(user_id=person.person, token_sha256="1" * 64, started_at=NOW, tries=1))
        return {"factor": factor.id, "code": code.id}


def _grants(world: World, people: dict[str, Actor]) -> dict[str, UUID]:
    """Ids of a confirmed proposal, whose membership was not made yet, and of an open one; and the visitor's window."""
    admin, other, visitor = (people[name].person for name in ("admin", "other_admin", "visitor"))
    found = {}
    with transaction() as session:
        for name, settled in (("proposed", {}), ("confirmed", _confirmed_by(other))):
            proposal = MembershipProposal(
                user_id=visitor,
                unit_id=world.unit_id,
                role=Role.AUDITOR,
                sponsor_id=people["lead"].person,
                valid_from=date(2026, 5, 1),
                valid_until=date(2026, 5, 31),
                proposed_by=admin,
                proposed_at=NOW,
                expires_at=NOW + timedelta(days=7),
            )
            session.add(proposal)
            session.flush()
            for column, value in settled.items():
                setattr(proposal, column, value)
            found[name] = proposal.id
        membership = session.get_one(Membership, people["visitor"].grants[0].membership_id)
        session.add(
            ExternalWindow(
                membership_id=membership.id,
                sponsor_id=people["lead"].person,
                first_day=membership.valid_from,
                last_day=membership.valid_until or NOW.date(),
            )
        )
    return found


def _confirmed_by(person: UUID) -> dict[str, object]:
    return {"verdict": Settlement.CONFIRMED, "settled_by": person, "settled_at": NOW}


def _fill_log() -> None:
    """So far that it has a full subtree, and the next leaf but one makes another full."""
    with transaction() as session:
        for _ in range(get_head(session).size, 2 * WIDTH - 2):
            audit.record(session, UserDeactivated(obj=uuid4()), actor=Actor.system("test"), now=NOW)


REVISION_OF_STATE = {
    State.DRAFT: "draft",
    State.SUBMITTED: "waiting",
    State.APPROVED: "approved",
    State.RETURNED: "returned",
    State.REJECTED: "rejected",
    State.WITHDRAWN: "withdrawn",
    State.REOPENED: "reopened",
    State.DISCARDED: "discarded",
}
