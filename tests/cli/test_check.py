"""What `portal check` says beside what would keep the portal from starting."""

from __future__ import annotations

import pytest

from portal.cli.check import warn_of_python


@pytest.mark.parametrize(("version", "warned"), [((3, 11, 13), True), ((3, 11, 14), False), ((3, 15, 0), False)])
def test_req_26_a_python_with_known_faults_is_warned_of(version: tuple[int, int, int], *, warned: bool) -> None:
    assert ("Pasang 3.11.14" in warn_of_python(*version)) is warned
