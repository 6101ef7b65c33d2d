"""Late, in time, or catching up on what was due before there was a plan."""

from datetime import date

import pytest

from portal.domain.punctuality import Punctuality, is_late, punctuality

ADOPTED = date(2025, 9, 22)


@pytest.mark.parametrize(
    ("submitted_on", "due_on", "expected"),
    [
        (date(2025, 9, 30), date(2025, 9, 30), Punctuality.ON_TIME),
        (date(2025, 10, 1), date(2025, 9, 30), Punctuality.LATE),
        (date(2025, 1, 31), date(2025, 1, 31), Punctuality.ON_TIME),
        (date(2026, 1, 31), date(2025, 1, 31), Punctuality.CATCH_UP),
        (date(2025, 10, 1), date(2025, 9, 21), Punctuality.CATCH_UP),
        (date(2025, 10, 1), ADOPTED, Punctuality.LATE),
        (date(2025, 10, 1), date(2022, 6, 30), Punctuality.CATCH_UP),
    ],
)
def test_punctuality(submitted_on: date, due_on: date, expected: Punctuality) -> None:
    assert punctuality(submitted_on=submitted_on, due_on=due_on, lateness_from=ADOPTED) is expected
    assert is_late(submitted_on=submitted_on, due_on=due_on, lateness_from=ADOPTED) is (expected is Punctuality.LATE)
