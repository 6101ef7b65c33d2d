"""Two units side by side below a third, in every test of accounts."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.services.units import add_unit
from tests.services.accounts.people import NOW, SYSTEM


@pytest.fixture(autouse=True)
def units(app_context: Flask) -> None:  # noqa: ARG001  # services need the context
    add_unit(actor=SYSTEM, code="KPU", name="KPU RI", under=None, now=NOW)
    for code, name in (("KPU-1502", "KPU Merangin"), ("KPU-1503", "KPU Sarolangun")):
        add_unit(actor=SYSTEM, code=code, name=name, under="KPU", now=NOW)
