"""Who may do what, for every address, kind of person and kind of object: the portal answers as docs/authorisation.yml
says, denied looks like missing, and whoever is refused, or only looks, changes nothing.
"""

from __future__ import annotations

from tests.matrix.expected import Outcome
from tests.matrix.selection import Depth
from tests.matrix.standing import Standing


def test_req_02_every_cell_is_answered_as_the_file_says(standing: Standing) -> None:
    """Also requirements 3, 4, 6 and 11: the rule is asked with the object, its parts follow it, foreign is missing."""
    tally = standing.ask(Depth.HALF if standing.engine == "sqlite" else Depth.SOME)
    assert not tally.complaints, tally.report
    assert {outcome for _, outcome in tally.asked} == set(Outcome)
