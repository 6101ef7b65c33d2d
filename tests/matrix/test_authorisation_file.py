"""docs/authorisation.yml leaves nothing out, and says nothing of what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from portal.domain.classification import Classification
from portal.domain.permissions import Permission
from portal.domain.roles import Role
from portal.web import init_web
from tests.matrix.authorisation import FILE, Address, authorisation
from tests.matrix.expected import CONDITIONS, WORDS
from tests.matrix.policy_table import policy_table

NIL = str(UUID(int=1))
IMPLIED = frozenset({"HEAD", "OPTIONS"})
"""Methods that Flask answers for a GET and for everything; `test_cells` is about those that a view names."""


@pytest.fixture(scope="module")
def web() -> Flask:
    """Every feature registered, without a database."""
    app = Flask("portal", static_folder=None, template_folder=None)
    init_web(app)
    return app


def _find(app: Flask, address: Address) -> tuple[str, str] | None:
    """Method and rule that the line is about, or None."""
    path = re.sub(r"<(uuid:)?\w+>", lambda found: NIL if found[1] else "nama", address.path)
    try:
        rule, _ = app.url_map.bind("localhost").match(path, method=address.method, return_rule=True)
    except HTTPException:
        return None
    return address.method, rule.rule


def test_req_01_every_address_has_a_line(web: Flask) -> None:
    known = {_find(web, address) for address in authorisation().addresses}
    there = {(method, rule.rule) for rule in web.url_map.iter_rules() for method in (rule.methods or set()) - IMPLIED}
    missing = sorted(f"{method} {rule}" for method, rule in there - known)
    assert not missing, f"{FILE.name} says nothing under `addresses` of {missing}: who may, and for which objects?"


def test_every_line_is_about_an_address(web: Flask) -> None:
    strange = [str(address) for address in authorisation().addresses if _find(web, address) is None]
    assert not strange, f"{FILE.name} has lines for addresses that are not there: {strange}"


def test_every_right_is_a_permission_and_has_a_line() -> None:
    told, there = set(authorisation().rights), {permission.value for permission in Permission}
    assert told == there, f"{FILE.name}, `rights`: missing {sorted(there - told)}, unknown {sorted(told - there)}"


def test_every_role_is_somebodys() -> None:
    held = {holding.role for kind in authorisation().people.values() for holding in kind.holds}
    named = {role for right in authorisation().rights.values() for role in right.cells}
    assert held == named == {role.value for role in Role}


def _unknown(said: Iterable[str], known: Iterable[str]) -> list[str]:
    return sorted(set(said) - set(known))


def test_every_word_has_its_meaning() -> None:
    data = authorisation()
    said = {word for right in data.rights.values() for role in right.cells for way in right.ways(role) for word in way}
    assert not _unknown(said, WORDS), "tests/matrix/expected.py does not know these words"
    assert set(data.words) == said, "`words` explains just the words that `rights` uses"


def test_every_condition_and_state_is_known() -> None:
    data = authorisation()
    conditions = {word for address in data.addresses for word in (*address.allowed, *(address.known or ()))}
    guards = {address.guard for address in data.addresses if address.guard}
    versions = {state for standing in data.evidence.values() for state in standing.versions}
    states = {state for address in data.addresses for state in address.states or ()}
    assert not _unknown(conditions, {*CONDITIONS, *data.rights})
    assert not _unknown(guards, data.rights)
    assert not _unknown(states, {*data.evidence, *versions, *Classification})


def test_the_page_on_the_policy_has_the_same_table() -> None:
    page = (FILE.parent / "policy.md").read_text()
    assert policy_table() in page, "print it with `python -m tests.matrix --policy` and put it into docs/policy.md"
