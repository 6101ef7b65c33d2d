"""A HEAD is answered by the same view as its GET, so it must tell apart no more than that does."""

from __future__ import annotations

from collections.abc import Iterator

from tests.matrix.addressed import objects_of, path_of
from tests.matrix.asking import Visitor, visit
from tests.matrix.authorisation import Address, authorisation
from tests.matrix.cells import fits
from tests.matrix.expected import Object, Outcome, expected
from tests.matrix.office import Office
from tests.matrix.standing import Standing

READ = [address for address in authorisation().addresses if address.method == "GET"]
STEP = 6
"""Each person asks every sixth address, and each address is asked by every sixth person of the file."""


def test_req_11_a_head_tells_no_more_than_its_get(standing: Standing) -> None:
    wrong: list[str] = []
    for turn, kind in enumerate(authorisation().people.values()):
        visitor = visit(standing.app, standing.office, kind)
        for address in READ[turn % STEP :: STEP]:
            wrong += _wrong(standing.office, visitor, address)
    assert not wrong, "\n".join(wrong)


def _wrong(office: Office, visitor: Visitor, address: Address) -> Iterator[str]:
    nothing = visitor.send("HEAD", path_of(office, address, None))
    for outcome, object_ in _one_of_each(office, visitor, address).items():
        answer = visitor.send("HEAD", path_of(office, address, object_))
        about = f"{visitor.kind.name}: HEAD instead of {address} about {object_}"
        if answer.text or not fits(outcome, answer):
            yield f"{about} was to be {outcome.value}, and was answered {answer.status} {answer.text[:80]}"
        elif outcome in {Outcome.MISSING, Outcome.FORBIDDEN} and answer != nothing:
            yield f"{about} is told from something that does not exist"


def _one_of_each(office: Office, visitor: Visitor, address: Address) -> dict[Outcome, Object]:
    """For each outcome that the address has for the person, an object that it is about."""
    return {expected(visitor.kind, address, object_): object_ for object_ in objects_of(office, address)}
